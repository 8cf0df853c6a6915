"""What work, space, tickets and other things that are no goods are worth."""

"""What somebody wants to be told of, and the outbox of what was told."""

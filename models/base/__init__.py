"""What a thing is worth at the reference: hedonic model, comparables, and their blend."""

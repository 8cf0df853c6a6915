"""What the drivers of the market do to prices: learned from the past, with shrinkage, and kept only where it helps."""

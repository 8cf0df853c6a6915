"""What the community gives and takes: fees, demurrage, grants, credits, jubilees and crises. Every one sums to zero."""

"""The life of a model: what it learned from, whether a change is better, and whether it still holds."""

"""The life of a model: what it learned from, whether a change is better, whether it still holds, what is wrong with it."""

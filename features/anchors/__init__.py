"""Currencies in trouble, and the rate that people really pay for them."""

"""The three sites of the town, served on loopback: a shop, classified ads, and a market that needs JavaScript."""

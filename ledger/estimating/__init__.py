"""What members take unique things to be worth, and the price that followed."""

"""Where the market stands: levels of areas and reference prices of products, raw and published."""

"""Community policy as dated data: what holds from which day on."""

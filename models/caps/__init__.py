"""Trade caps: how much Katy suggests at most in a trade while prices surge or a disaster is declared."""

"""Who may say how much about a price: nobody counts twice, and what looks arranged is hardly heard."""

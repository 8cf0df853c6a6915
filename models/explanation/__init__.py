"""Why a value is what it is: the computation taken apart, and what would change it."""

"""The tax papers: what each member received and gave in a year, Form 1099-B for barter, and books to take away."""

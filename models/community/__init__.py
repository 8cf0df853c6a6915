"""What people take a thing to be worth: their estimates as evidence, weighed by record and independence."""

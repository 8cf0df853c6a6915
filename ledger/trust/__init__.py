"""Trust in the books: who lets whom in, what members may do by it, what is known of them, and who looked."""

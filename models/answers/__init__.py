"""From what was learned to what is handed out: values, factors, words, comparables."""

"""The book: what is staged, what Sphinx makes of it, and how it reads in a browser without a network."""

"""PDF: characters with their place and look, what a person can see of them, columns, lines, blocks."""

"""Measuring what the project promises, on invented people: the gate, and the match."""

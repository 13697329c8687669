"""What can be done with postings, and for them."""

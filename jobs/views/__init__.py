"""Pages of `jobs`."""

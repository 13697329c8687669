"""Pages of `cv`."""

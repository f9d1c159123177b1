"""Records from and for other systems."""

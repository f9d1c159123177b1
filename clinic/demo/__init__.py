"""A synthetic clinic with the shapes of a real one."""

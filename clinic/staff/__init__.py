"""The people who work here and how they sign in."""

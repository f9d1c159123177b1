"""Controlled stock: what came in, what is open, what went out, and whether the count agrees."""

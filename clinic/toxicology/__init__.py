"""Specimens and their results."""

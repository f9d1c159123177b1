"""Counts over the whole house, for now and for any past day."""

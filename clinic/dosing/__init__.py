"""Medication orders, the queue of the day, doses, stock."""

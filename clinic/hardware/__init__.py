"""Printers and pumps: machines of others, spoken to by their own protocols."""

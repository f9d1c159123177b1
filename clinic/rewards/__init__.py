"""Contingency management: protocols, awards, the ledger."""

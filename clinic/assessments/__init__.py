"""Instruments and what they measure."""

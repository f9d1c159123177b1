"""Clinics: where they are, how they count their days, which rules they chose."""

"""Printed pages of dosing."""

from __future__ import annotations

from clinic.dosing.papers.downtime import pack_pdf
from clinic.dosing.papers.labels import label_text

__all__ = ["label_text", "pack_pdf"]

"""Printed pages of dosing."""

from __future__ import annotations

from clinic.dosing.papers.downtime import pack_pdf

__all__ = ["pack_pdf"]

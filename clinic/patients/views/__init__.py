"""Pages of who is treated."""

from __future__ import annotations

from clinic.patients.views import chart, coverage, register
from clinic.patients.views.blueprint import patients

__all__ = ["chart", "coverage", "patients", "register"]

"""Pages of the schedule."""

from __future__ import annotations

from clinic.scheduling.views import board, booking, patient, resources
from clinic.scheduling.views.blueprint import scheduling

__all__ = ["board", "booking", "patient", "resources", "scheduling"]

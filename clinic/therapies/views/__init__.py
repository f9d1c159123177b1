"""Pages of the treatments: the catalogue, and a patient's courses."""

from __future__ import annotations

from clinic.therapies.views import catalogue, courses, starting
from clinic.therapies.views.blueprint import therapies

__all__ = ["catalogue", "courses", "starting", "therapies"]

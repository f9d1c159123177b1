"""Pages of signing in and of the people who work here."""

from __future__ import annotations

from clinic.staff.views import people, session
from clinic.staff.views.blueprint import staff

__all__ = ["people", "session", "staff"]

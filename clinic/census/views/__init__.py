"""Pages of the census: the morning page of any day, and the names behind its numbers."""

from __future__ import annotations

from clinic.census.views import jobs, measures, outgoing, pages, plots, query, runs, saved
from clinic.census.views.blueprint import census

__all__ = ["census", "jobs", "measures", "outgoing", "pages", "plots", "query", "runs", "saved"]

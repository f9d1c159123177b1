"""Counts, names, history: everything the census reads. It never writes."""

from __future__ import annotations

from clinic.census.queries.day import (
    census_on,
    doses_on,
    modality_label,
    series,
    snapshots,
)
from clinic.census.queries.measures import capacity_notice, measures, stays
from clinic.census.queries.morning import HISTORY_DAYS, Morning, history, morning
from clinic.census.queries.people import movements, people_in, title

__all__ = [
    "HISTORY_DAYS",
    "Morning",
    "capacity_notice",
    "census_on",
    "doses_on",
    "history",
    "measures",
    "modality_label",
    "morning",
    "movements",
    "people_in",
    "series",
    "snapshots",
    "stays",
    "title",
]

"""Counts, names, history: everything the census reads. It never writes."""

from __future__ import annotations

from clinic.census.queries.corrections import recorded_later
from clinic.census.queries.day import (
    census_on,
    doses_on,
    modality_label,
    series,
    snapshots,
)
from clinic.census.queries.measures import capacity_notice, measures, stays
from clinic.census.queries.morning import (
    COMPARED_DAYS,
    HISTORY_DAYS,
    Morning,
    day_census,
    history,
    morning,
)
from clinic.census.queries.people import Number, movements, people_in, people_of, title
from clinic.census.queries.replay import replay
from clinic.census.queries.slices import tables

__all__ = [
    "COMPARED_DAYS",
    "HISTORY_DAYS",
    "Morning",
    "Number",
    "capacity_notice",
    "census_on",
    "day_census",
    "doses_on",
    "history",
    "measures",
    "modality_label",
    "morning",
    "movements",
    "people_in",
    "people_of",
    "recorded_later",
    "replay",
    "series",
    "snapshots",
    "stays",
    "tables",
    "title",
]

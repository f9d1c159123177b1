"""What the counts mean: how the program stands, and which of them may leave the house."""

from __future__ import annotations

from clinic.census.rules.deliveries import fate, wait_before_next_try
from clinic.census.rules.program import (
    CENSUS_SOURCE,
    LENGTH_OF_STAY_SOURCE,
    RETENTION_SOURCE,
    capacity_notice,
    length_of_stay,
    patient_days,
    period_census,
    retention_from_episodes,
    retention_rate,
)
from clinic.census.rules.suppression import (
    WITHHELD,
    cell,
    released,
    released_together,
)

__all__ = [
    "CENSUS_SOURCE",
    "LENGTH_OF_STAY_SOURCE",
    "RETENTION_SOURCE",
    "WITHHELD",
    "capacity_notice",
    "cell",
    "fate",
    "length_of_stay",
    "patient_days",
    "period_census",
    "released",
    "released_together",
    "retention_from_episodes",
    "retention_rate",
    "wait_before_next_try",
]

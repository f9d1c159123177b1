"""Words of the counts: a day and its moves, a period, an occupancy, a stay, a retention."""

from __future__ import annotations

from clinic.census.facts.axes import (
    BED_LEVELS,
    CARE_LEVELS,
    MOVE_AXES,
    Axis,
    MoveKind,
)
from clinic.census.facts.day import (
    CensusDay,
    CensusSeries,
    CountDifference,
    Counts,
    DoseCount,
    Group,
    LevelLine,
    MoveCount,
)
from clinic.census.facts.people import (
    Movement,
    Person,
)
from clinic.census.facts.periods import (
    RETENTION_DAYS,
    CapacityNotice,
    CapacityTerms,
    LengthOfStay,
    Measure,
    MeasureTerms,
    PeriodCensus,
    Retention,
)

__all__ = [
    "BED_LEVELS",
    "CARE_LEVELS",
    "MOVE_AXES",
    "RETENTION_DAYS",
    "Axis",
    "CapacityNotice",
    "CapacityTerms",
    "CensusDay",
    "CensusSeries",
    "CountDifference",
    "Counts",
    "DoseCount",
    "Group",
    "LengthOfStay",
    "LevelLine",
    "Measure",
    "MeasureTerms",
    "MoveCount",
    "MoveKind",
    "Movement",
    "PeriodCensus",
    "Person",
    "Retention",
]

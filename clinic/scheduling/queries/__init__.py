"""The schedule as people ask for it: who comes, what is free, what became of it."""

from __future__ import annotations

from clinic.scheduling.queries.arrivals import arrivals, latest_arrival
from clinic.scheduling.queries.attendance import (
    AttendanceCounts,
    CourseProgress,
    attendance_counts,
    course_progress,
)
from clinic.scheduling.queries.board import (
    BoardItem,
    BoardRow,
    DueSource,
    bookings_of,
    day_board,
    next_booked_day,
)
from clinic.scheduling.queries.calendar import (
    GroupOpening,
    Opening,
    diaries,
    group_openings,
    open_days,
    openings,
)
from clinic.scheduling.queries.placement import (
    PlacementRequest,
    propose_placement,
    times_that_fit,
)
from clinic.scheduling.queries.resources import (
    HeldTime,
    ResourceRow,
    ResourceWeek,
    WeekDay,
    free_resources,
    resource_names,
    resource_week,
    resources,
)

__all__ = [
    "AttendanceCounts",
    "BoardItem",
    "BoardRow",
    "CourseProgress",
    "DueSource",
    "GroupOpening",
    "HeldTime",
    "Opening",
    "PlacementRequest",
    "ResourceRow",
    "ResourceWeek",
    "WeekDay",
    "arrivals",
    "attendance_counts",
    "bookings_of",
    "course_progress",
    "day_board",
    "diaries",
    "free_resources",
    "group_openings",
    "latest_arrival",
    "next_booked_day",
    "open_days",
    "openings",
    "propose_placement",
    "resource_names",
    "resource_week",
    "resources",
    "times_that_fit",
]

"""Half-open periods: the start belongs, the end does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of instants ``[starts_at, ends_at)``, both aware.

    Raises: ValueError when naive, empty or backwards.
    """

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("a period needs aware instants")
        if self.ends_at <= self.starts_at:
            raise ValueError("a period must end after it starts")

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    def overlaps(self, other: Period) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A run of service dates ``[first, until)``; ``until`` None means it is still open.

    Raises: ValueError when ``until`` is before ``first``. Equal dates are an empty run.
    """

    first: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.first:
            raise ValueError("a run of days cannot end before it starts")

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)

    def overlaps(self, other: Days) -> bool:
        return (other.until is None or self.first < other.until) and (
            self.until is None or other.first < self.until
        )

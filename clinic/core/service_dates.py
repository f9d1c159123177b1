"""Which clinic day an instant belongs to, and which clinic days a job owes.

A site's day may start at 04:00: a dose at 01:30 then belongs to the day before. Nothing here
reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SiteClock:
    """A site as far as time and tenancy know it: who owns it and how it counts its days."""

    id: UUID
    organization_id: UUID
    time_zone: str
    day_starts_at: time = time(0, 0)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def service_date(self, instant: datetime) -> date:
        """The clinic day an instant belongs to.

        Units: ``instant`` is aware; the answer is a calendar date of the site.
        """
        wall = self.local(instant)
        return wall.date() if wall.time() >= self.day_starts_at else wall.date() - ONE_DAY

    def instant(self, day: date, wall_time: time) -> datetime:
        """The UTC instant of a wall time on a calendar day.

        A wall time the spring change skips is read with the offset before the change (02:30 in
        New York is 03:30 daylight time); one that the autumn change repeats is its first pass.
        """
        return datetime.combine(day, wall_time, tzinfo=self.zone).astimezone(UTC)

    def day_start(self, service_date: date) -> datetime:
        """The instant a clinic day begins; the day before ends there."""
        return self.instant(service_date, self.day_starts_at)


def dates_due(clock: SiteClock, *, at: time, after: date, now: datetime) -> Iterator[date]:
    """Calendar days of the site later than ``after`` whose moment ``at`` has come by ``now``.

    Shape: oldest first, without gap: a machine that slept for three days owes three dates.
    Invariant: over any clock change each date is due exactly once, because dates are walked
    and instants compared, and no wall-clock trigger is involved.
    """
    day = after + ONE_DAY
    while clock.instant(day, at) <= now:
        yield day
        day += ONE_DAY

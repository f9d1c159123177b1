"""Everything the morning page shows of a day, read together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.census.facts import (
    Axis,
    AxisLine,
    CapacityNotice,
    CensusDay,
    CensusSeries,
    CountDifference,
    DoseCount,
    Flows,
    Measure,
    Slice,
    Vantage,
)
from clinic.census.facts.work import Correction, DayWork, PeriodTotals
from clinic.census.queries import slices
from clinic.census.queries.corrections import recorded_later
from clinic.census.queries.day import census_on, doses_on, series, snapshots
from clinic.census.queries.measures import capacity_notice, measures
from clinic.census.queries.people import movements
from clinic.census.queries.replay import replay
from clinic.census.queries.work import day_work
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.sites.queries import SiteFacts, site

HISTORY_DAYS = 90
"""The quarter that the picture shows."""

COMPARED_DAYS = (7, 28, 45)
"""The periods that can be compared with the one before: both lie within the quarter."""


@dataclass(frozen=True, slots=True)
class KnownThen:
    """The count as it could be made on that evening, and what has been recorded of it since."""

    total: AxisLine
    differences: tuple[CountDifference, ...]
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class Morning:
    """``counted_at`` is when the night's job wrote the day down; ``changed_since`` what of that
    reads otherwise now, because somebody recorded a fact of that day later. Of a slice, or of a
    minute, no night's count was written and no measure is kept. ``known`` is None until the
    evening has come.
    """

    site: SiteFacts
    part: Slice
    at: datetime | None
    census: CensusDay
    tables: Mapping[Axis, list[AxisLine]]
    choices: Mapping[Axis, Mapping[str, str]]
    history: CensusSeries
    periods: tuple[PeriodTotals, PeriodTotals]
    measures: list[Measure]
    doses: DoseCount | None
    notice: CapacityNotice | None
    notice_since: date | None
    counted_at: datetime | None
    changed_since: tuple[CountDifference, ...]
    known: KnownThen | None
    work: DayWork

    @property
    def reconciles(self) -> bool:
        """Yesterday and the day's moves make today, on every value of every axis."""
        lines = [line for table in self.tables.values() for line in table]
        return self.census.reconciles and all(line.reconciles for line in lines)


def history(work: Work, *, day: date, part: Slice | None = None) -> CensusSeries:
    """The census of the quarter that ends with ``day``, of everybody or of a slice."""
    first = day - timedelta(days=HISTORY_DAYS - 1)
    if not part:
        return series(work, first=first, until=day + ONE_DAY)
    return slices.series_of(replay(work, vantage=Vantage(day), first=first), part=part, first=first)


def morning(
    work: Work,
    *,
    day: date,
    part: Slice | None = None,
    at: datetime | None = None,
    compared_days: int = COMPARED_DAYS[0],
) -> Morning:
    """The morning page of a day; the number of statements never depends on the patients."""
    part = part or Slice()
    here = site(work)
    found = replay(work, vantage=Vantage(day, at=at))
    census = day_census(work, found, part=part)
    past = history(work, day=day, part=part)
    is_whole = not part and at is None
    notice, since = (capacity_notice(past, capacity=here.capacity) if is_whole else None) or (
        None,
        None,
    )
    written_at, written = snapshots(work, first=day, until=day + ONE_DAY).get(day, (None, None))
    return Morning(
        site=here,
        part=part,
        at=at,
        census=census,
        tables=slices.tables(found, part=part),
        choices=slices.choices(found),
        history=past,
        periods=slices.compared(past, days=compared_days),
        measures=measures(work, day=day) if is_whole else [],
        doses=doses_on(work, day=day) if is_whole else None,
        notice=notice,
        notice_since=since,
        counted_at=written_at if is_whole else None,
        changed_since=census.differences(written) if written is not None and is_whole else (),
        known=_known_then(work, census=census, part=part, at=at),
        work=day_work(work, day=day, found=found, part=part),
    )


def day_census(work: Work, found: Flows, *, part: Slice) -> CensusDay:
    """The census of what was replayed: read by itself for a whole day of everybody."""
    vantage = found.vantage
    if not part and vantage.at is None and vantage.known_by is None:
        return census_on(work, day=vantage.day)
    return slices.census_of(found, part=part, moves=movements(work, day=vantage.day))


def _known_then(
    work: Work, *, census: CensusDay, part: Slice, at: datetime | None
) -> KnownThen | None:
    day = census.day
    if day >= work.service_date or at is not None:
        return None
    evening = work.site.day_start(day + ONE_DAY)
    found = replay(work, vantage=Vantage(day, known_by=evening))
    moves = [one for one in movements(work, day=day) if not one.recorded_later]
    known = slices.census_of(found, part=part, moves=moves)
    return KnownThen(
        total=found.total(part=part),
        differences=census.differences(known.counts()),
        corrections=tuple(recorded_later(work, day=day)),
    )

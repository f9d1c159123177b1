"""Everything the morning page shows of a day, read together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.census.facts import (
    CapacityNotice,
    CensusDay,
    CensusSeries,
    CountDifference,
    DoseCount,
    Measure,
)
from clinic.census.queries.day import census_on, doses_on, series, snapshots
from clinic.census.queries.measures import capacity_notice, measures
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.sites.queries import SiteFacts, site

HISTORY_DAYS = 90
"""The quarter that the picture shows."""


@dataclass(frozen=True, slots=True)
class Morning:
    """``counted_at`` is when the night's job wrote the day down; ``changed_since`` what of that
    reads otherwise now, because somebody recorded a fact of that day later.
    """

    site: SiteFacts
    census: CensusDay
    history: CensusSeries
    measures: list[Measure]
    doses: DoseCount
    notice: CapacityNotice | None
    notice_since: date | None
    counted_at: datetime | None
    changed_since: tuple[CountDifference, ...]


def history(work: Work, *, day: date) -> CensusSeries:
    """The census of the quarter that ends with ``day``."""
    return series(work, first=day - timedelta(days=HISTORY_DAYS - 1), until=day + ONE_DAY)


def morning(work: Work, *, day: date) -> Morning:
    """The morning page of a day; the number of statements never depends on the patients."""
    here = site(work)
    census = census_on(work, day=day)
    past = history(work, day=day)
    notice, since = capacity_notice(past, capacity=here.capacity) or (None, None)
    taken_at, written = snapshots(work, first=day, until=day + ONE_DAY).get(day, (None, None))
    return Morning(
        site=here,
        census=census,
        history=past,
        measures=measures(work, day=day),
        doses=doses_on(work, day=day),
        notice=notice,
        notice_since=since,
        counted_at=taken_at,
        changed_since=() if written is None else census.differences(written),
    )

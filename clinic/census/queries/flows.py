"""How people move, come and are dosed over a run of days: what the pictures are drawn from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from clinic.census.facts import CARE_LEVELS, CensusSeries, MeasureTerms
from clinic.census.facts.measures import (
    Case,
    Flow,
    Hour,
    Quarter,
    Span,
    SurvivalCurve,
    Tally,
)
from clinic.census.queries import evidence
from clinic.census.queries.day import series
from clinic.census.queries.figures import Named, named
from clinic.census.queries.requests import requests
from clinic.census.queries.survival import half_year_curves
from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.dosing.models import Dose, DoseVoid
from clinic.programs.facts import CareState
from clinic.programs.models import CareTransition
from clinic.scheduling.facts import BookingStatus
from clinic.sites.queries import SiteFacts, policy, site

WEEK = timedelta(weeks=1)
DOSING_DAYS = 14
"""Two weeks show the shape of a dosing day, and every weekday twice."""
QUARTER_MINUTES = 15
DOOR = "door"
"""How an address names where nobody has come from yet."""


class Plot(StrEnum):
    """Pictures whose parts open names of their own; the others open those of a measure."""

    FLOW = "flow"
    HOUR = "hour"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Pictures:
    """What every picture of a period shows."""

    span: Span
    site: SiteFacts
    history: CensusSeries
    flows: tuple[Flow, ...]
    curves: tuple[SurvivalCurve, ...]
    hours: tuple[Hour, ...]
    dosing_span: Span
    dosing_days: int
    quarters: tuple[Quarter, ...]
    no_shows: tuple[Tally, ...]
    admissions: tuple[Tally, ...]


def pictures(work: Work, *, span: Span) -> Pictures:
    """Every picture of a period; the number of statements never depends on the patients."""
    terms = policy(work, MeasureTerms(), of="census", on=span.last)
    history = series(work, first=span.first, until=span.until)
    stays = requests(work, since=span.last - timedelta(days=terms.cohort_days), day=span.last)
    dosing_span = Span.of_days(min(DOSING_DAYS, span.days), last=span.last)
    days, quarters = _quarters(work, dosing_span)
    hours, no_shows = _visits(work, span)
    return Pictures(
        span=span,
        site=site(work),
        history=history,
        flows=_flows(work, span),
        curves=half_year_curves(stays, last=span.last),
        hours=hours,
        dosing_span=dosing_span,
        dosing_days=days,
        quarters=quarters,
        no_shows=no_shows,
        admissions=tuple(
            Tally(week.first, sum(history.admitted[row] for row in _rows(week, span)), 0)
            for week in whole_weeks(span)
        ),
    )


def whole_weeks(span: Span) -> tuple[Span, ...]:
    """The weeks of seven days that end with the last day, oldest first; a shorter rest is left."""
    return tuple(
        Span.of_days(WEEK.days, last=span.last - WEEK * number)
        for number in reversed(range(span.days // WEEK.days))
    )


def _rows(week: Span, span: Span) -> range:
    first = (week.first - span.first).days
    return range(first, first + week.days)


def _flows(work: Work, span: Span) -> tuple[Flow, ...]:
    """Moves of the span between levels of care, in and out; a name not yet admitted is no move."""
    rows = work.session.execute(
        sa.select(CareTransition.from_state, CareTransition.to_state, sa.func.count())
        .where(*_moves(work, span))
        .group_by(CareTransition.from_state, CareTransition.to_state)
    )
    order = list(CareState)
    return tuple(
        sorted(
            (Flow(*row) for row in rows),
            key=lambda flow: (
                -1 if flow.from_state is None else order.index(flow.from_state),
                order.index(flow.to_state),
            ),
        )
    )


def _moves(work: Work, span: Span) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        CareTransition.site_id == work.site.id,
        CareTransition.service_date >= span.first,
        CareTransition.service_date <= span.last,
        sa.or_(
            CareTransition.to_state.in_(CARE_LEVELS), CareTransition.from_state.in_(CARE_LEVELS)
        ),
    )


def _visits(work: Work, span: Span) -> tuple[tuple[Hour, ...], tuple[Tally, ...]]:
    """Visits by hour of the week, and the weeks' no-shows; one statement."""
    found = evidence.visits(work, span)
    rows = work.session.execute(
        sa.select(found.c.service_date, found.c.starts_at, found.c.status, sa.func.count())
        .where(evidence.came_due(found.c.status))
        .group_by(found.c.service_date, found.c.starts_at, found.c.status)
    )
    kept: Counter[tuple[int, int]] = Counter()
    due: Counter[tuple[int, int]] = Counter()
    missed_on: Counter[date] = Counter()
    due_on: Counter[date] = Counter()
    for on, starts_at, status, count in rows:
        wall = work.site.local(starts_at)
        hour = (wall.weekday(), wall.hour)
        due[hour] += count
        due_on[on] += count
        kept[hour] += count * (status is BookingStatus.ATTENDED)
        missed_on[on] += count * (status in evidence.NOT_KEPT)
    weeks = tuple(
        Tally(
            week.first,
            sum(missed_on[day] for day in week.every_day),
            sum(due_on[day] for day in week.every_day),
        )
        for week in whole_weeks(span)
    )
    return tuple(Hour(*hour, kept[hour], due[hour]) for hour in sorted(due)), weeks


def _doses(work: Work, span: Span) -> sa.Select[date, datetime, UUID]:
    return sa.select(Dose.service_date, Dose.occurred_at, Dose.patient_id).where(
        Dose.site_id == work.site.id,
        Dose.service_date >= span.first,
        Dose.service_date <= span.last,
        ~sa.exists().where(DoseVoid.site_id == Dose.site_id, DoseVoid.dose_id == Dose.id),
    )


def _quarters(work: Work, span: Span) -> tuple[int, tuple[Quarter, ...]]:
    """On how many days anybody was dosed, and when in the day; one statement."""
    days = set()
    doses: Counter[int] = Counter()
    for on, at, _ in work.session.execute(_doses(work, span)):
        days.add(on)
        doses[_minute(work, at)] += 1
    if not doses:
        return 0, ()
    return len(days), tuple(
        Quarter(minute, doses[minute])
        for minute in range(min(doses), max(doses) + 1, QUARTER_MINUTES)
    )


def _minute(work: Work, at: datetime) -> int:
    """The minute of the wall-clock day at which the quarter of an hour begins."""
    wall = work.site.local(at)
    return wall.hour * 60 + wall.minute // QUARTER_MINUTES * QUARTER_MINUTES


def behind_plot(work: Work, plot: Plot, *, value: str, span: Span) -> list[Named]:
    """The names behind a part of a picture: a move ``a>b``, an hour ``0-9``, a minute of the day.

    Raises: NotFound for a part there cannot be.
    """
    read = {Plot.FLOW: _moved, Plot.HOUR: _came, Plot.QUARTER: _dosed}[plot]
    try:
        return named(work, read(work, value, span=span))
    except ValueError:
        raise NotFound("part of the picture") from None


def _moved(work: Work, value: str, *, span: Span) -> list[Case]:
    came, went = value.split(">")
    from_state = None if came == DOOR else CareState(came)
    rows = work.session.execute(
        sa.select(CareTransition.patient_id, CareTransition.service_date).where(
            *_moves(work, span),
            CareTransition.from_state.is_(None)
            if from_state is None
            else CareTransition.from_state == from_state,
            CareTransition.to_state == CareState(went),
        )
    )
    return [Case(patient_id, on) for patient_id, on in rows]


def _came(work: Work, value: str, *, span: Span) -> list[Case]:
    weekday, hour = (int(number) for number in value.split("-"))
    found = evidence.visits(work, span)
    rows = work.session.execute(sa.select(found).where(evidence.came_due(found.c.status)))
    return [
        Case(
            row.patient_id,
            row.service_date,
            counts=row.status is BookingStatus.ATTENDED,
            note=row.status.label,
        )
        for row in rows
        if (wall := work.site.local(row.starts_at)).weekday() == weekday and wall.hour == hour
    ]


def _dosed(work: Work, value: str, *, span: Span) -> list[Case]:
    minute = int(value)
    return [
        Case(patient_id, on, note=f"{work.site.local(at):%H:%M}")
        for on, at, patient_id in work.session.execute(_doses(work, span))
        if _minute(work, at) == minute
    ]

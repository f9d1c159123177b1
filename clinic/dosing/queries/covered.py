"""Days covered otherwise than at this window: a bottle taken home, a dose at another program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.dosing.facts import LEFT, BottleState, CoveredDose
from clinic.dosing.facts.guests import GuestDirection
from clinic.dosing.queries.tables import DAY, GUEST_DOSE, GUEST_STAY, PATIENT, TAKE_HOME

_TAKEN = (BottleState.HANDED_OUT, BottleState.RETURNED_EMPTY)
"""A lost bottle covers its date until the prescriber releases it, but nobody took it."""

Condition = Callable[[Any], Any]


def is_at_home(bottle: sa.FromClause = TAKE_HOME) -> sa.ColumnElement[bool]:
    """The bottle went over the counter and its date may not be covered again."""
    return sa.and_(bottle.c.covers, bottle.c.state.in_(LEFT))


def bottle_edge(*when: Condition, latest: bool) -> sa.ScalarSelect[Any]:
    """The latest or earliest date of a bottle the patient took home and did not lose."""
    bottle = TAKE_HOME.alias()
    day = bottle.c.take_on
    conditions = [condition(day) for condition in when]
    return (
        sa.select(day)
        .where(
            bottle.c.patient_id == PATIENT.c.id,
            bottle.c.covers,
            bottle.c.state.in_(_TAKEN),
            *conditions,
        )
        .order_by(day.desc() if latest else day)
        .limit(1)
        .scalar_subquery()
    )


def last_guest_dose() -> sa.ScalarSelect[Any]:
    """The last day before this one on which another program told us of a dose."""
    return (
        sa.select(GUEST_DOSE.c.given_on)
        .where(
            GUEST_DOSE.c.patient_id == PATIENT.c.id,
            GUEST_DOSE.c.given_on < DAY,
            _is_away(GUEST_STAY),
            GUEST_STAY.c.id == GUEST_DOSE.c.stay_id,
        )
        .order_by(GUEST_DOSE.c.given_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def is_covered() -> sa.ColumnElement[bool]:
    """Whether a bottle or another program covers the day, whatever the site."""
    bottle = (
        sa.exists()
        .where(
            TAKE_HOME.c.patient_id == PATIENT.c.id,
            TAKE_HOME.c.take_on == DAY,
            is_at_home(),
        )
        .correlate(PATIENT)
    )
    stay = (
        sa.exists()
        .where(
            GUEST_STAY.c.patient_id == PATIENT.c.id,
            GUEST_STAY.c.starts_on <= DAY,
            GUEST_STAY.c.ends_on > DAY,
            _is_away(GUEST_STAY),
        )
        .correlate(PATIENT)
    )
    return sa.or_(bottle, stay)


def on_day(
    work: Work, *, day: date, patient_id: UUID | None = None
) -> dict[UUID, tuple[CoveredDose, ...]]:
    """What covers a day otherwise than at the window, by patient; of one patient when named."""
    found: dict[UUID, tuple[CoveredDose, ...]] = {}
    for row in _bottles(work, patient_id, TAKE_HOME.c.take_on == day):
        what = f"Bottle {row.code} for {day:%d %b} went home on {row.handed_out_on:%d %b}."
        if row.state is not BottleState.HANDED_OUT:
            what = f"{what} It is {row.state.label.lower()}."
        found[row.patient_id] = (*found.get(row.patient_id, ()), CoveredDose(what, row.portion))
    for row in _stays(work, patient_id, first=day, until=day + ONE_DAY):
        last = row.ends_on - ONE_DAY
        what = f"Guest of {row.other_name} until {last:%d %b}: dosed there, not here."
        found[row.patient_id] = (*found.get(row.patient_id, ()), CoveredDose(what))
    return found


def of_patient(work: Work, *, patient_id: UUID, first: date, until: date) -> dict[date, str]:
    """Days of ``[first, until)`` covered otherwise than at the window, and how, in a word."""
    days: dict[date, str] = {}
    for row in _stays(work, patient_id, first=first, until=until):
        begins, ends = max(first, row.starts_on), min(until, row.ends_on)
        days |= {
            date.fromordinal(number): "guest elsewhere"
            for number in range(begins.toordinal(), ends.toordinal())
        }
    within = sa.and_(TAKE_HOME.c.take_on >= first, TAKE_HOME.c.take_on < until)
    for row in _bottles(work, patient_id, within):
        is_lost = row.state in {BottleState.LOST, BottleState.STOLEN}
        days[row.take_on] = f"take-home {row.state.value}" if is_lost else "take-home"
    return days


def _bottles(work: Work, patient_id: UUID | None, when: sa.ColumnElement[bool]) -> Any:
    bottle = TAKE_HOME
    whose = (
        bottle.c.site_id == work.site.id
        if patient_id is None
        else bottle.c.patient_id == patient_id
    )
    return work.session.connection().execute(
        sa.select(
            bottle.c.patient_id,
            bottle.c.code,
            bottle.c.take_on,
            bottle.c.portion,
            bottle.c.state,
            bottle.c.handed_out_on,
        )
        .where(whose, when, is_at_home())
        .order_by(bottle.c.take_on, bottle.c.portion)
    )


def _stays(work: Work, patient_id: UUID | None, *, first: date, until: date) -> Any:
    stay = GUEST_STAY
    whose = (
        stay.c.site_id == work.site.id if patient_id is None else stay.c.patient_id == patient_id
    )
    return work.session.connection().execute(
        sa.select(stay.c.patient_id, stay.c.other_name, stay.c.starts_on, stay.c.ends_on).where(
            whose, stay.c.starts_on < until, stay.c.ends_on > first, _is_away(stay)
        )
    )


def _is_away(stay: sa.FromClause) -> sa.ColumnElement[bool]:
    return stay.c.direction == GuestDirection.OUT

"""What bears on take-home visits: of one patient, or of everybody of a day at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.dosing.facts import (
    BottleKind,
    BottleState,
    MissedDosePolicy,
    OpenHold,
    OrderInForce,
    PatientCard,
)
from clinic.dosing.facts.guests import GuestDirection
from clinic.dosing.facts.pickups import (
    ClosedDay,
    DatedBottle,
    PickupFacts,
    PickupPlan,
    TakeHomePolicy,
)
from clinic.dosing.queries import rows
from clinic.dosing.queries.tables import (
    DOSE,
    GUEST_DOSE,
    GUEST_STAY,
    HOLD,
    ORDER,
    PATIENT,
    TAKE_HOME,
    is_live,
)
from clinic.dosing.queries.take_home_records import (
    criteria_in_force,
    exceptions_holding,
    schedules_in_force,
)
from clinic.dosing.rules.missed_doses import missed_days
from clinic.dosing.rules.pickups import LOOK_AHEAD, bottles_due
from clinic.sites import queries as sites
from clinic.sites.facts import ClosureKind
from clinic.sites.models import Closure
from clinic.stock.facts import Form

CLOSED_WEEKDAY = "no opening hours on this weekday"
_LOOK_BACK = timedelta(days=35)
"""How far back a bottle may still be out: longer than any supply."""

_POLICY = TakeHomePolicy()
_MISSED_DOSES = MissedDosePolicy()


@dataclass(frozen=True, slots=True)
class Pickup:
    """One patient's take-home visit: what is known and what is due."""

    patient: PatientCard
    facts: PickupFacts
    plan: PickupPlan


@dataclass(slots=True)
class _Run:
    """The days a patient was covered, as the edges of their gaps tell them."""

    first: date | None = None
    last: date | None = None
    gaps: list[tuple[date, date]] = field(default_factory=list)


def policy_of(work: Work, *, on: date) -> TakeHomePolicy:
    """What the site goes by for take-homes on a day.

    Shape: ``state_steps`` is stored as a list of pairs.
    """
    return sites.policy(work, _POLICY, of="take_homes", on=on)


def pickup(work: Work, *, patient_id: UUID, day: date) -> Pickup | None:
    """The patient's take-home visit of a day; None when no order covers it or comes later."""
    return pickups(work, day=day, patient_ids=[patient_id]).get(patient_id)


def pickups(
    work: Work,
    *,
    day: date,
    patient_ids: Collection[UUID] | None = None,
    closing: Mapping[date, str] | None = None,
) -> dict[UUID, Pickup]:
    """Everybody's take-home visit of a day, by patient; the same few statements for any number.

    ``closing`` are days that would be closed as well, with the reason.
    """
    everything = pickup_facts(work, day=day, patient_ids=patient_ids, closing=closing)
    return {
        patient_id: Pickup(card, facts, bottles_due(facts))
        for patient_id, (card, facts) in everything.items()
    }


def pickup_facts(
    work: Work,
    *,
    day: date,
    patient_ids: Collection[UUID] | None = None,
    closing: Mapping[date, str] | None = None,
) -> dict[UUID, tuple[PatientCard, PickupFacts]]:
    """Everything that bears on the take-home visits of a day, by patient."""
    cards, orders = _orders(work, day, patient_ids)
    whose = patient_ids
    closed = closed_days(work, first=day, until=day + LOOK_AHEAD, closing=closing or {})
    missed_policy = sites.policy(work, _MISSED_DOSES, of="missed_doses", on=day)
    policy = policy_of(work, on=day)
    schedules = schedules_in_force(work, day=day, patient_ids=whose)
    criteria = criteria_in_force(work, day=day, patient_ids=whose)
    exceptions = exceptions_holding(work, day=day, patient_ids=whose)
    bottles = _bottles(work, day, whose)
    dosed, portions = _dosed(work, day, whose)
    away = _away(work, day, whose)
    holds = _holds(work, whose)
    runs = _runs(work, day, whose, missed_policy)
    shut = _shut_before(work, runs.values(), day)
    found = {}
    for patient_id, card in cards.items():
        run = runs.get(patient_id, _Run())
        decided = criteria.get(patient_id)
        found[patient_id] = (
            card,
            PickupFacts(
                day=day,
                orders=tuple(orders[patient_id]),
                closed=closed,
                schedule=schedules.get(patient_id),
                criteria=decided,
                exceptions=tuple(exceptions.get(patient_id, ())),
                bottles=tuple(bottles.get(patient_id, ())),
                dosed=frozenset(dosed.get(patient_id, ())),
                away=frozenset(away.get(patient_id, ())),
                portions_given=frozenset(portions.get(patient_id, ())),
                hold=holds.get(patient_id),
                first_dose_on=run.first,
                missed_since_criteria=(
                    _missed_since(run, decided.decided_on, shut) if decided else 0
                ),
                missed_now=0 if run.last is None else missed_days(run.last, present_date=day),
                policy=policy,
                missed_dose_policy=missed_policy,
            ),
        )
    return found


def closed_days(
    work: Work, *, first: date, until: date, closing: Mapping[date, str]
) -> tuple[ClosedDay, ...]:
    """Days the site is shut in ``[first, until)``: by the week, by the calendar, by emergency."""
    named = {
        row.closed_on: row
        for row in work.session.execute(
            sa.select(Closure.closed_on, Closure.kind, Closure.reason).where(
                Closure.site_id == work.site.id,
                Closure.closed_on >= first,
                Closure.closed_on < until,
            )
        )
    }
    weekdays = sites.opening_hours(work).keys()
    days = []
    for offset in range((until - first).days):
        day = first + timedelta(days=offset)
        if day in closing:
            days.append(ClosedDay(day, closing[day], is_holiday=True))
        elif day in named:
            is_holiday = named[day].kind is not ClosureKind.PLANNED
            days.append(ClosedDay(day, named[day].reason, is_holiday=is_holiday))
        elif day.weekday() not in weekdays:
            days.append(ClosedDay(day, CLOSED_WEEKDAY, is_holiday=False))
    return tuple(days)


def _among(column: Any, patient_ids: Collection[UUID] | None) -> sa.ColumnElement[bool]:
    return sa.true() if patient_ids is None else column.in_(patient_ids)


def _orders(
    work: Work, day: date, patient_ids: Collection[UUID] | None
) -> tuple[dict[UUID, PatientCard], dict[UUID, list[OrderInForce]]]:
    cards: dict[UUID, PatientCard] = {}
    orders: dict[UUID, list[OrderInForce]] = defaultdict(list)
    found = work.session.connection().execute(
        sa.select(*rows.CARD_COLUMNS, *rows.ORDER_COLUMNS)
        .select_from(PATIENT.join(ORDER, ORDER.c.patient_id == PATIENT.c.id))
        .where(
            ORDER.c.site_id == work.site.id,
            sa.or_(ORDER.c.ends_on.is_(None), ORDER.c.ends_on > day),
            sa.or_(ORDER.c.ends_on.is_(None), ORDER.c.ends_on > ORDER.c.starts_on),
            ORDER.c.form != Form.INJECTION,
            _among(ORDER.c.patient_id, patient_ids),
        )
        .order_by(PATIENT.c.family_name, PATIENT.c.given_names, PATIENT.c.code, ORDER.c.starts_on)
    )
    for row in found.mappings():
        card, order = rows.card_of(row), rows.order_of(row, work.site)
        if order is not None:
            cards[card.patient_id] = card
            orders[card.patient_id].append(order)
    return cards, orders


def _bottles(
    work: Work, day: date, patient_ids: Collection[UUID] | None
) -> dict[UUID, list[DatedBottle]]:
    found: dict[UUID, list[DatedBottle]] = defaultdict(list)
    for row in work.session.connection().execute(
        sa.select(
            TAKE_HOME.c.patient_id,
            TAKE_HOME.c.take_on,
            TAKE_HOME.c.kind,
            TAKE_HOME.c.portion,
            TAKE_HOME.c.state,
        ).where(
            TAKE_HOME.c.site_id == work.site.id,
            TAKE_HOME.c.take_on >= day - _LOOK_BACK,
            TAKE_HOME.c.covers,
            _among(TAKE_HOME.c.patient_id, patient_ids),
        )
    ):
        is_out = row.state is not BottleState.PREPARED
        bottle = DatedBottle(
            take_on=row.take_on,
            kind=BottleKind(row.kind),
            portion=row.portion,
            is_out=is_out,
            is_unreturned=row.state is BottleState.HANDED_OUT,
        )
        if is_out or row.take_on >= day:
            found[row.patient_id].append(bottle)
    return found


def _dosed(
    work: Work, day: date, patient_ids: Collection[UUID] | None
) -> tuple[dict[UUID, set[date]], dict[UUID, set[int]]]:
    """Days dosed from this one on, and the portions of this one, by patient."""
    found: dict[UUID, set[date]] = defaultdict(set)
    portions: dict[UUID, set[int]] = defaultdict(set)
    for row in work.session.connection().execute(
        sa.select(DOSE.c.patient_id, DOSE.c.service_date, DOSE.c.portion).where(
            DOSE.c.site_id == work.site.id,
            DOSE.c.service_date >= day,
            is_live(DOSE),
            _among(DOSE.c.patient_id, patient_ids),
        )
    ):
        found[row.patient_id].add(row.service_date)
        if row.service_date == day:
            portions[row.patient_id].add(row.portion)
    return found, portions


def _away(work: Work, day: date, patient_ids: Collection[UUID] | None) -> dict[UUID, set[date]]:
    found: dict[UUID, set[date]] = defaultdict(set)
    for row in work.session.connection().execute(
        sa.select(GUEST_STAY.c.patient_id, GUEST_STAY.c.starts_on, GUEST_STAY.c.ends_on).where(
            GUEST_STAY.c.site_id == work.site.id,
            GUEST_STAY.c.direction == GuestDirection.OUT,
            GUEST_STAY.c.ends_on > day,
            _among(GUEST_STAY.c.patient_id, patient_ids),
        )
    ):
        length = (row.ends_on - row.starts_on).days
        found[row.patient_id] |= {row.starts_on + timedelta(days=n) for n in range(length)}
    return found


def _holds(work: Work, patient_ids: Collection[UUID] | None) -> dict[UUID, OpenHold]:
    found = work.session.connection().execute(
        sa.select(HOLD.c.patient_id, *rows.HOLD_COLUMNS).where(
            HOLD.c.site_id == work.site.id,
            HOLD.c.cleared_at.is_(None),
            _among(HOLD.c.patient_id, patient_ids),
        )
    )
    holds = {row["patient_id"]: rows.hold_of(row, work.site) for row in found.mappings()}
    return {patient_id: hold for patient_id, hold in holds.items() if hold is not None}


def _runs(
    work: Work,
    day: date,
    patient_ids: Collection[UUID] | None,
    policy: MissedDosePolicy,
) -> dict[UUID, _Run]:
    """The edges of every patient's gaps: few rows, however long the history."""
    runs: dict[UUID, _Run] = defaultdict(_Run)
    restart = timedelta(days=policy.restart_gap_days)
    for row in work.session.connection().execute(_gaps(work, day, patient_ids)):
        run = runs[row.patient_id]
        if row.before is None or row.day - row.before >= restart:
            run.first = row.day
        else:
            run.gaps.append((row.before, row.day))
        run.last = row.day
    for run in runs.values():
        if run.last is not None and day - run.last >= restart:
            run.first = None
    return runs


def _gaps(work: Work, day: date, patient_ids: Collection[UUID] | None) -> sa.Select[Any]:
    """Covered days that follow a gap, begin a history or end it, by patient and date."""
    taken = (BottleState.HANDED_OUT, BottleState.RETURNED_EMPTY)
    covered = sa.union(
        sa.select(DOSE.c.patient_id, DOSE.c.service_date.label("day")).where(
            DOSE.c.service_date <= day,
            is_live(DOSE),
            _among(DOSE.c.patient_id, patient_ids),
            _of_patients_here(DOSE, work, patient_ids),
        ),
        sa.select(TAKE_HOME.c.patient_id, TAKE_HOME.c.take_on).where(
            TAKE_HOME.c.take_on <= day,
            TAKE_HOME.c.covers,
            TAKE_HOME.c.state.in_(taken),
            _among(TAKE_HOME.c.patient_id, patient_ids),
            _of_patients_here(TAKE_HOME, work, patient_ids),
        ),
        sa.select(GUEST_DOSE.c.patient_id, GUEST_DOSE.c.given_on).where(
            GUEST_DOSE.c.given_on <= day,
            _among(GUEST_DOSE.c.patient_id, patient_ids),
            _of_patients_here(GUEST_DOSE, work, patient_ids),
        ),
    ).subquery()
    turn: dict[str, Any] = {"partition_by": covered.c.patient_id, "order_by": covered.c.day}
    days = sa.select(
        covered.c.patient_id,
        covered.c.day,
        sa.func.lag(covered.c.day, type_=sa.Date).over(**turn).label("before"),
        sa.func.lead(covered.c.day, type_=sa.Date).over(**turn).label("after"),
    ).subquery()
    is_sqlite = work.session.get_bind().dialect.name == "sqlite"
    length: Any = (
        sa.func.julianday(days.c.day) - sa.func.julianday(days.c.before)
        if is_sqlite
        else days.c.day - days.c.before
    )
    return (
        sa.select(days.c.patient_id, days.c.day, days.c.before)
        .where(sa.or_(days.c.before.is_(None), days.c.after.is_(None), length > 1))
        .order_by(days.c.patient_id, days.c.day)
    )


def _of_patients_here(
    table: sa.Table, work: Work, patient_ids: Collection[UUID] | None
) -> sa.ColumnElement[bool]:
    """Everybody's rows of this site; a named patient's wherever they were written."""
    return table.c.site_id == work.site.id if patient_ids is None else sa.true()


def _shut_before(work: Work, runs: Iterable[_Run], day: date) -> frozenset[date]:
    first = min((gap[0] for run in runs for gap in run.gaps), default=day)
    return sites.closed_dates(work, first=first, until=day)


def _missed_since(run: _Run, since: date, shut: Collection[date]) -> int:
    """The longest run of missed days since a day, days the clinic was shut not among them."""
    lengths = [
        sum(
            date.fromordinal(number) not in shut
            for number in range(before.toordinal() + 1, after.toordinal())
        )
        for before, after in run.gaps
        if before >= since
    ]
    return max(lengths, default=0)


def visiting(found: Mapping[UUID, Pickup], *, day: date) -> Sequence[Pickup]:
    """Whoever comes on the day and takes something home, or would."""
    return [
        one
        for one in found.values()
        if (one.plan.due or one.plan.left_out)
        and (one.facts.schedule is None or one.facts.schedule.comes_on(day))
        and day not in {closed.day for closed in one.facts.closed}
    ]

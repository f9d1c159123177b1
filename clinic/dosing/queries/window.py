"""What is known of patients before a dose: one at the window, or everybody of a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.decision import Decision
from clinic.core.errors import NotFound
from clinic.core.service_dates import ONE_DAY
from clinic.core.units import mg
from clinic.data.work import Work
from clinic.dosing.facts import (
    DoseFacts,
    DoseGiven,
    MissedDosePolicy,
    OrderInForce,
    OrderStatus,
    Place,
    Queue,
    Waiting,
)
from clinic.dosing.facts.line import CheckKind, CheckPolicy, LinePriority
from clinic.dosing.facts.pours import PourStatus
from clinic.dosing.queries import covered, line, rows
from clinic.dosing.queries.tables import (
    BOTTLE,
    CHECK,
    CLAIM,
    DAY,
    DOSE,
    HOLD,
    ORDER,
    PATIENT,
    PATIENT_ID,
    POUR,
    SITE,
    covers,
    is_live,
)
from clinic.dosing.rules import queue as rules
from clinic.dosing.rules.doses import may_dose, next_portion, volume_of
from clinic.scheduling import queries as scheduling
from clinic.scheduling.facts import DueItem
from clinic.sites import queries as sites
from clinic.sites.models import Closure, OpeningHours
from clinic.stock import queries as stock
from clinic.stock.facts import Form, StockPlace

EXPIRED_SHOWN_DAYS = 3
"""How long a patient whose order ran out stays in the queue, so that nobody just vanishes."""

NO_MARK = (LinePriority.NONE, "")
CLOSED_WEEKDAY = "no opening hours on this weekday"
DUE_LABELS = {
    Place.EXPECTED: "Dose",
    Place.IN_LINE: "Dose",
    Place.AT_WINDOW: "Dose",
    Place.HELD: "Dose on hold: see the nurse",
    Place.DOSED: "Dose",
}

_RECENT: sa.BindParameter[Any] = sa.bindparam("recent", type_=sa.Date)
_UNTIL: sa.BindParameter[Any] = sa.bindparam("until", type_=HOLD.c.recorded_at.type)
_WINDOW: sa.BindParameter[Any] = sa.bindparam("window", type_=sa.Integer)
_MISSED_DOSES = MissedDosePolicy()
_CHECKS = CheckPolicy()


@dataclass(frozen=True, slots=True)
class AtWindow:
    """One patient at a window and what the band says."""

    waiting: Waiting
    decision: Decision
    volume_ml: Decimal | None
    """Of this portion from the open bottle; None when it is not liquid or cannot be measured."""

    @property
    def facts(self) -> DoseFacts:
        return self.waiting.facts


def _edge(*when: Callable[[Any], Any], latest: bool) -> sa.ScalarSelect[Any]:
    """The latest or earliest day with a live dose, at whatever site of the organisation.

    Ordered and limited, not aggregated: both engines then read one entry of the index.
    """
    dose = DOSE.alias()
    day = dose.c.service_date
    conditions = [condition(day) for condition in when]
    return (
        sa.select(day)
        .where(dose.c.patient_id == PATIENT.c.id, *conditions, is_live(dose))
        .order_by(day.desc() if latest else day)
        .limit(1)
        .scalar_subquery()
    )


_HISTORY = (
    _edge(lambda day: day < DAY, latest=True).label("last_covered"),
    _edge(lambda day: day < DAY, lambda day: day >= _RECENT, latest=False).label("first_recent"),
    _edge(lambda day: day < _RECENT, latest=True).label("last_before_recent"),
    covered.bottle_edge(lambda day: day < DAY, latest=True).label("bottle_last"),
    covered.bottle_edge(lambda day: day < DAY, lambda day: day >= _RECENT, latest=False).label(
        "bottle_first"
    ),
    covered.bottle_edge(lambda day: day < _RECENT, latest=True).label("bottle_before"),
    covered.last_guest_dose().label("guest_last"),
)
_ON_HOLD = sa.and_(
    HOLD.c.site_id == SITE,
    HOLD.c.patient_id == PATIENT.c.id,
    HOLD.c.recorded_at < _UNTIL,
    sa.or_(HOLD.c.cleared_at.is_(None), HOLD.c.cleared_at >= _UNTIL),
)
_IN_FORCE = sa.and_(ORDER.c.site_id == SITE, ORDER.c.patient_id == PATIENT.c.id, covers(ORDER, DAY))
_OPEN_AT_WINDOW = sa.and_(
    BOTTLE.c.site_id == SITE,
    BOTTLE.c.place == StockPlace.WINDOW,
    BOTTLE.c.window == _WINDOW,
    BOTTLE.c.medication == ORDER.c.medication,
    BOTTLE.c.form == Form.ORAL_CONCENTRATE,
    ORDER.c.form == Form.ORAL_CONCENTRATE,
    BOTTLE.c.closed_at.is_(None),
)
_CLAIMED = sa.and_(
    CLAIM.c.site_id == SITE,
    CLAIM.c.patient_id == PATIENT.c.id,
    CLAIM.c.ended_at.is_(None),
    CLAIM.c.expires_at > sa.bindparam("now", type_=CLAIM.c.expires_at.type),
)
_PATIENT_COLUMNS = (*rows.CARD_COLUMNS, *rows.ORDER_COLUMNS, *rows.HOLD_COLUMNS)
_COLUMNS = (*_PATIENT_COLUMNS, *_HISTORY)
_THE_DAY_BEFORE = DOSE.alias()
_DOSED_THE_DAY_BEFORE = sa.and_(
    _THE_DAY_BEFORE.c.patient_id == PATIENT.c.id,
    _THE_DAY_BEFORE.c.service_date == sa.bindparam("day_before", type_=sa.Date),
    is_live(_THE_DAY_BEFORE),
)
_QUEUE_COLUMNS = (
    *_PATIENT_COLUMNS,
    _THE_DAY_BEFORE.c.service_date.label("day_before"),
    *(
        sa.case((_THE_DAY_BEFORE.c.service_date.is_(None), edge.element)).label(edge.name)
        for edge in _HISTORY
    ),
)
"""Whoever was dosed the day before missed nothing: nobody asks what was before that."""
_IS_OPEN = (
    sa.exists()
    .where(OpeningHours.site_id == SITE, OpeningHours.weekday == sa.bindparam("weekday"))
    .label("is_open")
)
_CLOSURE = (
    sa.select(Closure.reason)
    .where(Closure.site_id == SITE, Closure.closed_on == DAY)
    .scalar_subquery()
    .label("closure")
)
_HAS_DOSE = (
    sa.exists()
    .where(DOSE.c.patient_id == PATIENT.c.id, DOSE.c.service_date == DAY)
    .correlate(PATIENT)
    .label("has_dose")
)
_IS_COVERED = covered.is_covered().label("is_covered")
_LAST_CHECK = CHECK.alias()
_LAST_SCREEN = CHECK.c.id == (
    sa.select(_LAST_CHECK.c.id)
    .where(
        _LAST_CHECK.c.site_id == SITE,
        _LAST_CHECK.c.patient_id == PATIENT.c.id,
        _LAST_CHECK.c.kind == CheckKind.IMPAIRMENT,
    )
    .order_by(_LAST_CHECK.c.occurred_at.desc(), _LAST_CHECK.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_EARLIER = ORDER.alias()
_DOSE_BEFORE_UG = (
    sa.select(_EARLIER.c.dose_ug)
    .where(
        _EARLIER.c.site_id == SITE,
        _EARLIER.c.patient_id == PATIENT.c.id,
        _EARLIER.c.number < ORDER.c.number,
        _EARLIER.c.medication == ORDER.c.medication,
    )
    .order_by(_EARLIER.c.number.desc())
    .limit(1)
    .scalar_subquery()
    .label("dose_before_ug")
)
_IS_POURED = (
    sa.exists()
    .where(
        POUR.c.site_id == SITE,
        POUR.c.patient_id == PATIENT.c.id,
        POUR.c.service_date == DAY,
        POUR.c.status.in_([status for status in PourStatus if status.is_open]),
    )
    .correlate(PATIENT)
    .label("is_poured")
)
_LAST_RECORD = line.LAST_RECORD.scalar_subquery().label("last_record_at")
_ONE = (
    sa.select(
        *_COLUMNS,
        *rows.BOTTLE_COLUMNS,
        *rows.CLAIM_COLUMNS,
        *rows.SCREEN_COLUMNS,
        _DOSE_BEFORE_UG,
        _IS_POURED,
        _IS_OPEN,
        _CLOSURE,
        _HAS_DOSE,
        _IS_COVERED,
        _LAST_RECORD,
    )
    .select_from(
        PATIENT.outerjoin(ORDER, _IN_FORCE)
        .outerjoin(HOLD, _ON_HOLD)
        .outerjoin(BOTTLE, _OPEN_AT_WINDOW)
        .outerjoin(CLAIM, _CLAIMED)
        .outerjoin(CHECK, _LAST_SCREEN)
    )
    .where(PATIENT.c.id == PATIENT_ID, PATIENT.c.organization_id == sa.bindparam("organization_id"))
)
_EVERYBODY = sa.select(*_QUEUE_COLUMNS).select_from(
    PATIENT.join(ORDER, _IN_FORCE)
    .outerjoin(HOLD, _ON_HOLD)
    .outerjoin(_THE_DAY_BEFORE, _DOSED_THE_DAY_BEFORE)
)
_EXPIRED = (
    sa.select(*_QUEUE_COLUMNS)
    .select_from(
        PATIENT.join(
            ORDER,
            sa.and_(
                ORDER.c.site_id == SITE,
                ORDER.c.patient_id == PATIENT.c.id,
                ORDER.c.status == OrderStatus.ACTIVE,
                ORDER.c.form != Form.INJECTION,
                ORDER.c.ends_on > ORDER.c.starts_on,
                ORDER.c.ends_on <= DAY,
                ORDER.c.ends_on > sa.bindparam("expired_after", type_=sa.Date),
            ),
        )
        .outerjoin(HOLD, _ON_HOLD)
        .outerjoin(_THE_DAY_BEFORE, _DOSED_THE_DAY_BEFORE)
    )
    .order_by(ORDER.c.ends_on.desc())
)
_DOSES_OF_ONE = (
    sa.select(*rows.DOSE_COLUMNS)
    .select_from(rows.DOSES_WITH_VOIDS)
    .where(DOSE.c.patient_id == PATIENT_ID, DOSE.c.service_date == DAY)
    .order_by(DOSE.c.portion, DOSE.c.series)
)
_DOSES_OF_DAY = (
    sa.select(*rows.DOSE_COLUMNS, *rows.CARD_COLUMNS)
    .select_from(rows.DOSES_WITH_VOIDS.join(PATIENT, PATIENT.c.id == DOSE.c.patient_id))
    .where(DOSE.c.site_id == SITE, DOSE.c.service_date == DAY)
    .order_by(DOSE.c.portion, DOSE.c.series)
)
_INJECTIONS = (
    sa.select(*rows.DOSE_COLUMNS, DOSE.c.order_id)
    .select_from(rows.DOSES_WITH_VOIDS.join(ORDER, ORDER.c.id == DOSE.c.order_id))
    .where(
        ORDER.c.site_id == SITE,
        ORDER.c.form == Form.INJECTION,
        covers(ORDER, DAY),
        # Said twice for the index: an order's doses are its patient's, since its first day.
        DOSE.c.patient_id == ORDER.c.patient_id,
        DOSE.c.service_date >= ORDER.c.starts_on,
        DOSE.c.service_date <= DAY,
        is_live(DOSE),
    )
)


def facts_for_dose(
    work: Work, *, patient_id: UUID, window: int, portion: int | None = None
) -> Waiting:
    """Everything one dose is decided by, at this window, on this clinic day.

    Shape: ``portion`` None takes the next one of the day. One statement more when the patient
    has a dose row today than when not: this is the hot path.
    Raises: NotFound outside the organisation.
    """
    connection = work.session.connection()
    day = work.service_date
    policy, check_policy = sites.policies(
        work, ("missed_doses", _MISSED_DOSES), ("window_checks", _CHECKS), on=day
    )
    values = _values(work, day, policy) | {
        "patient_id": patient_id,
        "organization_id": work.site.organization_id,
        "window": window,
        "weekday": day.weekday(),
        "now": work.now,
    }
    row = connection.execute(_ONE, values).mappings().first()
    if row is None:
        raise NotFound("patient")
    order = rows.order_of(row, work.site)
    injected = order is not None and order.form is Form.INJECTION
    facts = DoseFacts(
        day=day,
        order=order,
        hold=rows.hold_of(row, work.site),
        history=rows.history_of(row),
        doses=_doses_of_one(work, values) if row["has_dose"] else (),
        last_injection=_injections(work, day).get(order.id) if order and injected else None,
        closed_because=row["closure"] or (None if row["is_open"] else CLOSED_WEEKDAY),
        window=window,
        bottle=rows.bottle_of(row),
        packs=(
            stock.packs_at(work, window)
            if order is not None and order.form is not Form.ORAL_CONCENTRATE
            else ()
        ),
        covered=(
            covered.on_day(work, day=day, patient_id=patient_id).get(patient_id, ())
            if row["is_covered"]
            else ()
        ),
        missed_dose_policy=policy,
        claim=rows.claim_of(row, work.site),
        clock_behind=_clock_behind(work, row["last_record_at"]),
        check_policy=check_policy,
        last_screen=rows.screen_of(row, work.site),
        raised_on=_raised_on(order, row["dose_before_ug"]),
        is_poured=row["is_poured"],
    )
    return Waiting(rows.card_of(row), _at_portion(facts, portion))


def at_window(work: Work, *, patient_id: UUID, window: int) -> AtWindow:
    """The patient as the window's page shows them.

    Raises: NotFound outside the organisation.
    """
    waiting = facts_for_dose(work, patient_id=patient_id, window=window)
    return AtWindow(waiting, may_dose(waiting.facts), volume_of(waiting.facts))


def queue(work: Work, *, day: date) -> Queue:
    """The derived queue of a day; the same number of statements for any number of patients."""
    closed = closed_because(work, day=day)
    return rules.queue_of(waiting_on(work, day, closed), day=day, closed_because=closed)


def due_on(work: Work, day: date) -> list[DueItem]:
    """Who comes for a dose, for the day board: that there is one, never what or how much."""
    items = []
    for row in queue(work, day=day).rows:
        label = DUE_LABELS.get(row.place)
        if label:
            items.append(
                DueItem(
                    row.patient.patient_id,
                    label,
                    kind="stop" if row.place is Place.HELD else "neutral",
                    done=row.place is Place.DOSED,
                )
            )
    return items


def closed_because(work: Work, *, day: date) -> str | None:
    """Why the site does not open on a day; None when it does."""
    named = sites.closures(work, first=day, until=day + ONE_DAY)
    if day in named:
        return named[day]
    return None if day.weekday() in sites.opening_hours(work) else CLOSED_WEEKDAY


def _values(work: Work, day: date, policy: MissedDosePolicy) -> dict[str, Any]:
    return {
        "site_id": work.site.id,
        "day": day,
        "day_before": day - ONE_DAY,
        "recent": day - timedelta(days=policy.induction_days - 1),
        "until": work.site.day_start(day + ONE_DAY),
    }


def _raised_on(order: OrderInForce | None, before_ug: int | None) -> date | None:
    if order is None or before_ug is None or mg(before_ug) >= order.dose_mg:
        return None
    return order.starts_on


def _at_portion(facts: DoseFacts, portion: int | None) -> DoseFacts:
    return replace(facts, portion=portion or next_portion(facts))


def waiting_on(
    work: Work, day: date, closed: str | None, *, expired_days: int = EXPIRED_SHOWN_DAYS
) -> list[Waiting]:
    """Everybody an order or a dose speaks of on a day, and whose order ran out lately."""
    connection = work.session.connection()
    policy = sites.policy(work, _MISSED_DOSES, of="missed_doses", on=day)
    values = _values(work, day, policy)
    given, unordered = _doses_of_day(work, values)
    arrivals = scheduling.arrivals(work, day=day)
    claims = line.claims(work) if day == work.service_date else {}
    marks = line.marks(work, day=day)
    injections = _injections(work, day)
    at_home = covered.on_day(work, day=day)
    waiting: dict[UUID, Waiting] = {}
    expired = values | {"expired_after": day - timedelta(days=expired_days)}
    for statement, in_force in ((_EVERYBODY, True), (_EXPIRED, False)):
        for row in connection.execute(statement, values if in_force else expired).mappings():
            patient = rows.card_of(row)
            if patient.patient_id in waiting:
                continue
            named = rows.order_of(row, work.site)
            order = named if in_force else None
            facts = DoseFacts(
                day=day,
                order=order,
                hold=rows.hold_of(row, work.site),
                history=rows.history_of(row),
                doses=tuple(given.get(patient.patient_id, ())),
                last_injection=injections.get(order.id) if order else None,
                closed_because=closed,
                covered=at_home.get(patient.patient_id, ()),
                missed_dose_policy=policy,
                claim=claims.get(patient.patient_id),
            )
            arrived = arrivals.get(patient.patient_id)
            mark = marks.get(patient.patient_id, NO_MARK)
            waiting[patient.patient_id] = Waiting(
                patient, facts, arrived, *mark, ran_out=None if in_force else named
            )
    for patient_id, row in unordered.items():
        if patient_id not in waiting:
            facts = DoseFacts(day=day, order=None, doses=tuple(given[patient_id]))
            waiting[patient_id] = Waiting(rows.card_of(row), facts)
    return list(waiting.values())


def _doses_of_one(work: Work, values: dict[str, Any]) -> tuple[DoseGiven, ...]:
    found = work.session.connection().execute(_DOSES_OF_ONE, values).mappings()
    return tuple(rows.dose_of(row, work.site) for row in found)


def _doses_of_day(work: Work, values: dict[str, Any]) -> tuple[dict[UUID, list[DoseGiven]], Any]:
    given: dict[UUID, list[DoseGiven]] = {}
    patients = {}
    for row in work.session.connection().execute(_DOSES_OF_DAY, values).mappings():
        given.setdefault(row["patient_id"], []).append(rows.dose_of(row, work.site))
        patients[row["patient_id"]] = row
    return given, patients


def _injections(work: Work, day: date) -> dict[UUID, DoseGiven]:
    values = {"site_id": work.site.id, "day": day}
    found = work.session.connection().execute(_INJECTIONS, values).mappings()
    return {row["order_id"]: rows.dose_of(row, work.site) for row in found}


def clock_behind(work: Work) -> timedelta | None:
    """How far the clock stands behind this site's last record; None while a dose may be given."""
    last = work.session.connection().execute(line.LAST_RECORD, {"site_id": work.site.id})
    return _clock_behind(work, last.scalar())


def _clock_behind(work: Work, last_record_at: datetime | None) -> timedelta | None:
    """How far the clock stands behind what this site recorded last; None while that is little."""
    if last_record_at is None or last_record_at <= work.now:
        return None
    behind = last_record_at - work.now
    allowed = timedelta(minutes=line.window_policy(work).clock_behind_max_minutes)
    return behind if behind > allowed else None

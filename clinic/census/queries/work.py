"""What the morning has to look after on a day, and where the census and the roster disagree."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.census.facts import Flows, Slice
from clinic.census.facts.work import DayWork, ResourceLoad, WorkList, WorkTerms
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.dosing import queries as dosing
from clinic.dosing.facts import OrderStatus, Place
from clinic.dosing.models import MedicationOrder, TakeHomeDecision
from clinic.dosing.queries.tables import DOSE, is_live
from clinic.rewards.facts import AccountKind
from clinic.rewards.models import LedgerAccount, LedgerTransfer
from clinic.scheduling.facts import HOLDS_PLACE, BookingStatus, SessionStatus
from clinic.scheduling.models import Arrival, Booking, Resource, Session, SessionResource
from clinic.sites.queries import policy
from clinic.stock import queries as stock

_TERMS = WorkTerms()
_DONE = frozenset({Place.DOSED, Place.COVERED})
_COMING = sorted(HOLDS_PLACE | {BookingStatus.NO_SHOW})
_MISSED = (WorkList.MISSED_1, WorkList.MISSED_2, WorkList.MISSED_3)


def day_work(work: Work, *, day: date, found: Flows, part: Slice) -> DayWork:
    """Everything the morning looks after, of the patients in a slice.

    Invariant: as many statements for any number of patients.
    """
    terms = policy(work, _TERMS, of="census", on=day)
    missed = dosing.missed_list(work, day=day)
    by_missed: dict[WorkList, set[UUID]] = {which: set() for which in _MISSED}
    for one in missed:
        by_missed[_MISSED[min(one.missed_days, 3) - 1]].add(one.patient.patient_id)
    lists = {
        WorkList.NOT_DOSED: _not_dosed(work, day),
        **by_missed,
        WorkList.ORDERS_ENDING: _orders_ending(work, day, terms),
        WorkList.REVIEWS_DUE: _reviews_due(work, day, terms),
        **_differences(work, day, found, terms),
    }
    return DayWork(
        terms=terms,
        lists={which: frozenset(_within(ids, found, part)) for which, ids in lists.items()},
        load=tuple(_load(work, day + ONE_DAY)),
        unclosed_days=tuple(stock.unclosed_days(work)),
        liability_cents=_liability_cents(work, day),
    )


def _within(ids: set[UUID], found: Flows, part: Slice) -> set[UUID]:
    if not part:
        return ids
    return ids & {one.patient_id for one in found.after if part.holds(one.position)}


def _not_dosed(work: Work, day: date) -> set[UUID]:
    rows = dosing.queue(work, day=day).rows
    return {row.patient.patient_id for row in rows if row.order and row.place not in _DONE}


def _orders_ending(work: Work, day: date, terms: WorkTerms) -> set[UUID]:
    order, later = MedicationOrder, aliased(MedicationOrder)
    follows = sa.exists().where(
        later.site_id == order.site_id,
        later.patient_id == order.patient_id,
        later.status == OrderStatus.ACTIVE,
        sa.or_(later.ends_on.is_(None), later.ends_on > order.ends_on),
    )
    return set(
        work.session.scalars(
            sa.select(order.patient_id).where(
                order.site_id == work.site.id,
                order.status == OrderStatus.ACTIVE,
                order.starts_on <= day,
                order.ends_on > day,
                order.ends_on <= day + timedelta(days=terms.orders_ahead_days),
                ~follows,
            )
        )
    )


def _reviews_due(work: Work, day: date, terms: WorkTerms) -> set[UUID]:
    decision, later = TakeHomeDecision, aliased(TakeHomeDecision)
    superseded = sa.exists().where(
        later.site_id == decision.site_id,
        later.patient_id == decision.patient_id,
        later.number > decision.number,
        later.service_date <= day,
    )
    return set(
        work.session.scalars(
            sa.select(decision.patient_id).where(
                decision.site_id == work.site.id,
                decision.service_date <= day,
                decision.ceiling_doses > 0,
                decision.review_by <= day + timedelta(days=terms.reviews_ahead_days),
                ~superseded,
            )
        )
    )


def _differences(
    work: Work, day: date, found: Flows, terms: WorkTerms
) -> dict[WorkList, set[UUID]]:
    """Who is counted and does not come, and who comes and is not counted."""
    since = day - timedelta(days=terms.unseen_days - 1)
    in_care = {one.patient_id: one.since for one in found.after if one.position.in_care}
    left = {step.patient_id for step in found.steps if step.before.in_care}
    seen_on_day = _seen(work, first=day, last=day)
    seen = _seen(work, first=since, last=day)
    settled = {
        patient_id for patient_id, moved_on in in_care.items() if moved_on and moved_on < since
    }
    return {
        WorkList.UNSEEN: settled - seen,
        WorkList.SEEN_OUTSIDE: seen_on_day - in_care.keys() - left,
    }


def _seen(work: Work, *, first: date, last: date) -> set[UUID]:
    """Whoever took a dose here, came through the door, or kept a booking."""

    def of(table: Any, *which: sa.ColumnElement[bool]) -> sa.Select[Any]:
        return sa.select(table.patient_id).where(
            table.site_id == work.site.id, table.service_date.between(first, last), *which
        )

    doses = sa.select(DOSE.c.patient_id).where(
        DOSE.c.site_id == work.site.id,
        DOSE.c.service_date.between(first, last),
        is_live(DOSE),
    )
    kept = of(Booking, Booking.status == BookingStatus.ATTENDED)
    return set(work.session.scalars(sa.union(doses, of(Arrival), kept)))


def _load(work: Work, day: date) -> list[ResourceLoad]:
    booked = (
        sa.select(sa.func.count())
        .where(Booking.session_id == Session.id, Booking.status.in_(_COMING))
        .scalar_subquery()
    )
    rows = work.session.execute(
        sa.select(
            Resource.name,
            Resource.kind,
            SessionResource.starts_at,
            SessionResource.ends_at,
            booked.label("patients"),
        )
        .join(SessionResource, SessionResource.resource_id == Resource.id)
        .join(Session, Session.id == SessionResource.session_id)
        .where(
            Session.site_id == work.site.id,
            Session.service_date == day,
            Session.status == SessionStatus.PLANNED,
            SessionResource.is_held,
        )
    )
    held: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        minutes = int((row.ends_at - row.starts_at).total_seconds()) // 60
        held[row.kind.label, row.name].append((minutes, row.patients))
    return [
        ResourceLoad(
            name=name,
            kind=kind,
            sessions=len(each),
            minutes=sum(minutes for minutes, _ in each),
            patients=sum(patients for _, patients in each),
        )
        for (kind, name), each in sorted(held.items())
    ]


def _liability_cents(work: Work, day: date) -> int:
    """What patients had earned and not redeemed when a day ended."""
    mine = sa.select(LedgerAccount.id).where(
        LedgerAccount.site_id == work.site.id, LedgerAccount.kind == AccountKind.PATIENT
    )
    amount = LedgerTransfer.amount_cents
    change = sa.case((LedgerTransfer.to_account_id.in_(mine), amount), else_=0) - sa.case(
        (LedgerTransfer.from_account_id.in_(mine), amount), else_=0
    )
    owed = work.session.scalar(
        sa.select(sa.func.sum(change)).where(
            LedgerTransfer.site_id == work.site.id, LedgerTransfer.service_date <= day
        )
    )
    return int(owed or 0)

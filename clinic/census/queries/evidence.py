"""Whom each measure looks at, read from visits, tests, doses, decisions and the ledger.

The figure is counted from the same rows that the page of names lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.assessments.facts import CRAVING
from clinic.assessments.models import Assessment
from clinic.census.facts.measures import Case, Gauge, Span
from clinic.core.money import dollars
from clinic.data.work import Work
from clinic.dosing.facts import HoldReason
from clinic.dosing.facts.take_homes import CriteriaOutcome
from clinic.dosing.models import DosingHold, MedicationOrder, TakeHomeBottle, TakeHomeDecision
from clinic.rewards.facts import AccountKind, TransferKind
from clinic.rewards.models import LedgerAccount, LedgerTransfer
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.models import AttendanceEvent, Booking
from clinic.stock.facts import Form
from clinic.therapies.models import Course
from clinic.toxicology.facts import CollectionOutcome, RandomTestTerms, UrineCounts
from clinic.toxicology.models import Specimen
from clinic.toxicology.queries import tests_due, urine_counts

YEAR = timedelta(days=365)
PICKUP_DAYS = timedelta(days=28)
"""The longest supply there is (42 CFR 8.12(i)(3)): who fetched nothing in it has nothing."""
ASSESS_WITHIN = timedelta(days=14)
"""Source: 42 CFR 8.12(f)(4)(i)."""
NEAR_COURSE = timedelta(days=30)
NOT_KEPT = (BookingStatus.NO_SHOW, BookingStatus.LATE_CANCEL)
TAKE_HOME_BANDS = (("none", 0, "None"), ("1-7", 7, "1-7"), ("8-14", 14, "8-14"), ("15-28", 28, ""))


def status_known_on(span: Span) -> sa.ColumnElement[BookingStatus]:
    """The last step of a booking's attendance by the day the span was known; booked before any."""
    last_step: sa.ScalarSelect[BookingStatus] = (
        sa.select(AttendanceEvent.status)
        .where(
            AttendanceEvent.site_id == Booking.site_id,
            AttendanceEvent.booking_id == Booking.id,
            AttendanceEvent.service_date <= span.known_on,
        )
        .order_by(AttendanceEvent.sequence.desc())
        .limit(1)
        .correlate(Booking)
        .scalar_subquery()
    )
    return sa.func.coalesce(last_step, sa.literal(BookingStatus.BOOKED, Booking.status.type))


def visits(work: Work, span: Span) -> sa.Subquery:
    """Bookings of the span with what was known of them.

    Shape: patient_id, service_date, starts_at, status.
    """
    return (
        sa.select(
            Booking.patient_id,
            Booking.service_date,
            Booking.starts_at,
            status_known_on(span).label("status"),
        )
        .where(
            Booking.site_id == work.site.id,
            Booking.service_date >= span.first,
            Booking.service_date <= span.last,
        )
        .subquery("visits")
    )


def came_due(status: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """The visit was kept, missed, or cancelled too late to be given to somebody else."""
    return status.in_((BookingStatus.ATTENDED, *NOT_KEPT))


def _no_shows(work: Work, span: Span) -> sa.Select[Any]:
    found = visits(work, span)
    return sa.select(
        found.c.patient_id,
        found.c.service_date.label("on"),
        found.c.status.in_(NOT_KEPT).label("counts"),
        found.c.status.label("note"),
    ).where(came_due(found.c.status))


def _tests_due(work: Work, span: Span) -> sa.Select[Any]:
    due = tests_due(work, first=span.first, until=span.until)
    return sa.select(
        due.c.patient_id,
        due.c.service_date.label("on"),
        due.c.is_negative.label("counts"),
        due.c.outcome.label("note"),
    )


def _tests_collected(work: Work, span: Span) -> sa.Select[Any]:
    due = _tests_due(work, span).subquery()
    return sa.select(due).where(due.c.note == CollectionOutcome.COLLECTED)


def _holds(work: Work, span: Span) -> sa.Select[Any]:
    ends_at = work.site.day_start(span.until)
    is_on = sa.or_(DosingHold.cleared_at.is_(None), DosingHold.cleared_at >= ends_at)
    found = sa.select(
        DosingHold.patient_id,
        DosingHold.recorded_at.label("on"),
        is_on.label("counts"),
        DosingHold.note.label("note"),
    ).where(
        DosingHold.site_id == work.site.id,
        DosingHold.reason == HoldReason.MISSED_DOSES,
        DosingHold.recorded_at >= work.site.day_start(span.first),
        DosingHold.recorded_at < ends_at,
    )
    return sa.select(found.subquery())


SQL_GAUGES: Mapping[Gauge, Callable[[Work, Span], sa.Select[Any]]] = MappingProxyType(
    {
        Gauge.NO_SHOW: _no_shows,
        Gauge.URINE_OBSERVED: _tests_collected,
        Gauge.URINE_STRICT: _tests_due,
        Gauge.MISSED_DOSE_HOLDS: _holds,
    }
)


def tally(work: Work, gauge: Gauge, *, span: Span) -> tuple[int, int]:
    """How many count, and of how many; one statement."""
    found = SQL_GAUGES[gauge](work, span).subquery()
    row = work.session.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((found.c.counts, 1), else_=0)), 0),
            sa.func.count(),
        ).select_from(found)
    ).one()
    return row[0], row[1]


def urine(work: Work, span: Span) -> UrineCounts:
    """What ``tally`` says of both urine measures, in one statement."""
    return urine_counts(work, first=span.first, until=span.until)


def listed(work: Work, gauge: Gauge, *, span: Span) -> list[Case]:
    """The rows behind ``tally``, by day."""
    found = SQL_GAUGES[gauge](work, span).subquery()
    return [
        Case(
            row.patient_id,
            work.site.service_date(row.on) if hasattr(row.on, "tzinfo") else row.on,
            counts=bool(row.counts),
            note=str(getattr(row.note, "label", row.note)),
        )
        for row in work.session.execute(sa.select(found).order_by(found.c.on, found.c.patient_id))
    ]


def on_medication(work: Work, span: Span) -> set[UUID]:
    """Patients with an order in force on the last day, injections apart."""
    return set(
        work.session.scalars(
            sa.select(MedicationOrder.patient_id).where(
                MedicationOrder.site_id == work.site.id,
                MedicationOrder.starts_on <= span.last,
                sa.or_(MedicationOrder.ends_on.is_(None), MedicationOrder.ends_on > span.last),
                MedicationOrder.form != Form.INJECTION,
            )
        )
    )


def take_homes(work: Work, span: Span, *, medicated: set[UUID]) -> list[Case]:
    """What each patient on medication took home at the latest pickup of four weeks."""
    rows = work.session.execute(
        sa.select(TakeHomeBottle.patient_id, TakeHomeBottle.handed_out_on, sa.func.count())
        .where(
            TakeHomeBottle.site_id == work.site.id,
            TakeHomeBottle.handed_out_on > span.last - PICKUP_DAYS,
            TakeHomeBottle.handed_out_on <= span.last,
        )
        .group_by(TakeHomeBottle.patient_id, TakeHomeBottle.handed_out_on)
        .order_by(TakeHomeBottle.handed_out_on)
    )
    latest = {patient_id: (on, bottles) for patient_id, on, bottles in rows}
    return [
        Case(
            patient_id,
            on or span.last,
            counts=bottles > 0,
            note=f"{bottles} bottles" if bottles else "Takes every dose here",
            part=next((key for key, most, _ in TAKE_HOME_BANDS if bottles <= most), "15-28"),
        )
        for patient_id in sorted(medicated)
        for on, bottles in [latest.get(patient_id, (span.last, 0))]
    ]


def few_tests(work: Work, span: Span, *, year_round: set[UUID]) -> list[Case]:
    """Patients a whole year in care and on medication, by their random tests of that year."""
    needed = RandomTestTerms().random_tests_per_year
    rows = work.session.execute(
        sa.select(Specimen.patient_id, sa.func.count().label("tests"))
        .where(
            Specimen.site_id == work.site.id,
            Specimen.outcome == CollectionOutcome.COLLECTED,
            Specimen.was_random,
            Specimen.service_date > span.last - YEAR,
            Specimen.service_date <= span.last,
        )
        .group_by(Specimen.patient_id)
    )
    counted = {row.patient_id: row.tests for row in rows}
    return [
        Case(
            patient_id,
            span.last,
            counts=counted.get(patient_id, 0) < needed,
            note=f"{counted.get(patient_id, 0)} of {needed} random tests",
        )
        for patient_id in sorted(year_round)
    ]


def reviews(work: Work, span: Span, *, here: set[UUID]) -> list[Case]:
    """Those in care whose latest decision about take-homes is a grant, by when it is reviewed."""
    rows = work.session.execute(
        sa.select(TakeHomeDecision.patient_id, TakeHomeDecision.outcome, TakeHomeDecision.review_by)
        .where(
            TakeHomeDecision.site_id == work.site.id,
            TakeHomeDecision.service_date <= span.last,
        )
        .order_by(TakeHomeDecision.number)
    )
    latest = {patient_id: (outcome, review_by) for patient_id, outcome, review_by in rows}
    return [
        Case(patient_id, review_by, counts=review_by < span.last, note="to be reviewed by that day")
        for patient_id, (outcome, review_by) in latest.items()
        if patient_id in here and outcome is CriteriaOutcome.GRANTED
    ]


def unassessed(work: Work, span: Span, *, admitted: list[Case]) -> list[Case]:
    """Those admitted long enough ago, by whether any instrument was filled in time.

    Shape: ``admitted`` are the admissions of the span.
    """
    filled = work.session.execute(
        sa.select(Assessment.patient_id, Assessment.service_date)
        .where(
            Assessment.site_id == work.site.id,
            Assessment.service_date >= span.first - ASSESS_WITHIN,
            Assessment.service_date <= span.last,
        )
        .distinct()
    )
    days: dict[UUID, list[Any]] = {}
    for patient_id, on in filled:
        days.setdefault(patient_id, []).append(on)
    return [
        Case(
            case.patient_id,
            case.on,
            counts=not any(
                abs(on - case.on) <= ASSESS_WITHIN for on in days.get(case.patient_id, ())
            ),
            note=f"due {case.on + ASSESS_WITHIN:%d %b %Y}",
        )
        for case in admitted
        if case.on + ASSESS_WITHIN <= span.last
    ]


def ledger(work: Work, span: Span) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Cents each patient earned in the span, and cents owed to each when it ended; one statement.

    Shape: patients with neither are left out.
    """
    is_in = LedgerTransfer.to_account_id == LedgerAccount.id
    signed = sa.case((is_in, LedgerTransfer.amount_cents), else_=-LedgerTransfer.amount_cents)
    is_award = sa.or_(
        sa.and_(is_in, LedgerTransfer.kind == TransferKind.EARN),
        sa.and_(~is_in, LedgerTransfer.kind == TransferKind.VOID),
    )
    in_span = LedgerTransfer.service_date >= span.first
    rows = work.session.execute(
        sa.select(
            LedgerAccount.patient_id,
            sa.func.sum(sa.case((sa.and_(is_award, in_span), signed), else_=0)),
            sa.func.sum(signed),
        )
        .join(
            LedgerTransfer,
            sa.or_(is_in, LedgerTransfer.from_account_id == LedgerAccount.id),
        )
        .where(
            LedgerAccount.site_id == work.site.id,
            LedgerAccount.kind == AccountKind.PATIENT,
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.service_date <= span.last,
        )
        .group_by(LedgerAccount.patient_id)
    ).all()
    earned = {row[0]: int(row[1]) for row in rows if row[1]}
    owed = {row[0]: int(row[2]) for row in rows if row[2]}
    return earned, owed


def cases_of_cents(cents: Mapping[UUID, int], *, span: Span) -> list[Case]:
    """A case for each patient with an amount, the amount as its note."""
    return [
        Case(patient_id, span.last, note=dollars(amount)) for patient_id, amount in cents.items()
    ]


def craving(work: Work, span: Span) -> list[tuple[Case, tuple[int, int] | None]]:
    """Courses that ran in the span, with the craving before and after where both are recorded."""
    courses = work.session.execute(
        sa.select(Course.patient_id, Course.modality, Course.starts_on, Course.ended_on).where(
            Course.site_id == work.site.id,
            Course.starts_on <= span.last,
            sa.or_(Course.ended_on.is_(None), Course.ended_on >= span.first),
        )
    ).all()
    earliest = min((course.starts_on for course in courses), default=span.first) - NEAR_COURSE
    scores: dict[UUID, list[tuple[Any, int]]] = {}
    for patient_id, on, total in work.session.execute(
        sa.select(Assessment.patient_id, Assessment.service_date, Assessment.total)
        .where(
            Assessment.site_id == work.site.id,
            Assessment.instrument == CRAVING.id,
            Assessment.total.is_not(None),
            Assessment.service_date >= earliest,
            Assessment.service_date <= span.last,
        )
        .order_by(Assessment.service_date, Assessment.occurred_at)
    ):
        scores.setdefault(patient_id, []).append((on, total or 0))
    found = []
    for course in courses:
        mine = scores.get(course.patient_id, [])
        begins, ends = course.starts_on, (course.ended_on or span.last) + NEAR_COURSE
        before = [score for on, score in mine if begins - NEAR_COURSE <= on <= begins]
        after = [score for on, score in mine if begins < on <= ends]
        pair = (before[-1], after[-1]) if before and after else None
        note = f"{pair[0]} before, {pair[1]} after" if pair else "not recorded before and after"
        case = Case(course.patient_id, begins, pair is not None, note, course.modality)
        found.append((case, pair))
    return found


def by_part(cases: list[Case]) -> Counter[str]:
    """How many cases fall to each part of a distribution."""
    return Counter(case.part for case in cases)

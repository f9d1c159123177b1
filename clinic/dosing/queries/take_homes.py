"""Take-home bottles and callbacks as pages read them: today's, a patient's, what is amiss."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.core.units import mg, ml
from clinic.data.work import Work
from clinic.dosing.facts import (
    BottleEventKind,
    BottleKind,
    BottleState,
    CallbackCount,
    CallbackOutcome,
    PatientCard,
)
from clinic.dosing.facts.labels import BottleLabel
from clinic.dosing.models import (
    EmergencyClosure,
    EmergencyDay,
    TakeHomeBottle,
    TakeHomeCallback,
    TakeHomeDecision,
    TakeHomeEvent,
)
from clinic.dosing.queries import rows
from clinic.dosing.queries.tables import PATIENT, TAKE_HOME, TAKE_HOME_EVENT
from clinic.dosing.rules.callbacks import Holder
from clinic.dosing.rules.take_homes import callback_count
from clinic.patients.models import Patient
from clinic.sites import queries as sites
from clinic.stock.facts import Form, Medication

DIRECTIONS = "Take the whole bottle by mouth once, on the date above. Keep in the lockbox."
DIRECTIONS_SUBLINGUAL = "Let it melt under the tongue once, on the date above. Keep in the lockbox."


@dataclass(frozen=True, slots=True)
class Bottle:
    """A bottle with whose it is and where it is."""

    id: UUID
    code: str
    patient: PatientCard
    medication: Medication
    form: Form
    dose_mg: Decimal
    volume_ml: Decimal | None
    units: int | None
    order_number: int
    prescriber: str
    prepared_for: date
    take_on: date
    portion: int
    number: int
    bottles: int
    kind: BottleKind
    state: BottleState
    covers: bool
    handed_out_on: date | None
    prepared_by: str
    checked_by: str | None = None

    @property
    def amount(self) -> str:
        if self.volume_ml is not None:
            return f"{self.dose_mg} mg, {self.volume_ml} mL"
        return f"{self.dose_mg} mg, {self.units} units"


@dataclass(frozen=True, slots=True)
class BottleEvent:
    """One line of a bottle's history."""

    code: str
    take_on: date
    kind: BottleEventKind
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback as the list shows it."""

    id: UUID
    patient: PatientCard
    choice: str
    reason: str
    told_how: str
    called_on: date
    due_by: date
    issued: int
    outcome: CallbackOutcome | None
    sealed: tuple[int | None, int | None]
    empties: tuple[int | None, int | None]
    closed_by: str
    note: str
    needs_review: bool


@dataclass(frozen=True, slots=True)
class TakenHome:
    """One bottle that left on a day, for the dispensing log. Source: 21 CFR 1304.24(a)."""

    bottle_id: UUID
    code: str
    dispensed_at: datetime
    patient: PatientCard
    medication: Medication
    form: Form
    dose_mg: Decimal
    volume_ml: Decimal | None
    units: int | None
    take_on: date
    order_number: int
    window: int | None
    dispensed_by: str


_COLUMNS = (
    *(column for column in TAKE_HOME.c if column.key not in {"decision", "version", "recorded_by"}),
)
_WITH_PATIENT = TAKE_HOME.join(PATIENT, PATIENT.c.id == TAKE_HOME.c.patient_id)
_CHECKED_BY = (
    sa.select(TAKE_HOME_EVENT.c.recorded_by_name)
    .where(
        TAKE_HOME_EVENT.c.site_id == TAKE_HOME.c.site_id,
        TAKE_HOME_EVENT.c.bottle_id == TAKE_HOME.c.id,
        TAKE_HOME_EVENT.c.kind == BottleEventKind.CHECKED,
    )
    .correlate(TAKE_HOME)
    .scalar_subquery()
    .label("checked_by")
)


def bottles_of(
    work: Work, *, patient_id: UUID, states: Collection[BottleState] | None = None
) -> list[Bottle]:
    """The patient's bottles at this site, by date; in these states only when named."""
    conditions = [TAKE_HOME.c.patient_id == patient_id]
    if states is not None:
        conditions.append(TAKE_HOME.c.state.in_(states))
    return _bottles(work, *conditions)


def bottles_here(work: Work) -> list[Bottle]:
    """Every prepared bottle that is still on the shelf, by patient and date."""
    return _bottles(work, TAKE_HOME.c.state == BottleState.PREPARED)


def handed_out_on(work: Work, *, day: date) -> list[Bottle]:
    """Every bottle that went over the counter on a day."""
    return _bottles(work, TAKE_HOME.c.handed_out_on == day)


def losses(work: Work) -> list[Bottle]:
    """Lost and stolen bottles the prescriber has not answered, oldest first."""
    answered = (
        sa.exists()
        .where(
            TAKE_HOME_EVENT.c.bottle_id == TAKE_HOME.c.id,
            TAKE_HOME_EVENT.c.kind.in_([BottleEventKind.RELEASED, BottleEventKind.NOT_REPLACED]),
        )
        .correlate(TAKE_HOME)
    )
    lost = TAKE_HOME.c.state.in_([BottleState.LOST, BottleState.STOLEN])
    return _bottles(work, lost, ~answered)


def empties_expected(work: Work, *, patient_id: UUID, day: date) -> list[Bottle]:
    """Bottles of past dates that went home and have not come back: to be brought today."""
    return _bottles(
        work,
        TAKE_HOME.c.patient_id == patient_id,
        TAKE_HOME.c.state == BottleState.HANDED_OUT,
        TAKE_HOME.c.take_on < day,
    )


def bottle(work: Work, *, bottle_id: UUID) -> Bottle:
    """One bottle.

    Raises: NotFound at another site.
    """
    found = _bottles(work, TAKE_HOME.c.id == bottle_id)
    if not found:
        raise NotFound("bottle")
    return found[0]


def _bottles(work: Work, *conditions: sa.ColumnElement[bool]) -> list[Bottle]:
    found = work.session.connection().execute(
        sa.select(*_COLUMNS, *rows.CARD_COLUMNS[1:], PATIENT.c.id.label("card_id"), _CHECKED_BY)
        .select_from(_WITH_PATIENT)
        .where(TAKE_HOME.c.site_id == work.site.id, *conditions)
        .order_by(
            PATIENT.c.family_name,
            PATIENT.c.given_names,
            TAKE_HOME.c.patient_id,
            TAKE_HOME.c.take_on,
            TAKE_HOME.c.portion,
        )
    )
    # The patient's code hides the bottle's under the same name: both are read by column.
    return [_bottle(row) for row in found.mappings()]


def _bottle(row: sa.RowMapping) -> Bottle:
    return Bottle(
        id=row[TAKE_HOME.c.id],
        code=row[TAKE_HOME.c.code],
        patient=_card(row),
        medication=row["medication"],
        form=row["form"],
        dose_mg=mg(row["dose_ug"]),
        volume_ml=None if row["volume_ul"] is None else ml(row["volume_ul"]),
        units=row["units"],
        order_number=row["order_number"],
        prescriber=row["ordered_by_name"],
        prepared_for=row["prepared_for"],
        take_on=row["take_on"],
        portion=row["portion"],
        number=row[TAKE_HOME.c.number],
        bottles=row["bottles"],
        kind=row["kind"],
        state=row["state"],
        covers=row["covers"],
        handed_out_on=row["handed_out_on"],
        prepared_by=row["recorded_by_name"],
        checked_by=row["checked_by"],
    )


def _card(row: sa.RowMapping) -> PatientCard:
    return PatientCard(
        patient_id=row["card_id"],
        code=row[PATIENT.c.code],
        first_name=row["given_names"],
        last_name=row["family_name"],
        preferred_name=row["preferred_name"],
        date_of_birth=row["birth_date"],
    )


def history_of(work: Work, *, patient_id: UUID, limit: int = 60) -> list[BottleEvent]:
    """What happened to the patient's bottles, newest first."""
    found = work.session.execute(
        sa.select(TakeHomeEvent, TakeHomeBottle.code, TakeHomeBottle.take_on)
        .join(TakeHomeBottle, TakeHomeBottle.id == TakeHomeEvent.bottle_id)
        .where(TakeHomeEvent.site_id == work.site.id, TakeHomeEvent.patient_id == patient_id)
        .order_by(TakeHomeEvent.occurred_at.desc(), TakeHomeEvent.id.desc())
        .limit(limit)
    )
    return [
        BottleEvent(
            code=code,
            take_on=take_on,
            kind=event.kind,
            at=work.site.local(event.occurred_at),
            by=event.recorded_by_name,
            note=event.note,
        )
        for event, code, take_on in found
    ]


def take_homes_dispensed(work: Work, *, day: date) -> list[TakenHome]:
    """Every bottle handed out on a service date, in the order of the counter."""
    found = work.session.connection().execute(
        sa.select(
            *_COLUMNS,
            *rows.CARD_COLUMNS[1:],
            PATIENT.c.id.label("card_id"),
            TAKE_HOME_EVENT.c.occurred_at.label("handed_out_at"),
            TAKE_HOME_EVENT.c.recorded_by_name.label("handed_out_by"),
            TAKE_HOME_EVENT.c.window.label("at_window"),
        )
        .select_from(
            _WITH_PATIENT.join(TAKE_HOME_EVENT, TAKE_HOME_EVENT.c.bottle_id == TAKE_HOME.c.id)
        )
        .where(
            TAKE_HOME.c.site_id == work.site.id,
            TAKE_HOME_EVENT.c.site_id == work.site.id,
            TAKE_HOME_EVENT.c.service_date == day,
            TAKE_HOME_EVENT.c.kind == BottleEventKind.HANDED_OUT,
        )
        .order_by(TAKE_HOME_EVENT.c.occurred_at, TAKE_HOME.c.take_on, TAKE_HOME.c.portion)
    )
    return [
        TakenHome(
            bottle_id=row[TAKE_HOME.c.id],
            code=row[TAKE_HOME.c.code],
            dispensed_at=work.site.local(row["handed_out_at"]),
            patient=_card(row),
            medication=row["medication"],
            form=row["form"],
            dose_mg=mg(row["dose_ug"]),
            volume_ml=None if row["volume_ul"] is None else ml(row["volume_ul"]),
            units=row["units"],
            take_on=row["take_on"],
            order_number=row["order_number"],
            window=row["at_window"],
            dispensed_by=row["handed_out_by"],
        )
        for row in found.mappings()
    ]


def labels_of(work: Work, *, bottles: Collection[Bottle]) -> list[BottleLabel]:
    """What is printed on these bottles."""
    here = sites.site(work)
    return [
        BottleLabel(
            otp_name=f"{here.organization}, {here.name}",
            otp_address=here.address,
            otp_phone=here.telephone,
            patient_name=f"{one.patient.first_name} {one.patient.last_name}",
            patient_code=one.patient.code,
            medication=one.medication,
            form=one.form,
            dose_mg=one.dose_mg,
            volume_ml=one.volume_ml,
            units=one.units,
            dispensed_on=one.handed_out_on or one.prepared_for,
            take_on=one.take_on,
            directions=(DIRECTIONS_SUBLINGUAL if one.form is Form.SUBLINGUAL else DIRECTIONS),
            prescriber=one.prescriber,
            number=one.number,
            bottles=one.bottles,
            code=one.code,
        )
        for one in bottles
    ]


def own_dates(work: Work, *, patient_id: UUID, day: date) -> list[Bottle]:
    """The patient's own bottles from today on, whatever the site."""
    return [
        one
        for one in _bottles_anywhere(work, patient_id)
        if one.take_on >= day and one.state is BottleState.HANDED_OUT
    ]


def _bottles_anywhere(work: Work, patient_id: UUID) -> list[Bottle]:
    found = work.session.connection().execute(
        sa.select(*_COLUMNS, *rows.CARD_COLUMNS[1:], PATIENT.c.id.label("card_id"), _CHECKED_BY)
        .select_from(_WITH_PATIENT)
        .where(TAKE_HOME.c.patient_id == patient_id)
        .order_by(TAKE_HOME.c.take_on, TAKE_HOME.c.portion)
    )
    return [_bottle(row) for row in found.mappings()]


def holders(work: Work, *, day: date) -> list[Holder]:
    """Everybody with bottles at home, with when they were last called back."""
    called = (
        sa.select(
            TakeHomeCallback.patient_id,
            sa.func.max(TakeHomeCallback.called_on).label("last"),
            sa.func.count().filter(TakeHomeCallback.outcome.is_(None)).label("open"),
        )
        .where(TakeHomeCallback.site_id == work.site.id)
        .group_by(TakeHomeCallback.patient_id)
        .subquery()
    )
    found = work.session.execute(
        sa.select(
            TAKE_HOME.c.patient_id,
            sa.func.count().label("sealed"),
            sa.func.max(called.c.last).label("last"),
            sa.func.max(called.c.open).label("open"),
        )
        .select_from(TAKE_HOME.outerjoin(called, called.c.patient_id == TAKE_HOME.c.patient_id))
        .where(
            TAKE_HOME.c.site_id == work.site.id,
            TAKE_HOME.c.state == BottleState.HANDED_OUT,
            TAKE_HOME.c.take_on >= day,
        )
        .group_by(TAKE_HOME.c.patient_id)
        .order_by(TAKE_HOME.c.patient_id)
    )
    return [
        Holder(
            patient_id=row.patient_id,
            sealed=row.sealed,
            last_called_on=row.last,
            is_called=bool(row.open),
        )
        for row in found
    ]


def count_expected(
    work: Work, *, patient_id: UUID, dose_taken_today: bool = False
) -> CallbackCount:
    """How many sealed and empty bottles the patient should bring today."""
    dates = work.session.scalars(
        sa.select(TAKE_HOME.c.take_on).where(
            TAKE_HOME.c.site_id == work.site.id,
            TAKE_HOME.c.patient_id == patient_id,
            TAKE_HOME.c.state == BottleState.HANDED_OUT,
        )
    ).all()
    return callback_count(
        dates, callback_date=work.service_date, callback_day_dose_taken=dose_taken_today
    )


def callbacks(work: Work, *, patient_id: UUID | None = None) -> list[Callback]:
    """Open callbacks first, then those closed in the last 90 days; of one patient all of them."""
    since = work.now - timedelta(days=90)
    last_decision = (
        sa.select(sa.func.max(TakeHomeDecision.recorded_at))
        .where(
            TakeHomeDecision.site_id == TakeHomeCallback.site_id,
            TakeHomeDecision.patient_id == TakeHomeCallback.patient_id,
        )
        .correlate(TakeHomeCallback)
        .scalar_subquery()
    )
    query = (
        sa.select(
            TakeHomeCallback,
            Patient,
            sa.and_(
                TakeHomeCallback.outcome.in_([CallbackOutcome.FAILED, CallbackOutcome.NOT_COME]),
                sa.or_(last_decision.is_(None), last_decision <= TakeHomeCallback.closed_at),
            ).label("needs_review"),
        )
        .join(Patient, Patient.id == TakeHomeCallback.patient_id)
        .where(TakeHomeCallback.site_id == work.site.id)
        .order_by(
            TakeHomeCallback.outcome.isnot(None),
            TakeHomeCallback.due_by,
            TakeHomeCallback.id,
        )
    )
    if patient_id is None:
        query = query.where(
            sa.or_(TakeHomeCallback.closed_at.is_(None), TakeHomeCallback.closed_at >= since)
        )
    else:
        query = query.where(TakeHomeCallback.patient_id == patient_id)
    return [
        _callback(row, patient, needs_review=bool(needs))
        for row, patient, needs in work.session.execute(query)
    ]


def _callback(row: TakeHomeCallback, patient: Patient, *, needs_review: bool) -> Callback:
    return Callback(
        id=row.id,
        patient=PatientCard(
            patient.id,
            patient.code,
            patient.given_names,
            patient.family_name,
            patient.preferred_name,
            patient.birth_date,
        ),
        choice=row.choice.value,
        reason=row.reason,
        told_how=row.told_how,
        called_on=row.called_on,
        due_by=row.due_by,
        issued=row.issued,
        outcome=row.outcome,
        sealed=(row.sealed_found, row.sealed_expected),
        empties=(row.empties_found, row.empties_expected),
        closed_by=row.closed_by_name,
        note=row.note,
        needs_review=needs_review,
    )


@dataclass(frozen=True, slots=True)
class EmergencyRecord:
    """An emergency closure as it was carried out."""

    id: UUID
    days: tuple[date, ...]
    reason: str
    declared_at: datetime
    declared_by: str
    witnessed_by: str
    patients_covered: int
    bottles_prepared: int
    left_out: Any


def emergencies(work: Work) -> list[EmergencyRecord]:
    """Every emergency closure of the site, newest first."""
    days: dict[UUID, list[date]] = {}
    for closure_id, closed_on in work.session.execute(
        sa.select(EmergencyDay.closure_id, EmergencyDay.closed_on)
        .where(EmergencyDay.site_id == work.site.id)
        .order_by(EmergencyDay.closed_on)
    ):
        days.setdefault(closure_id, []).append(closed_on)
    found = work.session.scalars(
        sa.select(EmergencyClosure)
        .where(EmergencyClosure.site_id == work.site.id)
        .order_by(EmergencyClosure.occurred_at.desc(), EmergencyClosure.id.desc())
    )
    return [
        EmergencyRecord(
            id=row.id,
            days=tuple(days.get(row.id, ())),
            reason=row.reason,
            declared_at=work.site.local(row.occurred_at),
            declared_by=row.recorded_by_name,
            witnessed_by=row.witnessed_by_name,
            patients_covered=row.patients_covered,
            bottles_prepared=row.bottles_prepared,
            left_out=row.left_out,
        )
        for row in found
    ]


def emergency(work: Work, *, emergency_id: UUID) -> tuple[EmergencyRecord, list[Bottle]]:
    """One emergency closure and its bottles.

    Raises: NotFound at another site.
    """
    for one in emergencies(work):
        if one.id == emergency_id:
            return one, _bottles(work, TAKE_HOME.c.emergency_id == emergency_id)
    raise NotFound("emergency closure")

"""Rows into facts: micrograms into milligrams, instants into the site's wall time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import sqlalchemy as sa

from clinic.core.service_dates import SiteClock
from clinic.core.units import mg, ml
from clinic.dosing.facts import (
    DoseGiven,
    DoseHistory,
    OpenHold,
    OrderInForce,
    PatientCard,
    VoidedDose,
)
from clinic.dosing.facts.line import CheckKind, CheckRecord, Claim, ImpairmentSign
from clinic.dosing.queries.tables import BOTTLE, CHECK, CLAIM, DOSE, DOSE_VOID, HOLD, ORDER, PATIENT
from clinic.stock.facts import OpenBottle

Row = sa.RowMapping
NO_SIGNS = "no signs"

CARD_COLUMNS = (
    PATIENT.c.id.label("card_id"),
    PATIENT.c.code,
    PATIENT.c.given_names,
    PATIENT.c.family_name,
    PATIENT.c.preferred_name,
    PATIENT.c.birth_date,
)
ORDER_COLUMNS = (
    ORDER.c.id.label("order_id"),
    ORDER.c.number,
    ORDER.c.medication,
    ORDER.c.form,
    ORDER.c.dose_ug,
    ORDER.c.portions,
    ORDER.c.starts_on,
    ORDER.c.ends_on,
    ORDER.c.status,
    ORDER.c.rationale,
    ORDER.c.recorded_at.label("ordered_at"),
    ORDER.c.recorded_by_name.label("ordered_by"),
)
HOLD_COLUMNS = (
    HOLD.c.reason.label("hold_reason"),
    HOLD.c.note.label("hold_note"),
    HOLD.c.recorded_at.label("held_at"),
    HOLD.c.recorded_by_name.label("held_by"),
)
BOTTLE_COLUMNS = (
    BOTTLE.c.id.label("bottle_id"),
    BOTTLE.c.medication.label("bottle_medication"),
    BOTTLE.c.lot,
    BOTTLE.c.strength_ug,
    BOTTLE.c.balance,
)
CLAIM_COLUMNS = (
    CLAIM.c.id.label("claim_id"),
    CLAIM.c.window.label("claim_window"),
    CLAIM.c.recorded_by_name.label("claim_by"),
    CLAIM.c.recorded_at.label("claim_since"),
    CLAIM.c.expires_at.label("claim_expires_at"),
)
SCREEN_COLUMNS = (
    CHECK.c.signs.label("screen_signs"),
    CHECK.c.service_date.label("screened_on"),
    CHECK.c.occurred_at.label("screened_at"),
    CHECK.c.recorded_by_name.label("screened_by"),
)
DOSE_COLUMNS = (
    DOSE.c.id.label("dose_id"),
    DOSE.c.patient_id,
    DOSE.c.service_date,
    DOSE.c.medication,
    DOSE.c.dose_ug,
    DOSE.c.volume_ul,
    DOSE.c.portion,
    DOSE.c.series,
    DOSE.c.order_number,
    DOSE.c.occurred_at,
    DOSE.c.recorded_by_name.label("given_by"),
    DOSE.c.origin,
    DOSE_VOID.c.id.label("void_id"),
    DOSE_VOID.c.reason.label("void_reason"),
    DOSE_VOID.c.occurred_at.label("voided_at"),
    DOSE_VOID.c.recorded_by_name.label("voided_by"),
)
DOSES_WITH_VOIDS = DOSE.outerjoin(
    DOSE_VOID,
    sa.and_(DOSE_VOID.c.site_id == DOSE.c.site_id, DOSE_VOID.c.dose_id == DOSE.c.id),
)


def card_of(row: Row) -> PatientCard:
    """Who the row is about."""
    return PatientCard(
        patient_id=row["card_id"],
        code=row["code"],
        first_name=row["given_names"],
        last_name=row["family_name"],
        preferred_name=row["preferred_name"],
        date_of_birth=row["birth_date"],
    )


def order_of(row: Row, clock: SiteClock) -> OrderInForce | None:
    """The order in force, its days as the site counts them; None without one."""
    if row["order_id"] is None:
        return None
    return OrderInForce(
        id=row["order_id"],
        number=row["number"],
        medication=row["medication"],
        form=row["form"],
        dose_mg=mg(row["dose_ug"]),
        portions=row["portions"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        ordered_on=clock.service_date(row["ordered_at"]),
        ordered_by=row["ordered_by"],
        status=row["status"],
        rationale=row["rationale"],
    )


def hold_of(row: Row, clock: SiteClock) -> OpenHold | None:
    """The open hold; None when nothing holds the doses."""
    if row["hold_reason"] is None:
        return None
    held_on = clock.service_date(row["held_at"])
    return OpenHold(row["hold_reason"], row["hold_note"], held_on, row["held_by"])


def bottle_of(row: Row) -> OpenBottle | None:
    """The bottle open at the window; None when there is none."""
    if row["bottle_id"] is None:
        return None
    return OpenBottle(
        id=row["bottle_id"],
        medication=row["bottle_medication"],
        lot=row["lot"],
        concentration_mg_per_ml=mg(row["strength_ug"]),
        balance_ml=ml(row["balance"]),
    )


def claim_of(row: Row, clock: SiteClock) -> Claim | None:
    """The window the patient stands at; None when at none."""
    if row["claim_id"] is None:
        return None
    return Claim(
        id=row["claim_id"],
        window=row["claim_window"],
        by=row["claim_by"],
        since=clock.local(row["claim_since"]),
        expires_at=clock.local(row["claim_expires_at"]),
    )


def signs_of(stored: str | None) -> str:
    """The signs of impairment as they are stored, in words."""
    return ", ".join(ImpairmentSign(sign).label for sign in (stored or "").split())


def screen_of(row: Row, clock: SiteClock) -> CheckRecord | None:
    """The last impairment screen; None when nobody ever looked."""
    if row["screened_on"] is None:
        return None
    signs = signs_of(row["screen_signs"])
    return CheckRecord(
        CheckKind.IMPAIRMENT,
        row["screened_on"],
        clock.local(row["screened_at"]),
        bool(signs),
        signs or NO_SIGNS,
        row["screened_by"],
    )


def history_of(row: Row) -> DoseHistory:
    """When the patient was last covered, and how long they have been dosed."""
    return DoseHistory(
        last_covered=row.get("day_before")
        or _of(max, row["last_covered"], row["bottle_last"], row["guest_last"]),
        first_recent=_of(min, row["first_recent"], row["bottle_first"]),
        last_before_recent=_of(max, row["last_before_recent"], row["bottle_before"]),
    )


def _of(choose: Callable[[list[date]], date], *days: date | None) -> date | None:
    known = [day for day in days if day is not None]
    return choose(known) if known else None


def dose_of(row: Row, clock: SiteClock) -> DoseGiven:
    """A dose as it was given, local time, with its void if it was taken back."""
    voided = None
    if row["void_id"] is not None:
        voided = VoidedDose(
            row["void_id"], row["void_reason"], clock.local(row["voided_at"]), row["voided_by"]
        )
    day: date = row["service_date"]
    return DoseGiven(
        id=row["dose_id"],
        service_date=day,
        medication=row["medication"],
        dose_mg=mg(row["dose_ug"]),
        volume_ml=None if row["volume_ul"] is None else ml(row["volume_ul"]),
        portion=row["portion"],
        series=row["series"],
        order_number=row["order_number"],
        given_at=clock.local(row["occurred_at"]),
        given_by=row["given_by"],
        origin=row["origin"],
        voided=voided,
    )

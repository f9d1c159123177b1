"""A stay in codes, and every code held against the codes there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from clinic.exchange.facts.teds import (
    DAYWAIT_BANDS,
    DAYWAIT_LONGEST,
    LONG_REHABILITATION,
    LOS_BANDS,
    LOS_LONGEST,
    LOS_SINGLE_DAYS,
    MISSING,
    PSOURCE_OF,
    SERVICE_OF,
    SEX_OF,
    SHORT_REHABILITATION,
    SHORT_REHABILITATION_DAYS_MAX,
    Shape,
    Stay,
    TedsFault,
    TedsField,
    TedsRecord,
    Transaction,
    fields_of,
)
from clinic.patients.facts import Sex
from clinic.programs.facts import RESIDENTIAL, TEDS_REASON, CareState

NOPRIOR_MAX = 5
_YES, _NO = "1", "2"


def teds_record(stay: Stay, *, transaction: Transaction, provider: str) -> TedsRecord:
    """One line of the file: every field in order, -9 where there is nothing legal to say.

    Invariant: no value leaves that is not in the field's table. What had to become -9, and the
    clinic does keep, is among the faults; a field that may not be missing holds the record back.
    Source: TEDS-A and TEDS-D codebooks.
    """
    admission = transaction is Transaction.ADMISSION
    event_on = stay.admitted_on if admission else stay.discharged_on or stay.admitted_on
    said = _admission_values(stay, provider=provider) | {"TRANSACTION": transaction.value}
    if not admission:
        said |= _discharge_values(stay)
    values: dict[str, str] = {}
    faults: list[TedsFault] = []
    for one in fields_of(transaction):
        value = said.get(one.name) or MISSING
        problem = problem_of(one, value)
        values[one.name] = MISSING if problem else value
        if problem and one.is_kept and not _is_no_question(one, stay):
            faults.append(
                TedsFault(
                    stay.patient_id,
                    stay.client,
                    event_on,
                    one.name,
                    "" if value == MISSING else value,
                    problem,
                    not one.may_miss,
                )
            )
    faults += _contradictions(stay, event_on=event_on, admission=admission)
    return TedsRecord(stay.patient_id, stay.client, event_on, values, tuple(faults))


def problem_of(one: TedsField, value: str) -> str | None:
    """Why a field may not hold a value, in words; None when it may."""
    if value == MISSING:
        return "not recorded"
    if one.shape is Shape.TEXT:
        return None
    if one.shape is Shape.DAY:
        try:
            date.fromisoformat(value)
        except ValueError:
            return "not a date"
        return None
    return None if value in one.legal else "no such code"


def service_code(level: CareState, *, planned_days: int | None) -> str | None:
    """The SERVICES code of a level of care; None where it cannot be told.

    Source: TEDS variable SERVICES; residential care by the days planned, 30 or fewer, or more.
    """
    if level not in RESIDENTIAL:
        return SERVICE_OF.get(level)
    if planned_days is None:
        return None
    is_short = planned_days <= SHORT_REHABILITATION_DAYS_MAX
    return SHORT_REHABILITATION if is_short else LONG_REHABILITATION


def length_of_stay_code(admitted_on: date, *, discharged_on: date) -> str:
    """The LOS code of a stay, at least one day. Source: TEDS-D, variable LOS."""
    days = max(1, (discharged_on - admitted_on).days)
    if days <= LOS_SINGLE_DAYS:
        return str(days)
    return next((code for until, code in LOS_BANDS if days <= until), LOS_LONGEST)


def wait_code(requested_on: date, *, admitted_on: date) -> str | None:
    """The DAYWAIT code; None for a request dated after the admission."""
    days = (admitted_on - requested_on).days
    if days < 0:
        return None
    return next((code for until, code in DAYWAIT_BANDS if days <= until), DAYWAIT_LONGEST)


def _admission_values(stay: Stay, *, provider: str) -> dict[str, str | None]:
    source = stay.referral_source
    return {
        "PROVIDER": provider,
        "CLIENT": stay.client,
        "ADMDATE": stay.admitted_on.isoformat(),
        "SERVICES": service_code(stay.level, planned_days=stay.planned_days),
        "NOPRIOR": str(min(stay.earlier_episodes, NOPRIOR_MAX)),
        "PSOURCE": PSOURCE_OF.get(source) if source else None,
        "DAYWAIT": wait_code(stay.requested_on, admitted_on=stay.admitted_on),
        "DOB": stay.birth_date.isoformat(),
        "SEX": SEX_OF.get(stay.sex),
        "PREG": _pregnant(stay),
        "PRIMPAY": stay.payer_code,
        "METHUSE": _YES if stay.takes_medication else _NO,
    }


def _is_no_question(one: TedsField, stay: Stay) -> bool:
    """Pregnancy is not asked of a man: -9 is then the answer."""
    return one.name == "PREG" and stay.sex is Sex.MALE


def _pregnant(stay: Stay) -> str | None:
    """Source: TEDS variable PREG; -9 for whoever is not asked."""
    if stay.pregnant:
        return _YES
    return _NO if stay.sex is Sex.FEMALE else None


def _discharge_values(stay: Stay) -> Mapping[str, str | None]:
    left, level, reason = stay.discharged_on, stay.level_at_discharge, stay.discharge_reason
    return {
        "LASTCONTACT": stay.last_contact_on.isoformat() if stay.last_contact_on else None,
        "DISDATE": left.isoformat() if left else None,
        "REASON": str(TEDS_REASON[reason]) if reason else None,
        "SERVICES_D": (
            service_code(level, planned_days=stay.planned_days_at_discharge) if level else None
        ),
        "LOS": length_of_stay_code(stay.admitted_on, discharged_on=left) if left else None,
    }


def _contradictions(stay: Stay, *, event_on: date, admission: bool) -> Iterator[TedsFault]:
    """Dates that cannot all be true. They hold the record back."""

    def fault(name: str, value: date, problem: str) -> TedsFault:
        return TedsFault(
            stay.patient_id, stay.client, event_on, name, value.isoformat(), problem, True
        )

    if stay.birth_date > stay.admitted_on:
        yield fault("DOB", stay.birth_date, "after the admission")
    if not admission and stay.discharged_on and stay.discharged_on < stay.admitted_on:
        yield fault("DISDATE", stay.discharged_on, "before the admission")

"""Patients as the house reads them: found, named, on the banner, and one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.patients import rules
from clinic.patients.facts import (
    AlertFacts,
    AlertSeverity,
    AllergyFacts,
    Banner,
    BannerAlert,
    CoverageFacts,
    Identifier,
    Identity,
    Match,
    PatientFacts,
    PersonName,
    Photo,
    Problem,
    Query,
    ResemblanceTerms,
    Twin,
)
from clinic.patients.models import (
    Allergy,
    Condition,
    Coverage,
    Patient,
    PatientAlert,
    PatientIdentifier,
    PatientPhoto,
)
from clinic.sites.queries import policy

LAST_DIGITS = 4
"""A telephone number is looked for by at least so many digits."""

_LOUDEST_FIRST = {severity: rank for rank, severity in enumerate(AlertSeverity)}
_HAS_PHOTO = sa.exists().where(PatientPhoto.patient_id == Patient.id).correlate(Patient)
_NAME = (Patient.family_name, Patient.given_names, Patient.preferred_name)
_MATCHES: sa.Select[*tuple[Any, ...]] = sa.select(
    Patient.id,
    Patient.code,
    *_NAME,
    Patient.birth_date,
    Patient.sex,
    Patient.deceased_on,
    Patient.telephone,
    _HAS_PHOTO.label("has_photo"),
)


def get(work: Work, *, patient_id: UUID) -> PatientFacts:
    """One patient's particulars.

    Raises: NotFound outside the organisation.
    """
    row = work.session.scalar(sa.select(Patient).where(*_this(work, patient_id)))
    if row is None:
        raise NotFound("patient")
    return PatientFacts(
        id=row.id,
        code=row.code,
        name=PersonName(row.family_name, row.given_names, row.preferred_name),
        birth_date=row.birth_date,
        sex=row.sex,
        deceased_on=row.deceased_on,
        telephone=row.telephone,
        email=row.email,
        address=row.address,
        postal_code=row.postal_code,
        is_pregnant=row.is_pregnant,
        version=row.version,
    )


def names(work: Work, *, patient_ids: Collection[UUID]) -> dict[UUID, PersonName]:
    """The names of many patients in one statement; ids of another organisation are left out."""
    if not patient_ids:
        return {}
    rows = work.session.execute(
        sa.select(Patient.id, *_NAME).where(
            Patient.organization_id == work.site.organization_id,
            Patient.id.in_(set(patient_ids)),
        )
    )
    return {row.id: PersonName(*row[1:]) for row in rows}


def codes(work: Work, *, patient_ids: Collection[UUID]) -> dict[UUID, str]:
    """The public codes of many patients, for lists and labels."""
    if not patient_ids:
        return {}
    rows = work.session.execute(
        sa.select(Patient.id, Patient.code).where(
            Patient.organization_id == work.site.organization_id,
            Patient.id.in_(set(patient_ids)),
        )
    )
    return {row.id: row.code for row in rows}


def find_or_latest(work: Work, *, text: str, limit: int) -> list[Match]:
    """What ``find`` finds; without a text, the latest registrations."""
    if text.strip():
        return find(work, text=text, limit=limit)
    everybody = Patient.organization_id == work.site.organization_id
    return _matches(work, _MATCHES.where(everybody).order_by(Patient.id.desc()).limit(limit))


def find(work: Work, *, text: str, limit: int = 20) -> list[Match]:
    """Who the text may mean, likeliest first: name parts in any order, birth date, numbers.

    Shape: a code, an identifier or the end of a telephone number stands alone; name parts and
    a birth date together must both agree. One statement.
    """
    query = rules.read_query(text)
    by_number = _numbers(work, query.text)
    statement = (
        _MATCHES.where(
            Patient.organization_id == work.site.organization_id,
            sa.or_(*by_number, *_by_person(query)),
        )
        .order_by(
            sa.case((sa.or_(*by_number), 0), (_family_name_starts(query), 1), else_=2),
            Patient.search_text,
            Patient.id,
        )
        .limit(limit)
    )
    return _matches(work, statement)


def twins(
    work: Work, *, newcomer: Identity, but_not: UUID | None = None, limit: int = 10
) -> list[Twin]:
    """Everybody registered who may be the newcomer, with the reasons; three statements."""
    candidates = work.session.execute(
        sa.select(Patient.id, Patient.code, *_NAME, Patient.birth_date, Patient.telephone)
        .where(
            Patient.organization_id == work.site.organization_id,
            Patient.id != but_not if but_not else sa.true(),
            _may_be(work, newcomer),
        )
        .order_by(Patient.id)
    ).all()
    known = _identifiers(work, [row.id for row in candidates])
    terms = policy(work, ResemblanceTerms(), of="patients", on=work.service_date)
    found = []
    for row in candidates:
        name = PersonName(*row[2:5])
        identity = Identity(
            name.family_name, name.given_names, row.birth_date, frozenset(known.get(row.id, ()))
        )
        decision = rules.resemblance(newcomer, known=identity, terms=terms)
        if decision.reasons:
            found.append(Twin(row.id, row.code, name, row.birth_date, row.telephone, decision))
    return found[:limit]


def banner(work: Work, *, patient_id: UUID) -> Banner:
    """Who it is and what to mind. Five statements however long the history.

    Raises: NotFound outside the organisation.
    """
    row = work.session.execute(
        sa.select(Patient, _HAS_PHOTO).where(*_this(work, patient_id))
    ).first()
    if row is None:
        raise NotFound("patient")
    patient: Patient = row[0]
    identifiers = _identifiers(work, [patient_id]).get(patient_id, [])
    known = tuple(one.substance for one in allergies(work, patient_id=patient_id))
    return Banner(
        patient_id=patient.id,
        code=patient.code,
        name=PersonName(patient.family_name, patient.given_names, patient.preferred_name),
        date_of_birth=patient.birth_date,
        age=rules.age(patient.birth_date, on=patient.deceased_on or work.service_date),
        sex=patient.sex.label,
        has_photo=row[1],
        identifiers=tuple((one.system, one.value) for one in identifiers),
        allergies=known if known or patient.allergies_asked_at else None,
        alerts=_standing_alerts(patient) + _raised_alerts(work, patient_id),
    )


def allergies(work: Work, *, patient_id: UUID) -> list[AllergyFacts]:
    """What the patient is known to be allergic to now."""
    rows = work.session.execute(
        sa.select(
            Allergy.id,
            Allergy.substance,
            Allergy.reaction,
            Allergy.recorded_at,
            Allergy.recorded_by_name,
        )
        .where(
            Allergy.organization_id == work.site.organization_id,
            Allergy.patient_id == patient_id,
            Allergy.ended_at.is_(None),
        )
        .order_by(Allergy.substance)
    )
    return [AllergyFacts(*row) for row in rows]


def alerts(work: Work, *, patient_id: UUID) -> list[AlertFacts]:
    """What everybody at this site must see of the patient now, loudest first."""
    rows = work.session.execute(
        sa.select(
            PatientAlert.id,
            PatientAlert.severity,
            PatientAlert.text,
            PatientAlert.recorded_at,
            PatientAlert.recorded_by_name,
        )
        .where(
            PatientAlert.site_id == work.site.id,
            PatientAlert.patient_id == patient_id,
            PatientAlert.ended_at.is_(None),
        )
        .order_by(PatientAlert.recorded_at, PatientAlert.id)
    )
    found = [AlertFacts(*row) for row in rows]
    return sorted(found, key=lambda alert: _LOUDEST_FIRST[alert.severity])


def problems(work: Work, *, patient_id: UUID) -> list[Problem]:
    """Diagnoses counted by code: opioid use disorder first, then active ones, then the rest."""
    rows = work.session.execute(
        sa.select(
            Condition.code,
            sa.func.max(Condition.text),
            sa.func.count(),
            sa.func.max(sa.case((Condition.is_active, 1), else_=0)),
            sa.func.max(sa.case((Condition.is_opioid_use_disorder, 1), else_=0)),
            sa.func.min(Condition.onset_on),
        )
        .where(Condition.site_id == work.site.id, Condition.patient_id == patient_id)
        .group_by(Condition.code_system, Condition.code)
    )
    found = [
        Problem(code, text, times, bool(active), bool(opioid), onset)
        for code, text, times, active, opioid, onset in rows
    ]
    return sorted(
        found, key=lambda one: (not one.is_opioid_use_disorder, not one.is_active, one.text)
    )


def photo(work: Work, *, patient_id: UUID) -> Photo:
    """The latest photo.

    Raises: NotFound when there is none, or none the actor may know of.
    """
    row = work.session.execute(
        sa.select(PatientPhoto.media_type, PatientPhoto.content)
        .where(
            PatientPhoto.organization_id == work.site.organization_id,
            PatientPhoto.patient_id == patient_id,
        )
        .order_by(PatientPhoto.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("photo")
    return Photo(*row)


def _this(work: Work, patient_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return Patient.id == patient_id, Patient.organization_id == work.site.organization_id


def _matches(work: Work, statement: sa.Select[*tuple[Any, ...]]) -> list[Match]:
    return [
        Match(
            patient_id=row.id,
            code=row.code,
            name=PersonName(row.family_name, row.given_names, row.preferred_name),
            date_of_birth=row.birth_date,
            sex=row.sex,
            deceased_on=row.deceased_on,
            telephone=row.telephone,
            has_photo=row.has_photo,
        )
        for row in work.session.execute(statement)
    ]


def _numbers(work: Work, text: str) -> list[sa.ColumnElement[bool]]:
    digits = "".join(character for character in text if character.isdecimal())
    known = sa.select(PatientIdentifier.patient_id).where(
        PatientIdentifier.organization_id == work.site.organization_id,
        PatientIdentifier.value == text,
    )
    found = [Patient.code == text.upper(), Patient.id.in_(known)]
    if text.isdecimal():
        found.append(Patient.code.endswith(f"-{text}", autoescape=True))
    if text.isdecimal() and len(digits) >= LAST_DIGITS:
        found.append(Patient.telephone.endswith(digits, autoescape=True))
    return found


def _by_person(query: Query) -> list[sa.ColumnElement[bool]]:
    agree = [Patient.search_text.contains(part, autoescape=True) for part in query.name_parts]
    if query.birth_dates:
        agree.append(Patient.birth_date.in_(query.birth_dates))
    return [sa.and_(*agree)] if agree else []


def _family_name_starts(query: Query) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.false(),
        *(Patient.search_text.startswith(part, autoescape=True) for part in query.name_parts),
    )


def _may_be(work: Work, newcomer: Identity) -> sa.ColumnElement[bool]:
    swapped = rules.day_and_month_swapped(newcomer.birth_date)
    dates = [newcomer.birth_date] + ([swapped] if swapped else [])
    folded = rules.search_text(family_name=newcomer.family_name, given_names=newcomer.given_names)
    numbers = [
        sa.and_(PatientIdentifier.system == one.system, PatientIdentifier.value == one.value)
        for one in newcomer.identifiers
    ]
    holders = sa.select(PatientIdentifier.patient_id).where(
        PatientIdentifier.organization_id == work.site.organization_id,
        sa.or_(sa.false(), *numbers),
    )
    return sa.or_(
        Patient.birth_date.in_(dates),
        Patient.search_text.startswith(folded, autoescape=True),
        Patient.id.in_(holders),
    )


def coverages(work: Work, *, patient_id: UUID) -> list[CoverageFacts]:
    """Every payer ever recorded for the patient, the latest first, taken-back ones among them."""
    rows = work.session.scalars(
        sa.select(Coverage)
        .where(
            Coverage.organization_id == work.site.organization_id,
            Coverage.patient_id == patient_id,
        )
        .order_by(Coverage.starts_on.desc(), Coverage.id.desc())
    )
    shown = CoverageFacts.__dataclass_fields__
    return [CoverageFacts(**{name: getattr(row, name) for name in shown}) for row in rows]


def _identifiers(work: Work, patient_ids: Iterable[UUID]) -> dict[UUID, list[Identifier]]:
    rows = work.session.execute(
        sa.select(PatientIdentifier.patient_id, PatientIdentifier.system, PatientIdentifier.value)
        .where(
            PatientIdentifier.organization_id == work.site.organization_id,
            PatientIdentifier.patient_id.in_(patient_ids),
        )
        .order_by(PatientIdentifier.system, PatientIdentifier.value)
    )
    found: dict[UUID, list[Identifier]] = {}
    for patient_id, system, value in rows:
        found.setdefault(patient_id, []).append(Identifier(system, value))
    return found


def _standing_alerts(patient: Patient) -> tuple[BannerAlert, ...]:
    deceased: date | None = patient.deceased_on
    standing = []
    if deceased:
        standing.append(BannerAlert(f"Deceased {deceased:%d %b %Y}", "stop"))
    if patient.is_pregnant:
        standing.append(BannerAlert("Pregnant", "attention"))
    return tuple(standing)


def _raised_alerts(work: Work, patient_id: UUID) -> tuple[BannerAlert, ...]:
    return tuple(
        BannerAlert(alert.text, alert.severity.kind, f"Raised by {alert.recorded_by_name}")
        for alert in alerts(work, patient_id=patient_id)
    )

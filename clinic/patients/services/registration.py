"""Register a person, correct what is known of them, record their numbers and their death."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypedDict, Unpack
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Clash, Refused
from clinic.data.upsert import insert
from clinic.data.work import STALE, Work
from clinic.patients import queries, rules
from clinic.patients.facts import (
    Identifier,
    Identity,
    PatientRegistered,
    PersonName,
    Sex,
    Twin,
)
from clinic.patients.models import TAKEN, Patient, PatientCodeCounter, PatientIdentifier
from clinic.patients.services.records import fitting, the_patient

CODE_PREFIX = "H"
FIRST_NUMBER = 1001
_NAME_FIELDS = ("family_name", "given_names", "preferred_name")
_TEXT_FIELDS = ("telephone", "email", "address", "postal_code")


class Particulars(TypedDict, total=False):
    """What ``correct`` can replace."""

    family_name: str
    given_names: str
    preferred_name: str
    birth_date: date
    sex: Sex
    telephone: str
    email: str
    address: str
    postal_code: str
    is_pregnant: bool


def register(
    work: Work,
    *,
    family_name: str,
    given_names: str,
    birth_date: date,
    sex: Sex,
    preferred_name: str = "",
    telephone: str = "",
    email: str = "",
    address: str = "",
    postal_code: str = "",
    is_pregnant: bool = False,
    identifiers: Iterable[Identifier] = (),
    despite_duplicates: bool = False,
) -> UUID:
    """Open a record for a person and give it a code.

    Invariant: two desks registering one person at once: the second sees the first's record.
    Raises: Refused naming who the person may already be, unless ``despite_duplicates``, and on a
    name or birth date that cannot be; Clash when another patient holds one of the identifiers.
    """
    name = _name(family_name, given_names, preferred_name)
    known_by = frozenset(identifiers)
    rules.may_be_born(birth_date, on=work.service_date).require()
    [code] = claim_codes(work, count=1)
    alike = queries.twins(
        work,
        newcomer=Identity(name.family_name, name.given_names, birth_date, known_by),
    )
    if alike and not despite_duplicates:
        raise _refusal(alike)
    patient = Patient(
        id=work.new_id(),
        organization_id=work.site.organization_id,
        code=code,
        birth_date=birth_date,
        sex=sex,
        is_pregnant=is_pregnant,
        search_text=_search_text(name),
        **_name_columns(name),
        **fitting(
            Patient, telephone=telephone, email=email, address=address, postal_code=postal_code
        ),
        **work.attribution,
    )
    work.session.add(patient)
    work.session.flush()
    work.session.add_all(_identifier_row(work, patient.id, one) for one in sorted(known_by))
    audit.record(
        work,
        action="patient.register",
        subject=f"patient {code}",
        patient_id=patient.id,
        detail={"despite": [twin.code for twin in alike]} if alike else {},
    )
    work.announce(PatientRegistered(patient.id))
    return patient.id


def claim_codes(work: Work, *, count: int) -> list[str]:
    """The next ``count`` patient codes of the organisation, nobody else's from now on.

    Invariant: until this work ends, everybody else who registers in the organisation waits.
    """
    last = work.session.execute(
        insert(work.session, PatientCodeCounter)
        .values(organization_id=work.site.organization_id, last_number=FIRST_NUMBER + count - 1)
        .on_conflict_do_update(
            index_elements=[PatientCodeCounter.organization_id],
            set_={"last_number": PatientCodeCounter.last_number + count},
        )
        .returning(PatientCodeCounter.last_number)
    ).scalar_one()
    return [f"{CODE_PREFIX}-{number}" for number in range(last - count + 1, last + 1)]


def correct(work: Work, *, patient_id: UUID, version: int, **changes: Unpack[Particulars]) -> None:
    """Replace the particulars of a patient that are given; the others stay.

    Raises: NotFound; Clash when ``version`` is not the one stored; Refused as ``register`` does.
    """
    patient = the_patient(work, patient_id=patient_id)
    if patient.version != version:
        raise Clash(STALE)
    given: dict[str, Any] = {**changes}
    born = given.get("birth_date", patient.birth_date)
    rules.may_be_born(born, on=work.service_date).require()
    name = _name(*(given.pop(field, getattr(patient, field)) for field in _NAME_FIELDS))
    texts = {field: given.pop(field) for field in _TEXT_FIELDS if field in given}
    wanted = given | fitting(Patient, **texts) | _name_columns(name)
    before = {field: getattr(patient, field) for field in wanted}
    for field, value in wanted.items():
        setattr(patient, field, value)
    patient.search_text = _search_text(name)
    audit.record(
        work,
        action="patient.correct",
        subject=f"patient {patient.code}",
        patient_id=patient_id,
        detail={
            field: [str(before[field]), str(value)]
            for field, value in wanted.items()
            if before[field] != value
        },
    )


def note_death(work: Work, *, patient_id: UUID, deceased_on: date) -> None:
    """Record that the patient has died; a date already recorded stays.

    Raises: NotFound; Refused for a date to come or before birth.
    """
    patient = the_patient(work, patient_id=patient_id)
    if not patient.birth_date <= deceased_on <= work.service_date:
        raise Refused("The date of death must lie between the date of birth and today.")
    if patient.deceased_on is None:
        patient.deceased_on = deceased_on
        audit.record(
            work,
            action="patient.note_death",
            subject=f"patient {patient.code}",
            patient_id=patient_id,
        )


def add_identifier(work: Work, *, patient_id: UUID, system: str, value: str) -> None:
    """Record a number by which somebody knows the patient; one they already have changes nothing.

    Raises: NotFound; Refused when either is empty; Clash when another patient has it.
    """
    patient = the_patient(work, patient_id=patient_id)
    one = Identifier(system.strip(), value.strip())
    if not one.system or not one.value:
        raise Refused("An identifier needs whose number it is, and the number.")
    added = work.session.execute(
        insert(work.session, PatientIdentifier)
        .values(id=work.new_id(), **_identifier_columns(work, patient_id, one))
        .on_conflict_do_nothing()
        .returning(PatientIdentifier.id)
    ).first()
    if added is None:
        _require_own(work, patient_id, one)
        return
    audit.record(
        work,
        action="patient.add_identifier",
        subject=f"patient {patient.code}",
        patient_id=patient_id,
        detail={"system": one.system},
    )


def _name(family_name: str, given_names: str, preferred_name: str) -> PersonName:
    name = PersonName(*map(rules.tidy_name, (family_name, given_names, preferred_name)))
    if not rules.fold(name.family_name):
        raise Refused("A patient needs a family name; a person's only name goes there.")
    return name


def _name_columns(name: PersonName) -> dict[str, str]:
    return fitting(Patient, **{field: getattr(name, field) for field in _NAME_FIELDS})


def _search_text(name: PersonName) -> str:
    return rules.search_text(**{field: getattr(name, field) for field in _NAME_FIELDS})


def _identifier_columns(work: Work, patient_id: UUID, one: Identifier) -> dict[str, Any]:
    return {
        "organization_id": work.site.organization_id,
        "patient_id": patient_id,
        **fitting(PatientIdentifier, system=one.system, value=one.value),
    }


def _identifier_row(work: Work, patient_id: UUID, one: Identifier) -> PatientIdentifier:
    return PatientIdentifier(id=work.new_id(), **_identifier_columns(work, patient_id, one))


def _require_own(work: Work, patient_id: UUID, one: Identifier) -> None:
    holder = work.session.scalar(
        sa.select(PatientIdentifier.patient_id).where(
            PatientIdentifier.organization_id == work.site.organization_id,
            PatientIdentifier.system == one.system,
            PatientIdentifier.value == one.value,
        )
    )
    if holder != patient_id:
        raise Clash(TAKEN)


def _refusal(alike: Sequence[Twin]) -> Refused:
    sentences = [
        f"May be {twin.name.listed} ({twin.code}, born {twin.birth_date:%d %b %Y}): "
        + " ".join(reason.message for reason in twin.resemblance.reasons)
        for twin in alike
    ]
    reasons = (reason for twin in alike for reason in twin.resemblance.reasons)
    return Refused(sentences, decision=Decision.of(reasons))

"""A person is registered once, by one code, however odd the name and however many desks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.patients import queries, services
from clinic.patients.facts import Identifier, Sex
from clinic.patients.models import Patient
from clinic.sites.models import Organization, Site
from tests import cast
from tests.conftest import Clinic, WorkAs
from tests.patients.builders import a_patient

MARIA: dict[str, Any] = {
    "family_name": "Núñez",
    "given_names": "María Luisa",
    "birth_date": date(1984, 3, 7),
    "sex": Sex.FEMALE,
}


def test_codes_follow_each_other(work: Work) -> None:
    first, second = a_patient(work), a_patient(work)

    assert queries.get(work, patient_id=first).code == "H-1001"
    assert queries.get(work, patient_id=second).code == "H-1002"


def test_a_refused_registration_uses_no_code(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        services.register(work, **MARIA)
    with pytest.raises(Refused), work_as(cast.FRANK) as work:
        services.register(work, **MARIA)
    with work_as(cast.FRANK) as work:
        assert services.claim_codes(work, count=2) == ["H-1002", "H-1003"]


def test_a_probable_duplicate_is_named(work: Work) -> None:
    services.register(work, **MARIA)

    with pytest.raises(Refused) as refusal:
        services.register(work, **MARIA | {"given_names": "Maria  luisa", "family_name": "nunez"})

    [reason] = refusal.value.reasons
    assert reason == (
        "May be Núñez, María Luisa (H-1001, born 07 Mar 1984): "
        "Has the same name. Born on the same day."
    )


def test_somebody_who_looked_may_register_anyway(work: Work) -> None:
    services.register(work, **MARIA)
    services.register(work, **MARIA, despite_duplicates=True)

    leaf = work.session.scalars(
        sa.select(AuditLeaf).where(AuditLeaf.action == "patient.register").order_by(AuditLeaf.id)
    ).all()[-1]
    assert leaf.detail == {"despite": ["H-1001"]}


@pytest.mark.parametrize(
    ("family_name", "given_names"),
    [
        ("O'Brien", "Séamus"),
        ("山田", "太郎"),
        ("محمد", "علي"),
        ("Null", "Nil"),
        ("N" * 200, "G" * 200),
        ("山" * 200, "田" * 200),
        ("Suharto", ""),
        ("'; DROP TABLE patient; --", "%_"),
    ],
)
def test_any_name_is_kept_and_found(work: Work, family_name: str, given_names: str) -> None:
    patient_id = services.register(
        work, **MARIA | {"family_name": family_name, "given_names": given_names}
    )

    assert queries.get(work, patient_id=patient_id).name.family_name == family_name
    assert queries.get(work, patient_id=patient_id).name.given_names == given_names
    assert [one.patient_id for one in queries.find(work, text=family_name)] == [patient_id]


@pytest.mark.parametrize(
    "change",
    [
        {"family_name": ""},
        {"family_name": " \u200b "},
        {"family_name": "x" * 201},
        {"address": "x" * 201},
        {"telephone": "1" * 81},
        {"birth_date": date(2026, 3, 4)},
        {"birth_date": date(1884, 3, 7)},
    ],
)
def test_what_cannot_be_is_refused(work: Work, change: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        services.register(work, **MARIA | change)


def test_an_identifier_belongs_to_one_patient(work_as: WorkAs) -> None:
    card = Identifier("Medicaid", "A1")
    with work_as(cast.FRANK) as work:
        first = services.register(work, **MARIA, identifiers=[card])
        other = a_patient(work)

    with pytest.raises(Clash, match="already has this identifier"), work_as(cast.FRANK) as work:
        services.add_identifier(work, patient_id=other, system="Medicaid", value="A1")
    with pytest.raises(Clash, match="already has this identifier"), work_as(cast.FRANK) as work:
        a_patient(work, identifiers=[card])
    with work_as(cast.FRANK) as work:
        services.add_identifier(work, patient_id=first, system=" Medicaid ", value="A1 ")
        banner = queries.banner(work, patient_id=first)
    assert banner.identifiers == (("Medicaid", "A1"),)


def test_a_correction_changes_what_is_given_and_nothing_else(work: Work) -> None:
    patient_id = services.register(work, **MARIA, telephone="555 0100")
    services.correct(work, patient_id=patient_id, version=1, family_name="Núñez Gil")
    work.session.flush()

    now_true = queries.get(work, patient_id=patient_id)
    assert now_true.name.listed == "Núñez Gil, María Luisa"
    assert now_true.telephone == "555 0100"
    assert now_true.version == 2
    assert [one.patient_id for one in queries.find(work, text="gil nunez")] == [patient_id]


def test_a_correction_of_what_somebody_else_changed_is_a_clash(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = services.register(work, **MARIA)
    with work_as(cast.NORA) as work:
        services.correct(work, patient_id=patient_id, version=1, telephone="1")

    with pytest.raises(Clash), work_as(cast.FRANK) as work:
        services.correct(work, patient_id=patient_id, version=1, telephone="2")

    with work_as(cast.FRANK) as work:
        assert queries.get(work, patient_id=patient_id).telephone == "1"


def test_death_is_noted_once_and_not_before_birth(work: Work) -> None:
    patient_id = services.register(work, **MARIA)
    with pytest.raises(Refused):
        services.note_death(work, patient_id=patient_id, deceased_on=date(1984, 3, 6))
    with pytest.raises(Refused):
        services.note_death(work, patient_id=patient_id, deceased_on=date(2026, 3, 4))
    services.note_death(work, patient_id=patient_id, deceased_on=date(2026, 3, 1))
    services.note_death(work, patient_id=patient_id, deceased_on=date(2026, 3, 2))
    work.session.flush()

    assert queries.get(work, patient_id=patient_id).deceased_on == date(2026, 3, 1)
    assert queries.banner(work, patient_id=patient_id).alerts[0].label == "Deceased 01 Mar 2026"


@pytest.mark.parametrize("patient_id", [uuid4(), None])
def test_a_patient_of_elsewhere_is_as_unknown_as_one_who_never_was(
    work_as: WorkAs, patient_id: UUID | None
) -> None:
    patient_id = patient_id or somebody_of_another_organization(work_as)

    for act in (
        lambda work: queries.get(work, patient_id=patient_id),
        lambda work: queries.banner(work, patient_id=patient_id),
        lambda work: services.correct(work, patient_id=patient_id, version=1, telephone="1"),
        lambda work: services.add_identifier(work, patient_id=patient_id, system="a", value="b"),
        lambda work: services.take_turn(work, patient_id=patient_id),
    ):
        with pytest.raises(NotFound), work_as(cast.FRANK) as work:
            act(work)


def somebody_of_another_organization(work_as: WorkAs) -> UUID:
    with work_as(cast.ADA) as work:
        return a_stranger(work)


def a_stranger(work: Work) -> UUID:
    organization = Organization(id=uuid4(), name="Another Program")
    work.session.add(organization)
    work.session.flush()
    site = Site(
        id=uuid4(),
        organization_id=organization.id,
        code="else",
        name="Elsewhere",
        time_zone="America/Chicago",
        beds=0,
        capacity=None,
    )
    work.session.add(site)
    work.session.flush()
    here = work.site
    work.site = replace(here, id=site.id, organization_id=organization.id)
    stranger = services.register(work, **MARIA)
    work.session.flush()
    work.site = here
    return stranger


def test_two_desks_that_register_one_person_at_once_make_one_record(
    clinic: Clinic, work_as: WorkAs
) -> None:
    outcomes: list[str] = []
    together = Barrier(4)

    def register() -> None:
        with clinic.app.app_context():
            together.wait()
            try:
                with work_as(cast.FRANK) as work:
                    services.register(work, **MARIA)
                outcomes.append("registered")
            except Refused:
                outcomes.append("refused")
            finally:
                db.session.remove()

    desks = [Thread(target=register) for _ in range(4)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()

    assert sorted(outcomes) == ["refused", "refused", "refused", "registered"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Patient)) == 1


def test_desks_that_register_different_people_at_once_give_each_a_code(
    clinic: Clinic, work_as: WorkAs
) -> None:
    together = Barrier(4)

    def register(number: int) -> None:
        with clinic.app.app_context():
            together.wait()
            with work_as(cast.FRANK) as work:
                born = date(1970, 1, 1) + timedelta(days=1000 * number)
                a_patient(work, birth_date=born, despite_duplicates=False)
            db.session.remove()

    desks = [Thread(target=register, args=(number,)) for number in range(4)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()

    codes = sorted(db.session.scalars(sa.select(Patient.code)))
    assert codes == ["H-1001", "H-1002", "H-1003", "H-1004"]

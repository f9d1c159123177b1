"""Patients found by whatever the desk has in hand, and named in one statement."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from clinic.data.work import Work
from clinic.patients import queries
from clinic.patients.facts import Identifier, Identity, PersonName
from clinic.patients.models import Condition
from tests.patients.builders import a_patient


@pytest.fixture
def maria(work: Work) -> UUID:
    for _ in range(3):
        a_patient(work)
    return a_patient(
        work,
        family_name="Núñez",
        given_names="María Luisa",
        preferred_name="Marilu",
        birth_date=date(1984, 3, 7),
        telephone="(555) 010-4821",
        identifiers=[Identifier("Medicaid", "QX-77123")],
    )


@pytest.mark.parametrize(
    "typed",
    [
        "nunez maria",
        "maria nunez",
        "NÚÑEZ",
        "luisa",
        "mari nun",
        "marilu",
        "1984-03-07",
        "3/7/1984",
        "7 mar 1984",
        "nunez 3/7/84",
        "H-1004",
        "h-1004",
        "1004",
        "QX-77123",
        "4821",
        "  nunez  ",
    ],
)
def test_maria_is_found_by(work: Work, maria: UUID, typed: str) -> None:
    assert [one.patient_id for one in queries.find(work, text=typed)] == [maria]


@pytest.mark.parametrize(
    "typed", ["", "   ", "%", "_", "*", "nunez 1990-01-01", "zzz", "482", "\x00", "\u200b"]
)
@pytest.mark.usefixtures("maria")
def test_nobody_is_found_by(work: Work, typed: str) -> None:
    assert queries.find(work, text=typed) == []


@pytest.mark.parametrize("typed", ["zq " * 5000, "x" * 5000, "1" * 5000, "1/1/2000 " * 900])
@pytest.mark.usefixtures("maria")
def test_a_page_of_text_finds_nobody_and_breaks_nothing(work: Work, typed: str) -> None:
    assert queries.find(work, text=typed) == []


def test_a_family_name_comes_before_a_name_that_only_contains_it(work: Work) -> None:
    inside = a_patient(work, family_name="Abelson", given_names="Lee")
    starts = a_patient(work, family_name="Lee", given_names="Zoe")

    assert [one.patient_id for one in queries.find(work, text="lee")] == [starts, inside]


def test_a_search_takes_one_statement_and_stops_at_its_limit(work: Work) -> None:
    for _ in range(5):
        a_patient(work)
    statements: list[str] = []
    sa.event.listen(
        work.session.get_bind(),
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )

    assert len(queries.find(work, text="testperson", limit=3)) == 3
    assert len(statements) == 1


def test_names_of_many_in_one_go(work: Work, maria: UUID) -> None:
    assert queries.names(work, patient_ids=[maria, uuid4()]) == {
        maria: PersonName("Núñez", "María Luisa", "Marilu")
    }
    assert queries.names(work, patient_ids=[]) == {}


def test_a_name_is_listed_family_first(work: Work, maria: UUID) -> None:
    name = queries.get(work, patient_id=maria).name

    assert name.listed == "Núñez, María Luisa “Marilu”"
    assert name.spoken == "María Luisa Núñez"


def test_twins_leave_out_the_person_being_corrected(work: Work, maria: UUID) -> None:
    same = Identity("Nunez", "Maria Luisa", date(1984, 7, 3))

    assert [twin.patient_id for twin in queries.twins(work, newcomer=same)] == [maria]
    assert queries.twins(work, newcomer=same, but_not=maria) == []


def test_a_name_with_another_birth_year_is_still_a_candidate(work: Work, maria: UUID) -> None:
    slip = Identity("Nunez", "Maria Luisa", date(1948, 3, 7))

    assert [twin.patient_id for twin in queries.twins(work, newcomer=slip)] == [maria]


def test_the_banner_says_age_and_numbers(work: Work, maria: UUID) -> None:
    banner = queries.banner(work, patient_id=maria)

    assert (banner.age, banner.code, banner.sex) == (41, "H-1004", "Female")
    assert banner.identifiers == (("Medicaid", "QX-77123"),)
    assert banner.href == f"/patients/{maria}"


def test_problems_are_counted_by_code_opioid_use_disorder_first(work: Work, maria: UUID) -> None:
    for number, (code, text, is_opioid, is_active) in enumerate(
        [
            ("38341003", "Hypertension", False, True),
            ("55680006", "Drug overdose", False, False),
            ("6525002", "Opioid use disorder", True, True),
            ("55680006", "Drug overdose", False, False),
        ]
    ):
        work.session.add(
            Condition(
                site_id=work.site.id,
                patient_id=maria,
                code_system="SNOMED CT",
                code=code,
                text=text,
                is_opioid_use_disorder=is_opioid,
                is_active=is_active,
                source_system="test",
                source_id=str(number),
                recorded_at=work.now,
                recorded_by_name="test",
            )
        )
    work.session.flush()

    found = queries.problems(work, patient_id=maria)
    assert [(one.text, one.times, one.is_active) for one in found] == [
        ("Opioid use disorder", 1, True),
        ("Hypertension", 1, True),
        ("Drug overdose", 2, False),
    ]

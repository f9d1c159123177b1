"""People are told apart without being refused: folded names, dates as typed, resemblance."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.decision import Verdict
from clinic.patients import rules
from clinic.patients.facts import Identifier, Identity, ResemblanceTerms


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("María Luisa Núñez", "maria luisa nunez"),
        ("O'Brien", "obrien"),
        ("O\u2019Brien", "obrien"),
        ("García-López", "garcia lopez"),
        ("Strauß", "strauss"),
        ("Øre", "ore"),
        ("\uff2a\uff2f\uff28\uff2e", "john"),
        ("Null", "null"),
        ("Jo\u200bhn", "john"),
        ("\u202eJohn", "john"),
        ("  Ann \t Lee ", "ann lee"),
        ("100%_", "100"),
        ("'", ""),
    ],
)
def test_a_name_folds_to_what_people_type(typed: str, folded: str) -> None:
    assert rules.fold(typed) == folded


@pytest.mark.parametrize("name", ["山田", "محمد", "Нина", "नीना"])
def test_every_script_can_be_found(name: str) -> None:
    assert rules.fold(name).isascii()
    assert rules.fold(name)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = rules.fold(text)
    assert rules.fold(once) == once


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann   Lee ", "Ann Lee"),
        ("Jo\u200bhn", "John"),
        ("\u202eevil", "evil"),
        ("nul\x00l", "null"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("O'Brien", "O'Brien"),
        ("Jose\u0301", "José"),
    ],
)
def test_a_name_is_kept_as_typed_but_for_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert rules.tidy_name(typed) == kept


MARCH_7 = date(1984, 3, 7)
JULY_3 = date(1984, 7, 3)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1984-03-07", {MARCH_7}),
        ("1984/3/7", {MARCH_7}),
        ("3/7/1984", {MARCH_7, JULY_3}),
        ("7.3.1984", {MARCH_7, JULY_3}),
        ("03071984", {MARCH_7, JULY_3}),
        ("19840307", {MARCH_7}),
        ("7 Mar 1984", {MARCH_7}),
        ("March 7, 1984", {MARCH_7}),
        ("07-MAR-1984", {MARCH_7}),
        ("12/31/1984", {date(1984, 12, 31)}),
        ("3/7/84", {MARCH_7, JULY_3, date(2084, 3, 7), date(2084, 7, 3)}),
        ("13/45/1984", set()),
        ("1042", set()),
        ("march", set()),
        ("", set()),
    ],
)
def test_a_birth_date_is_read_however_it_is_typed(typed: str, meant: set[date]) -> None:
    assert rules.birth_dates(typed) == meant


def test_a_search_is_split_into_name_and_date() -> None:
    query = rules.read_query("Núñez 3/7/1984 maría")

    assert query.name_parts == ("nunez", "maria")
    assert query.birth_dates == {MARCH_7, JULY_3}


@pytest.mark.parametrize(
    ("on", "years"),
    [
        (date(2026, 2, 28), 21),
        (date(2026, 3, 1), 22),
        (date(2004, 2, 29), 0),
        (date(2024, 2, 29), 20),
    ],
)
def test_age_of_somebody_born_on_a_leap_day(on: date, years: int) -> None:
    assert rules.age(date(2004, 2, 29), on=on) == years


@pytest.mark.parametrize(
    ("birth_date", "allowed"),
    [
        (date(2026, 3, 3), True),
        (date(2026, 3, 4), False),
        (date(1905, 3, 4), True),
        (date(1905, 3, 3), False),
    ],
)
def test_nobody_is_born_tomorrow_or_121_years_ago(birth_date: date, *, allowed: bool) -> None:
    assert bool(rules.may_be_born(birth_date, on=date(2026, 3, 3))) is allowed


def person(
    given: str = "María Luisa", family: str = "Núñez", born: date = MARCH_7, card: str = ""
) -> Identity:
    cards = frozenset({Identifier("Medicaid", card)}) if card else frozenset[Identifier]()
    return Identity(family, given, born, cards)


@pytest.mark.parametrize(
    ("newcomer", "reasons"),
    [
        (person(), ["same_name", "same_birth_date"]),
        (person("Maria Luisa", "Nunez"), ["same_name", "same_birth_date"]),
        (person("Mar\u200bía Luisa"), ["same_name", "same_birth_date"]),
        (person("Núñez", "María Luisa"), ["same_name", "same_birth_date"]),
        (person(born=JULY_3), ["same_name", "birth_date_swapped"]),
        (person(born=date(1985, 3, 7)), ["same_name", "birth_date_slip"]),
        (person("María"), ["similar_name", "same_birth_date"]),
        (person("Maria Luiza"), ["similar_name", "same_birth_date"]),
        (person("Maria Luiza", born=JULY_3), ["similar_name", "birth_date_swapped"]),
        (person("Pedro", "Gil", date(1950, 1, 1), card="A1"), ["same_identifier"]),
        (person("Maria Luiza", born=date(1985, 3, 7)), []),
        (person(born=date(1985, 3, 8)), []),
        (person("Pedro", "Gil"), []),
        (person("Pedro"), []),
    ],
)
def test_who_may_be_the_same_person(newcomer: Identity, reasons: list[str]) -> None:
    decision = rules.resemblance(newcomer, known=person(card="A1"))

    assert [reason.code for reason in decision.reasons] == reasons
    assert decision.verdict is (Verdict.ASK if reasons else Verdict.GO)


def test_a_site_that_wants_fewer_warnings_sets_the_number() -> None:
    strict = ResemblanceTerms(similar_name_percent=100)

    assert not rules.resemblance(person("Maria Luiza"), known=person(), terms=strict).reasons


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"GIF89a", None),
        (b"<svg onload=alert(1)>", None),
        (b"", None),
    ],
)
def test_a_picture_is_what_its_first_bytes_say(content: bytes, media_type: str | None) -> None:
    assert rules.image_type(content) == media_type

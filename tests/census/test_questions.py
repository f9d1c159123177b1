"""What may be asked in an address, what is refused, and which counts leave the house."""

from __future__ import annotations

import re

import pytest

from clinic.census.facts.questions import FIELDS, Answer, Comparison, RowKind, Show
from clinic.census.rules.questions import read_question, without_small_groups
from clinic.core.errors import Refused


def test_an_address_without_a_word_asks_for_patients() -> None:
    assert read_question([]).pairs() == [("rows", "patients")]


def test_a_question_reads_back_as_it_was_written() -> None:
    pairs = [
        ("rows", "doses"),
        ("medication.is", "methadone"),
        ("date.from", "2026-01-01"),
        ("date.before", "2026-02-01"),
        ("dose_mg.min", "62.5"),
        ("pregnant.is", "no"),
        ("group", "date.month"),
        ("group", "form"),
        ("show", "mean"),
        ("of", "dose_mg"),
    ]

    question = read_question(pairs)

    assert question.pairs() == pairs
    assert question.show is Show.MEAN
    assert question.filters[3].value == 62_500
    assert question.in_words() == (
        "Doses: medication is Methadone, date from 2026-01-01, date before 2026-02-01,"
        " dose at least 62.5, pregnant is No, by date, by month, by form, mean of dose"
    )


def test_what_is_left_empty_is_not_asked() -> None:
    asked = [("rows", "doses"), ("form.is", ""), ("group", ""), ("of", "")]

    assert read_question(asked).pairs() == [("rows", "doses")]


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([("rows", "users")], "A row is one of: patients,"),
        ([("rows", "doses"), ("rows", "results")], "A row is one of: patients,"),
        ([("password_hash.is", "x")], "Patients cannot be asked for “password_hash.is”"),
        ([("sex.min", "female")], "Patients cannot be asked for “sex.min”"),
        ([("sex", "female")], "Patients cannot be asked for “sex”"),
        ([("sex.is", "'; DROP TABLE dose")], "Sex has no value “'; DROP TABLE dose”"),
        ([("sex.is", "male"), ("sex.is", "female")], "“sex.is” is asked twice"),
        ([("pregnant.is", "perhaps")], "Pregnant has no value “perhaps”"),
        ([("birth_date.from", "2026-02-30")], "Date of birth has no value “2026-02-30”"),
        ([("rows", "doses"), ("dose_mg.min", "NaN")], "Dose has no value “NaN”"),
        ([("rows", "doses"), ("dose_mg.min", "1e30")], "Dose has no value “1e30”"),
        ([("rows", "doses"), ("dose_mg.min", "0.0001")], "Dose has no value “0.0001”"),
        ([("rows", "reward_visits"), ("protocol.is", "x")], "cannot be asked for “protocol.is”"),
        ([("group", "code")], "Patients cannot be put together by “code”"),
        ([("group", "sex"), ("group", "age"), ("group", "pregnant")], "by 2 fields at most"),
        ([("show", "median")], "What is shown is one of: count, sum, mean"),
        ([("show", "sum")], "A sum or a mean is of a number"),
        ([("of", "episodes")], "A sum or a mean is of a number"),
        ([("show", "sum"), ("of", "sex")], "Patients have no number “sex”"),
    ],
)
def test_what_cannot_be_asked_is_named(pairs: list[tuple[str, str]], reason: str) -> None:
    with pytest.raises(Refused, match=re.escape(reason)):
        read_question(pairs)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(Refused) as refused:
        read_question([("shoe.is", "9"), ("group", "hat"), ("show", "best")])

    assert len(refused.value.reasons) == 3


def test_no_field_stands_twice_and_no_name_can_be_asked_for() -> None:
    for rows in RowKind:
        names = [field.name for field in FIELDS[rows]]
        assert len(names) == len(set(names))
        assert not {"family_name", "given_names", "code", "address"} & set(names)


def test_a_bound_of_a_date_is_the_first_day_left_out() -> None:
    question = read_question([("rows", "doses"), ("date.before", "2026-02-01")])

    assert question.filters[0].comparison is Comparison.BEFORE


@pytest.mark.parametrize(
    ("patients", "left", "withheld"),
    [
        ([11, 30], [11, 30], 0),
        ([10, 30, 12], [30], 2),  # one alone would follow from the whole
        ([10, 3, 12], [12], 2),
        ([4], [], 1),
        ([0, 12], [0, 12], 0),
    ],
)
def test_groups_of_few_patients_do_not_leave(
    patients: list[int], left: list[int], withheld: int
) -> None:
    rows = tuple((f"group {count}", 5 * count, count) for count in patients)

    shown = without_small_groups(Answer(("Form", "Doses", "Patients"), rows))

    assert [row[2] for row in shown.rows] == left
    assert shown.withheld == withheld


def test_rows_that_name_people_are_no_counts() -> None:
    listed = Answer(("Patient", "Code"), (("Ash, Test", "P-1"),), people=("p",))

    assert without_small_groups(listed) == listed

"""Every number opens its names, and there are as many of them as it says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from clinic.census.facts import Axis
from clinic.census.queries import census_on, movements, people_in, title
from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.programs.facts import CareState, DischargeReason, MedicationState
from tests.census import builders as ward
from tests.census.queries.test_day import statements

DETOX = CareState.WITHDRAWAL_MANAGEMENT
OTP = CareState.OPIOID_TREATMENT
OUTPATIENT = CareState.OUTPATIENT
MONDAY, TUESDAY = date(2026, 2, 16), date(2026, 2, 17)


@pytest.fixture
def busy_tuesday(work: Work) -> Work:
    """Stays in OTP, comes, comes back, moves from detox to outpatient, leaves, waits."""
    stays = ward.admitted(work, on=MONDAY, name="Stays")
    ward.takes(work, episode=stays, on=MONDAY, medication=MedicationState.METHADONE)
    ward.a_course(work, episode=stays, modality="cbt", on=MONDAY)
    ward.admitted(work, on=TUESDAY, name="Comes")
    once = ward.admitted(work, on=date(2026, 1, 5), name="Comesback")
    ward.discharged(work, episode=once, on=date(2026, 1, 9))
    ward.admitted(work, on=TUESDAY, patient_id=once.patient_id)
    moving = ward.admitted(work, on=MONDAY, name="Moves", to=DETOX)
    ward.moves(work, episode=moving, on=TUESDAY, to=OUTPATIENT)
    leaving = ward.admitted(work, on=MONDAY, name="Leaves")
    ward.discharged(work, episode=leaving, on=TUESDAY, reason=DischargeReason.INCARCERATED)
    waiting = ward.asks(work, on=MONDAY, name="Waits")
    ward.moves(work, episode=waiting, on=MONDAY, to=CareState.WAITLIST)
    ward.admitted(work, on=TUESDAY, name="Inbed", to=DETOX)
    return work


@pytest.mark.parametrize(
    ("axis", "value", "names"),
    [
        (Axis.IN_CARE, "", ["Comes", "Comesback", "Inbed", "Moves", "Stays"]),
        (Axis.WAITING, "", ["Waits"]),
        (Axis.BEDS, "", ["Inbed"]),
        (Axis.LEVEL, "opioid_treatment", ["Comes", "Comesback", "Stays"]),
        (Axis.LEVEL, "outpatient", ["Moves"]),
        (Axis.LEVEL, "aftercare", []),
        (Axis.MEDICATION, "methadone", ["Stays"]),
        (Axis.MEDICATION, "none", ["Comes", "Comesback", "Inbed", "Moves"]),
        (Axis.MODALITY, "cbt", ["Stays"]),
        (Axis.ADMITTED, "", ["Comes", "Comesback", "Inbed"]),
        (Axis.ADMITTED, "withdrawal_management", ["Inbed"]),
        (Axis.READMITTED, "", ["Comesback"]),
        (Axis.TRANSFERRED_IN, "outpatient", ["Moves"]),
        (Axis.TRANSFERRED_IN, "opioid_treatment", []),
        (Axis.TRANSFERRED_OUT, "withdrawal_management", ["Moves"]),
        (Axis.DISCHARGED, "", ["Leaves"]),
        (Axis.DISCHARGED, "outpatient", []),
        (Axis.REASON, "incarcerated", ["Leaves"]),
        (Axis.REASON, "completed", []),
    ],
)
def test_the_names_behind_a_number(
    busy_tuesday: Work, axis: Axis, value: str, names: list[str]
) -> None:
    found = people_in(busy_tuesday, day=TUESDAY, axis=axis, value=value)

    assert sorted(person.name.family_name for person in found) == names


def test_every_number_of_the_page_has_as_many_names(busy_tuesday: Work) -> None:
    census = census_on(busy_tuesday, day=TUESDAY)
    shown = {
        (Axis.IN_CARE, ""): census.in_care,
        (Axis.WAITING, ""): census.waiting,
        (Axis.BEDS, ""): census.beds_occupied,
        (Axis.READMITTED, ""): census.readmitted,
        (Axis.ADMITTED, ""): census.total.admitted,
        (Axis.DISCHARGED, ""): census.total.discharged,
    }
    for line in census.levels:
        assert line.level is not None
        shown[Axis.LEVEL, line.level.value] = line.today
        shown[Axis.ADMITTED, line.level.value] = line.admitted
        shown[Axis.TRANSFERRED_IN, line.level.value] = line.transferred_in
        shown[Axis.TRANSFERRED_OUT, line.level.value] = line.transferred_out
        shown[Axis.DISCHARGED, line.level.value] = line.discharged
    for axis, groups in (
        (Axis.MEDICATION, census.medications),
        (Axis.MODALITY, census.modalities),
        (Axis.REASON, census.discharge_reasons),
    ):
        shown |= {(axis, group.key): group.count for group in groups}

    opened = {
        key: len(people_in(busy_tuesday, day=TUESDAY, axis=key[0], value=key[1])) for key in shown
    }
    assert opened == shown


def test_a_name_says_where_since_when_and_on_what(busy_tuesday: Work) -> None:
    (person,) = people_in(busy_tuesday, day=TUESDAY, axis=Axis.MEDICATION, value="methadone")

    assert (person.state, person.since, person.medication) == (
        OTP,
        MONDAY,
        MedicationState.METHADONE,
    )


@pytest.mark.parametrize(
    ("axis", "value"),
    [
        (Axis.LEVEL, "nowhere"),
        (Axis.LEVEL, "discharged"),
        (Axis.LEVEL, ""),
        (Axis.MEDICATION, "aspirin"),
        (Axis.REASON, "boredom"),
        (Axis.ADMITTED, "waitlist"),
    ],
)
def test_a_value_the_axis_does_not_have(work: Work, axis: Axis, value: str) -> None:
    with pytest.raises(NotFound):
        people_in(work, day=TUESDAY, axis=axis, value=value)


def test_the_day_s_moves_in_order_and_by_name(work: Work) -> None:
    known = datetime(2026, 2, 16, 20, 0, tzinfo=UTC)
    episode = ward.admitted(work, on=MONDAY, name="Moves", to=DETOX)
    ward.moves(work, episode=episode, on=MONDAY, to=OTP, recorded_at=known)

    found = movements(work, day=MONDAY)

    assert [(move.label, move.to_state) for move in found] == [
        ("Before admission", CareState.INQUIRY),
        ("Admitted", DETOX),
        ("Transferred", OTP),
    ]
    assert [move.recorded_later for move in found] == [True, True, False]


@pytest.mark.parametrize("axis", [Axis.IN_CARE, Axis.ADMITTED])
def test_one_statement_for_any_number_of_names(work: Work, axis: Axis) -> None:
    for number in range(12):
        ward.admitted(work, on=TUESDAY, name=f"Patient {number}")

    with statements() as seen:
        found = people_in(work, day=TUESDAY, axis=axis)

    assert (len(found), len(seen)) == (12, 1)


@pytest.mark.parametrize(
    ("axis", "value", "words"),
    [
        (Axis.IN_CARE, "", "In care"),
        (Axis.LEVEL, "opioid_treatment", "Opioid treatment program"),
        (Axis.TRANSFERRED_IN, "outpatient", "Transferred in: Outpatient (1)"),
        (Axis.MEDICATION, "none", "No medication"),
        (Axis.MODALITY, "lost_code", "lost_code"),
        (Axis.REASON, "left_against_advice", "Discharged: left against advice"),
    ],
)
def test_a_number_says_what_it_counts(axis: Axis, value: str, words: str) -> None:
    assert title(axis, value=value) == words

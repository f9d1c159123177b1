"""What a participant's history becomes: moves of care, dose days, readings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from clinic.exchange.facts.records import MedicationClass
from clinic.exchange.facts.trial import (
    TrialDose,
    TrialPerson,
    TrialStay,
    TrialUrine,
    TrialVisit,
    VisitState,
)
from clinic.exchange.services.trial_course import (
    CareMove,
    MedicationMove,
    course_of,
    dose_days,
    note_of,
    readings_of,
    visit_ids,
)
from clinic.programs.facts import CareState, MedicationState
from clinic.stock.facts import Form, Medication
from clinic.toxicology.facts import Analyte, Reading

MONDAY = date(2024, 1, 1)


def person(**history: object) -> TrialPerson:
    values: dict[str, object] = {
        "who": "17",
        "project": "27",
        "site": "4",
        "age": 34,
        "is_male": True,
        "day_zero": MONDAY,
        "arm": "Methadone",
    }
    return TrialPerson(**(values | history))  # type: ignore[arg-type]


def methadone(day: int, amount: int = 40) -> TrialDose:
    return TrialDose(day, Decimal(amount), MedicationClass.METHADONE)


def test_a_methadone_history_is_one_stay_in_the_program() -> None:
    course = course_of(person(doses=(methadone(0), methadone(9))))
    assert course is not None

    assert course.care == (
        CareMove(date(2024, 1, 1), CareState.INQUIRY),
        CareMove(date(2024, 1, 1), CareState.OPIOID_TREATMENT),
        CareMove(date(2024, 1, 11), CareState.DISCHARGED),
    )
    assert course.medication == (
        MedicationMove(date(2024, 1, 1), MedicationState.METHADONE),
        MedicationMove(date(2024, 1, 11), MedicationState.NONE),
    )


def test_medication_ends_after_the_last_dose_though_care_goes_on() -> None:
    course = course_of(
        person(
            doses=(methadone(0), methadone(1)), visits=(TrialVisit("WK4", VisitState.VISIT, 28),)
        )
    )
    assert course is not None

    assert course.medication[-1] == MedicationMove(date(2024, 1, 3), MedicationState.NONE)
    assert course.ends_on == date(2024, 1, 30)


def test_an_injection_of_naltrexone_lasts_four_weeks_at_most_to_the_discharge() -> None:
    injection = TrialDose(0, Decimal(1), MedicationClass.NALTREXONE)
    long = course_of(person(doses=(injection,), visits=(TrialVisit("M2", VisitState.VISIT, 60),)))
    short = course_of(person(doses=(injection,), visits=(TrialVisit("W1", VisitState.VISIT, 6),)))
    assert long is not None
    assert short is not None

    assert long.medication[-1].on == date(2024, 1, 29)
    assert short.medication[-1].on == date(2024, 1, 8)


def test_a_stay_comes_before_outpatient_care() -> None:
    course = course_of(
        person(
            project="51",
            arm="Inpatient BUP",
            detox=(TrialStay(-2, 5),),
            visits=(TrialVisit("WK2", VisitState.VISIT, 14),),
        )
    )
    assert course is not None

    assert [(move.on.isoformat(), move.to_state.value) for move in course.care] == [
        ("2023-12-30", "inquiry"),
        ("2023-12-30", "withdrawal_management"),
        ("2024-01-06", "outpatient"),
        ("2024-01-16", "discharged"),
    ]


def test_somebody_screened_only_was_never_admitted() -> None:
    course = course_of(person(arm="", visits=(TrialVisit("BASELINE", VisitState.VISIT, 0),)))
    assert course is not None

    assert [move.to_state.value for move in course.care] == ["inquiry", "discharged"]


def test_a_missed_visit_is_no_presence() -> None:
    visits = (
        TrialVisit("WK1", VisitState.NO_VISIT, 7),
        TrialVisit("WK2", VisitState.MISSING, 14),
        TrialVisit("WK3", VisitState.VISIT, None),
    )
    assert course_of(person(visits=visits)) is None


def test_two_rows_of_a_day_stay_two() -> None:
    days = list(dose_days(person(doses=(methadone(3, 4), methadone(3, 12), methadone(4, 40)))))

    assert [(day.on, day.doses_ug) for day in days] == [
        (date(2024, 1, 4), (4_000, 12_000)),
        (date(2024, 1, 5), (40_000,)),
    ]
    assert (days[0].medication, days[0].form) == (Medication.METHADONE, Form.ORAL_CONCENTRATE)


def test_an_injection_is_380_mg() -> None:
    [day] = dose_days(person(doses=(TrialDose(6, Decimal(1), MedicationClass.NALTREXONE),)))

    assert (day.doses_ug, day.form) == ((380_000,), Form.INJECTION)


def test_collected_and_not_listed_is_negative_for_the_panel() -> None:
    sample = TrialUrine(0, is_temperature_ok=True, positives=frozenset({"Opioid", "Buprenorphine"}))

    assert readings_of(sample) == {
        Analyte.AMPHETAMINE: Reading.NEGATIVE,
        Analyte.BENZODIAZEPINES: Reading.NEGATIVE,
        Analyte.BUPRENORPHINE: Reading.POSITIVE,
        Analyte.CANNABINOIDS: Reading.NEGATIVE,
        Analyte.COCAINE: Reading.NEGATIVE,
        Analyte.METHADONE: Reading.NEGATIVE,
        Analyte.OPIATES: Reading.POSITIVE,
    }
    assert note_of(sample) == ""


def test_other_drugs_and_a_wrong_temperature_are_noted() -> None:
    sample = TrialUrine(0, is_temperature_ok=False, positives=frozenset({"Sedatives", "Alcohol"}))

    assert readings_of(sample)[Analyte.OTHER] is Reading.POSITIVE
    assert note_of(sample) == "Other: Alcohol, Sedatives; Temperature out of range"


def test_a_visit_of_the_same_name_gets_a_name_of_its_own() -> None:
    twice = (TrialVisit("WK3", VisitState.VISIT, 21), TrialVisit("WK3", VisitState.BLANK))

    assert [name for name, _ in visit_ids(person(visits=twice))] == ["17/WK3", "17/WK3 (2)"]

"""What outside facts amount to, and what a person must look at first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clinic.core.decision import Verdict
from clinic.exchange.facts.records import (
    MedicationClass,
    OutsideCode,
    OutsideCondition,
    OutsideDose,
    OutsideMedicationRequest,
    OutsidePatient,
    OutsideRecords,
)
from clinic.exchange.facts.trial import (
    DoseGap,
    HighDose,
    SameDayDoses,
    Share,
    TrialDose,
    TrialHistory,
    TrialPerson,
)
from clinic.exchange.rules import (
    count_records,
    find_in_trial,
    review_outside_orders,
    review_same_day_doses,
)

LIVING = OutsidePatient("p")
KNOWN = OutsideDose(dose_mg=Decimal(40), doses_per_day=1)
UNKNOWN = OutsideDose(unknown_because="the order has no dosage instruction")


def order(
    medication: str, *, status: str = "active", dose: OutsideDose = KNOWN, patient_id: str = "p"
) -> OutsideMedicationRequest:
    return OutsideMedicationRequest(
        source_id=f"{medication} {status}",
        patient_id=patient_id,
        medication=MedicationClass(medication),
        code=OutsideCode(),
        status=status,
        intent="order",
        dose=dose,
    )


@pytest.mark.parametrize(
    ("orders", "codes"),
    [
        ([], []),
        ([order("other")], []),
        ([order("methadone", status="stopped")], []),
        ([order("methadone", patient_id="somebody else")], []),
        ([order("methadone")], ["outside_order_unconfirmed"]),
        ([order("methadone", dose=UNKNOWN)], ["outside_order_unconfirmed", "dose_unknown"]),
        (
            [order("methadone"), order("buprenorphine_naloxone")],
            ["outside_order_unconfirmed", "several_medications"],
        ),
        (
            [order("buprenorphine_naloxone"), order("naltrexone")],
            ["outside_order_unconfirmed", "agonist_with_naltrexone", "several_medications"],
        ),
        (
            [order("methadone"), order("naltrexone", status="stopped")],
            ["outside_order_unconfirmed"],
        ),
    ],
)
def test_a_prescriber_settles_outside_orders(
    orders: list[OutsideMedicationRequest], codes: list[str]
) -> None:
    decision = review_outside_orders(LIVING, requests=orders)
    assert [reason.code for reason in decision.reasons] == codes
    assert decision.verdict is (Verdict.ASK if codes else Verdict.GO)


def test_no_order_of_a_deceased_patient_may_start() -> None:
    decision = review_outside_orders(
        OutsidePatient("p", is_deceased=True), requests=[order("methadone")]
    )
    assert decision.verdict is Verdict.STOP


def test_two_dose_rows_on_one_day_ask_and_are_never_added() -> None:
    decision = review_same_day_doses(SameDayDoses("1270", 28, (Decimal(4), Decimal(12))))
    assert decision.verdict is Verdict.ASK
    assert decision.reasons[0].message == (
        "Day 28 has 2 dose rows (4 and 12 mg). Is it a split dose, or is one of them an error?"
    )


def test_people_are_counted_not_rows() -> None:
    def opioid_abuse(source_id: str, patient_id: str, *, is_active: bool) -> OutsideCondition:
        return OutsideCondition(
            source_id, patient_id, OutsideCode(), is_oud=True, is_active=is_active
        )

    counts = count_records(
        OutsideRecords(
            patients=(
                OutsidePatient("a"),
                OutsidePatient("b", is_deceased=True),
                OutsidePatient("c"),
            ),
            conditions=(
                opioid_abuse("1", "a", is_active=True),
                opioid_abuse("2", "a", is_active=True),
                opioid_abuse("3", "b", is_active=True),
                opioid_abuse("4", "c", is_active=False),
            ),
            medication_requests=(
                order("methadone", patient_id="a"),
                order("methadone", status="stopped", patient_id="a"),
            ),
        )
    )
    assert (counts.patients, counts.deceased_patients) == (3, 1)
    assert counts.active_oud_conditions == 3
    assert counts.patients_with_active_oud == 2
    assert counts.living_patients_with_active_oud == 1
    assert counts.medication_requests_by_class == {"methadone": 2}
    assert counts.patients_by_class == {"methadone": 1}


def person(who: str, medication: str, *doses: tuple[int, int]) -> TrialPerson:
    """Doses are (day, amount)."""
    return TrialPerson(
        who=who,
        project="27",
        site="A",
        age=40,
        is_male=True,
        day_zero=date(2024, 1, 1),
        doses=tuple(
            TrialDose(day, Decimal(amount), MedicationClass(medication)) for day, amount in doses
        ),
    )


def test_findings_of_a_small_history() -> None:
    history = TrialHistory(
        (
            person("1", "methadone", (0, 30), (1, 120), (1, 10), (7, 121), (12, 40)),
            person("2", "naltrexone", (0, 1), (28, 1)),
            person("3", "buprenorphine_naloxone", (0, 16), (20, 16)),
        )
    )
    found = find_in_trial(history, high_dose_mg=Decimal(120), gap_days=5)
    assert found.extra_dose_rows == 1
    assert found.same_day == (SameDayDoses("1", 1, (Decimal(120), Decimal(10))),)
    assert found.high_doses == (HighDose("1", 7, Decimal(121)),)
    assert found.gaps == (DoseGap("1", 2, 5),)  # days 2-6; days 8-11 are only four
    assert found.methadone_total_mg == 321
    assert found.methadone_attendance == Share(4, 13)
    assert found.methadone_attendance.percent == Decimal("30.77")


def test_a_share_of_nothing_has_no_percent() -> None:
    assert find_in_trial(TrialHistory(()), high_dose_mg=Decimal(1), gap_days=1).show_rate == Share(
        0, 0
    )
    assert Share(0, 0).percent is None

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.decision import Verdict
from clinic.dosing.facts import (
    Advice,
    AdviceTable,
    DoseGate,
    HoldReason,
    MissedDosePolicy,
)
from clinic.dosing.rules.missed_doses import missed_days, missed_dose, missed_dose_advice

MAY_1 = date(2026, 5, 1)
DOSE, HOLD = DoseGate.DOSE, DoseGate.HOLD
AU, NSW = AdviceTable.AU_2003, AdviceTable.NSW_2018
NSW_BUPRENORPHINE = AdviceTable.NSW_2018_BUPRENORPHINE


@pytest.mark.parametrize(
    ("present", "labels", "missed"),
    [
        (date(2026, 5, 2), [], 0),
        (date(2026, 5, 4), [], 2),
        (date(2026, 5, 5), [date(2026, 5, day) for day in (2, 3, 4)], 0),
        (date(2026, 5, 5), [date(2026, 5, 4), date(2026, 5, 2)], 0),
        (date(2026, 5, 5), [date(2026, 4, 20)], 3),
        (date(2026, 5, 1), [], 0),
        (date(2026, 5, 3), [date(2026, 5, 9)], 0),
    ],
)
def test_days_count_from_the_last_covered_one(
    present: date, labels: list[date], missed: int
) -> None:
    assert missed_days(MAY_1, present_date=present, take_home_dates=labels) == missed


@pytest.mark.parametrize(
    ("missed", "treatment_day", "gate", "assessed"),
    [
        (0, 200, DOSE, False),
        (1, 200, DOSE, True),
        (2, 200, DOSE, True),
        (3, 200, HOLD, False),
        (1, 14, DOSE, True),
        (2, 14, HOLD, False),
        (2, 15, DOSE, True),
    ],
)
def test_three_missed_hold_and_two_in_induction(
    missed: int, treatment_day: int, gate: DoseGate, assessed: bool
) -> None:
    answer = missed_dose(missed, treatment_day=treatment_day)
    assert (answer.gate, answer.nurse_assessment_required) == (gate, assessed)
    assert answer.hold_reason is (HoldReason.MISSED_DOSES if gate is HOLD else None)


def test_after_a_missed_day_the_nurse_is_asked_to_look() -> None:
    assert missed_dose(1, treatment_day=200).decision.verdict is Verdict.ASK
    assert missed_dose(0, treatment_day=200).decision.verdict is Verdict.GO


def test_impairment_holds_and_is_named_first_with_the_missed_days_beside_it() -> None:
    assert missed_dose(0, treatment_day=200, impaired=True).hold_reason is HoldReason.IMPAIRMENT
    both = missed_dose(4, treatment_day=200, impaired=True)
    assert both.hold_reason is HoldReason.IMPAIRMENT
    assert [reason.code for reason in both.decision.stops] == ["impairment", "missed_doses"]


def test_a_site_may_choose_its_own_limits() -> None:
    policy = MissedDosePolicy(
        hold_after_missed=5, hold_after_missed_induction=1, induction_days=30, source="site"
    )
    assert missed_dose(4, treatment_day=31, policy=policy).gate is DOSE
    assert missed_dose(1, treatment_day=30, policy=policy).gate is HOLD


def test_induction_never_loosens_the_general_limit() -> None:
    policy = MissedDosePolicy(hold_after_missed=1)
    assert missed_dose(1, treatment_day=3, policy=policy).gate is HOLD


@pytest.mark.parametrize(
    ("table", "missed", "usual_mg", "dose_mg"),
    [
        (AU, 2, "85", "85"),
        (AU, 3, "80", "40"),
        (AU, 4, "120", "40"),
        (AU, 4, "60", "30"),
        (NSW, 3, "120", "120"),
        (NSW, 4, "120", "60"),
        (NSW, 4, "60", "40"),
        (NSW, 5, "30", "30"),
        (NSW, 5, "95", "47.5"),
        (NSW_BUPRENORPHINE, 4, "24", "12"),
        (NSW_BUPRENORPHINE, 5, "12", "8"),
        (NSW_BUPRENORPHINE, 4, "4", "4"),
    ],
)
def test_the_tables_advise_a_dose(
    table: AdviceTable, missed: int, usual_mg: str, dose_mg: str
) -> None:
    advice = missed_dose_advice(table, missed_days=missed, usual_dose_mg=Decimal(usual_mg))
    assert (advice.advice, advice.dose_mg) == (Advice.DOSE, Decimal(dose_mg))


@pytest.mark.parametrize(("table", "missed"), [(AU, 5), (NSW, 6), (NSW_BUPRENORPHINE, 6)])
def test_after_long_absence_the_tables_advise_a_new_induction(
    table: AdviceTable, missed: int
) -> None:
    advice = missed_dose_advice(table, missed_days=missed, usual_dose_mg=Decimal(80))
    assert (advice.advice, advice.dose_mg) == (Advice.REINDUCT, None)


@given(
    table=st.sampled_from(AdviceTable),
    missed=st.integers(0, 10),
    usual=st.decimals("0.001", "400", places=3),
)
def test_no_table_ever_advises_more_than_the_usual_dose(
    table: AdviceTable, missed: int, usual: Decimal
) -> None:
    advice = missed_dose_advice(table, missed_days=missed, usual_dose_mg=usual)
    assert advice.dose_mg is None or 0 < advice.dose_mg <= usual

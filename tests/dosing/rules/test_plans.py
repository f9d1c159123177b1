"""Steps up and tapers. 3 March 2026 is today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.decision import Verdict
from clinic.dosing.facts import OrderHistory, OrderPlanTerms, PlanKind
from clinic.dosing.rules.plans import may_plan, plan_steps
from clinic.stock.facts import Form, Medication
from tests.dosing.rules.test_orders import maintained, newcomer

TODAY = date(2026, 3, 3)


def terms(kind: PlanKind, first: str, last: str, step: str, **changes: Any) -> OrderPlanTerms:
    plan = OrderPlanTerms(
        kind=kind,
        medication=Medication.METHADONE,
        form=Form.ORAL_CONCENTRATE,
        first_mg=Decimal(first),
        last_mg=Decimal(last),
        step_mg=Decimal(step),
        every_days=7,
        starts_on=TODAY,
    )
    return replace(plan, **changes)


UP, DOWN = PlanKind.TITRATION, PlanKind.TAPER


def test_steps_up_touch_and_the_last_one_stays() -> None:
    steps = plan_steps(terms(UP, "30", "50", "10", every_days=4))
    assert [(s.dose_mg, s.starts_on, s.ends_on) for s in steps] == [
        (Decimal(30), date(2026, 3, 3), date(2026, 3, 7)),
        (Decimal(40), date(2026, 3, 7), date(2026, 3, 11)),
        (Decimal(50), date(2026, 3, 11), None),
    ]


def test_a_taper_to_nothing_ends_after_its_last_dose() -> None:
    steps = plan_steps(terms(DOWN, "10", "0", "4"))
    assert [(s.dose_mg, s.ends_on) for s in steps] == [
        (Decimal(10), date(2026, 3, 10)),
        (Decimal(6), date(2026, 3, 17)),
        (Decimal(2), date(2026, 3, 24)),
    ]


def test_a_taper_to_a_dose_stays_on_it() -> None:
    steps = plan_steps(terms(DOWN, "40", "33", "5"))
    assert [s.dose_mg for s in steps] == [Decimal(40), Decimal(35), Decimal(33)]
    assert steps[-1].ends_on is None


@pytest.mark.parametrize(
    ("kind", "first", "last", "step"),
    [
        (UP, "40", "30", "5"),
        (UP, "30", "40", "0"),
        (UP, "0", "40", "10"),
        (DOWN, "30", "40", "5"),
        (DOWN, "0", "0", "5"),
        (DOWN, "100", "0", "0.5"),
    ],
)
def test_a_plan_that_leads_nowhere_is_refused(
    kind: PlanKind, first: str, last: str, step: str
) -> None:
    plan = terms(kind, first, last, step)
    assert plan_steps(plan) == ()
    decision = may_plan(plan, history=newcomer())
    assert [reason.code for reason in decision.stops] == ["plan_leads_nowhere"]


def codes(plan: OrderPlanTerms, history: OrderHistory) -> set[tuple[str, str]]:
    return {(r.code, r.effect.value) for r in may_plan(plan, history=history).reasons}


def test_usual_steps_up_have_nothing_against_them() -> None:
    assert codes(terms(UP, "60", "80", "5", every_days=4), maintained("60")) == set()


def test_steps_that_follow_too_fast_are_asked_about_once() -> None:
    plan = terms(UP, "65", "80", "5", every_days=2)
    assert codes(plan, maintained("60")) == {("increase_too_soon", "ask")}
    (reason,) = may_plan(plan, history=maintained("60")).reasons
    assert reason.message.startswith("05 Mar, 70 mg: 2 days after the last increase")
    assert reason.message.endswith("So do 2 later steps.")


def test_the_first_day_of_a_plan_is_the_first_day_of_the_patient() -> None:
    plan = terms(UP, "60", "70", "10", every_days=4)
    assert ("first_day_total", "stop") in codes(plan, newcomer())


@pytest.mark.parametrize(
    ("step", "verdict"), [("5", Verdict.GO), ("10", Verdict.GO), ("11", Verdict.STOP)]
)
def test_a_taper_keeps_to_the_site_s_percentage_a_week(step: str, verdict: Verdict) -> None:
    plan = terms(DOWN, "100", str(100 - int(step)), step)
    assert may_plan(plan, history=maintained("100")).verdict is verdict


def test_later_steps_of_a_taper_are_weighed_by_the_dose_a_week_before() -> None:
    plan = terms(DOWN, "50", "41", "4.5")
    assert codes(plan, maintained("50")) == set()
    low = terms(DOWN, "50", "36.5", "4.5")
    assert codes(low, maintained("50")) == {("taper_pace", "stop")}
    documented = replace(low, rationale="The patient leaves town in a month.")
    assert codes(documented, maintained("50")) == {("taper_documented", "inform")}


@given(
    first=st.integers(1, 200),
    last=st.integers(0, 200),
    step=st.integers(1, 30),
    every=st.integers(1, 30),
    kind=st.sampled_from(PlanKind),
)
def test_steps_touch_and_never_turn_back(
    first: int, last: int, step: int, every: int, kind: PlanKind
) -> None:
    steps = plan_steps(terms(kind, str(first), str(last), str(step), every_days=every))
    doses = [one.dose_mg for one in steps]
    assert doses == sorted(set(doses), reverse=kind is DOWN)
    assert all(before.ends_on == after.starts_on for before, after in pairwise(steps))
    assert all(0 < dose <= 200 for dose in doses)

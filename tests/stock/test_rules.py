from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.decision import Verdict
from clinic.stock.facts import LiquidDay, SolidDay, StockDirection, VarianceTier
from clinic.stock.rules import dea_loss_deadlines, inventory_due, reconcile, reconcile_solid

BUSY_DAY = LiquidDay(
    concentration_mg_per_ml=Decimal(10),
    start_ml=Decimal(5000),
    received_ml=Decimal(1000),
    observed_ml=Decimal(1245),
    take_home_ml=Decimal(876),
    witnessed_waste_ml=Decimal(3),
    recorded_spill_ml=Decimal(5),
    counted_ml=Decimal(3868),
)
# 200 mL dispensed: 0.5 % is 1 mL, 2 % is 4 mL, and 800 mL should be left.
ROUND_DAY = LiquidDay(
    concentration_mg_per_ml=Decimal(10),
    start_ml=Decimal(1000),
    observed_ml=Decimal(200),
    counted_ml=Decimal(800),
)


def test_a_busy_day_three_millilitres_short() -> None:
    answer = reconcile(BUSY_DAY)
    assert answer.expected_ml == Decimal(3871)
    assert answer.variance_ml == Decimal(-3)
    assert answer.variance_mg == Decimal(-30)
    assert str(answer.variance_percent_of_dispensed) == "-0.141"
    assert answer.direction is StockDirection.SHORTAGE
    assert answer.tier is VarianceTier.LOG_ONLY


@pytest.mark.parametrize(
    ("counted", "tier", "verdict"),
    [
        ("800", VarianceTier.LOG_ONLY, Verdict.GO),
        ("799", VarianceTier.LOG_ONLY, Verdict.GO),
        ("798.999", VarianceTier.SECOND_COUNT, Verdict.ASK),
        ("796", VarianceTier.SECOND_COUNT, Verdict.ASK),
        ("795.999", VarianceTier.INCIDENT, Verdict.STOP),
        ("804.001", VarianceTier.INCIDENT, Verdict.STOP),
    ],
)
def test_the_exact_share_of_what_was_dispensed_decides(
    counted: str, tier: VarianceTier, verdict: Verdict
) -> None:
    answer = reconcile(replace(ROUND_DAY, counted_ml=Decimal(counted)))
    assert (answer.tier, answer.decision.verdict) == (tier, verdict)


def test_without_dispensing_any_variance_is_an_incident() -> None:
    still = replace(ROUND_DAY, observed_ml=Decimal(0), counted_ml=Decimal("999.999"))
    answer = reconcile(still)
    assert answer.variance_percent_of_dispensed is None
    assert answer.tier is VarianceTier.INCIDENT
    assert reconcile(replace(still, counted_ml=Decimal(1000))).tier is VarianceTier.LOG_ONLY


def test_a_variance_too_small_to_print_has_no_sign() -> None:
    answer = reconcile(replace(ROUND_DAY, counted_ml=Decimal("799.9999")))
    assert str(answer.variance_percent_of_dispensed) == "0.000"
    assert answer.direction is StockDirection.SHORTAGE


@given(start=st.integers(0, 10**40), counted=st.integers(0, 10**40))
def test_no_digit_is_ever_rounded_away(start: int, counted: int) -> None:
    day = LiquidDay(
        concentration_mg_per_ml=Decimal("0.001"),
        start_ml=Decimal(start),
        counted_ml=Decimal(counted),
    )
    assert Fraction(reconcile(day).variance_mg) == Fraction(counted - start, 1000)


def test_a_missing_tablet_is_an_incident() -> None:
    day = SolidDay(
        start_units=500,
        observed_units=120,
        take_home_units=60,
        witnessed_waste_units=1,
        counted_units=318,
    )
    answer = reconcile_solid(day)
    assert (answer.expected_units, answer.variance_units) == (319, -1)
    assert (answer.direction, answer.tier) == (StockDirection.SHORTAGE, VarianceTier.INCIDENT)
    assert answer.decision.verdict is Verdict.STOP


def test_tablets_that_add_up_are_logged() -> None:
    answer = reconcile_solid(
        SolidDay(
            start_units=10,
            received_units=5,
            returned_to_stock_units=1,
            observed_units=4,
            counted_units=12,
        )
    )
    assert (answer.direction, answer.tier) == (StockDirection.NONE, VarianceTier.LOG_ONLY)


@pytest.mark.parametrize(
    ("discovered", "notify", "form"),
    [
        (date(2026, 9, 4), date(2026, 9, 8), date(2026, 10, 19)),
        (date(2026, 11, 25), date(2026, 11, 27), date(2027, 1, 9)),
        (date(2026, 3, 3), date(2026, 3, 4), date(2026, 4, 17)),
    ],
)
def test_a_loss_is_told_the_next_business_day(discovered: date, notify: date, form: date) -> None:
    deadlines = dea_loss_deadlines(discovered)
    assert (deadlines.notify_dea_by, deadlines.form_106_by) == (notify, form)


@pytest.mark.parametrize(
    ("counted_on", "due"),
    [
        (date(2025, 1, 15), date(2027, 1, 15)),
        (date(2028, 2, 29), date(2030, 2, 28)),
    ],
)
def test_the_next_inventory_is_due_two_years_later(counted_on: date, due: date) -> None:
    assert inventory_due(counted_on) == due

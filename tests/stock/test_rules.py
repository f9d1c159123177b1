from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.decision import Decision, Reason, Verdict
from clinic.stock.facts import (
    PRODUCT_OF,
    PRODUCTS,
    SAFE,
    Count,
    CountLine,
    Flows,
    LiquidDay,
    LiquidReconciliation,
    Medication,
    Pack,
    Schedule,
    SolidDay,
    SolidReconciliation,
    StockDay,
    StockDirection,
    VarianceTier,
    product,
)
from clinic.stock.rules import (
    dea_loss_deadlines,
    inventory_due,
    may_close,
    reconcile,
    reconcile_day,
    reconcile_solid,
    units_for,
)

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


def pack(code: str, units: int) -> Pack:
    return Pack(UUID(int=units), product(code), "LOT", units)


EIGHTS, TWOS = "buprenorphine_naloxone_film_8", "buprenorphine_naloxone_film_2"


@pytest.mark.parametrize(
    ("dose_mg", "packs", "units"),
    [
        ("8", [(EIGHTS, 30)], [1]),
        ("24", [(EIGHTS, 30), (TWOS, 30)], [3]),
        ("12", [(EIGHTS, 30), (TWOS, 30)], [1, 2]),
        ("16", [(EIGHTS, 1), (TWOS, 30)], [1, 4]),
        ("10", [(EIGHTS, 30)], None),
        ("3", [(EIGHTS, 30), (TWOS, 30)], None),
        ("8", [(EIGHTS, 0), (TWOS, 3)], None),
        ("8", [], None),
        ("40", [("methadone_dispersible_40", 5)], [1]),
        ("20", [("methadone_dispersible_40", 5)], None),
    ],
)
def test_a_dose_is_made_of_the_fewest_whole_units(
    dose_mg: str, packs: list[tuple[str, int]], units: list[int] | None
) -> None:
    found = units_for(Decimal(dose_mg), packs=[pack(*one) for one in packs])
    assert (None if found is None else [count for _, count in found]) == units


def test_of_equal_strengths_the_first_pack_goes_first() -> None:
    first, second = pack(EIGHTS, 1), pack(EIGHTS, 30)
    found = units_for(Decimal(8), packs=[first, second])
    assert found is not None
    assert [one.units for one, _ in found] == [1]


@pytest.mark.parametrize(
    ("code", "quantity", "words", "milligrams"),
    [
        ("methadone_concentrate_10", 4500, "4.5 mL", "45"),
        ("methadone_tablet_5", 1, "1 tablet", "5"),
        (EIGHTS, 12, "12 films", "96"),
        ("naltrexone_monthly_380", 2, "2 kits", "760"),
    ],
)
def test_a_quantity_in_words_and_in_milligrams(
    code: str, quantity: int, words: str, milligrams: str
) -> None:
    what = product(code)
    assert what.said(quantity) == words
    assert what.milligrams(quantity) == Decimal(milligrams)


def test_every_product_has_a_code_of_its_own_and_methadone_is_schedule_two() -> None:
    assert len(PRODUCT_OF) == len(PRODUCTS)
    assert {one.schedule for one in PRODUCTS if one.medication is Medication.METHADONE} == {
        Schedule.C_II
    }


@given(
    expected=st.integers(0, 10**6),
    observed=st.integers(0, 10**5),
    off=st.integers(-(10**4), 10**4),
)
def test_a_day_of_either_kind_finds_the_same_difference(
    expected: int, observed: int, off: int
) -> None:
    flows = Flows(received=observed, observed=observed)
    counted = max(0, expected + off)
    liquid = reconcile_day(
        product("methadone_concentrate_10"), expected=expected, flows=flows, counted=counted
    )
    solid = reconcile_day(
        product("methadone_tablet_5"), expected=expected, flows=flows, counted=counted
    )
    assert isinstance(liquid, LiquidReconciliation)
    assert isinstance(solid, SolidReconciliation)
    assert liquid.variance_ml * 1000 == solid.variance_units == counted - expected


DAY = StockDay(day=date(2026, 3, 3), today=date(2026, 3, 3))
LINE = CountLine(product(EIGHTS), SAFE, expected=30)


def counted(amount: int, *, tier: VarianceTier = VarianceTier.LOG_ONLY) -> Count:
    at = datetime(2026, 3, 3, 20, tzinfo=UTC)
    return Count(UUID(int=1), amount, 30, tier, None, "Nora Nurse", at, at.date())


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (None, None, "uncounted"),
        (counted(30), None, None),
        (counted(29, tier=VarianceTier.INCIDENT), None, "second_count"),
        (counted(29, tier=VarianceTier.INCIDENT), counted(30), "counts_differ"),
        (counted(29, tier=VarianceTier.INCIDENT), counted(29), None),
    ],
)
def test_a_day_closes_when_every_count_is_settled(
    first: Count | None, second: Count | None, code: str | None
) -> None:
    line = replace(LINE, first=first, second=second)
    decision = may_close(replace(DAY, lines=(line,)))
    assert [reason.code for reason in decision.stops] == ([code] if code else [])


def test_a_day_ahead_and_what_others_keep_open_stop_it_too() -> None:
    unsigned = Decision.of([Reason("unsigned_log", "Nora has not signed.", "the law")])
    ahead = replace(DAY, day=date(2026, 3, 4), others=unsigned)
    assert [one.code for one in may_close(ahead).stops] == ["not_begun", "unsigned_log"]

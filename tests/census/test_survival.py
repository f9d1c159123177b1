"""Survival by hand: small cohorts whose products anybody can check on paper."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic.census.facts.measures import Bounds, Span, SurvivalCurve
from clinic.census.rules.survival import mean_change, survival_curve
from clinic.core.periods import Days

FIRST = date(2026, 1, 1)
COHORT = Span(FIRST, date(2026, 1, 31))


def stay(days: int | None) -> Days:
    return Days(FIRST, None if days is None else FIRST + timedelta(days=days))


def curve(*lengths: int | None, after: int = 60) -> SurvivalCurve:
    return survival_curve(
        [stay(days) for days in lengths],
        label="January",
        span=COHORT,
        as_of_date=FIRST + timedelta(days=after),
    )


def test_each_discharge_takes_its_share_of_those_still_there() -> None:
    """Of four, one leaves on day 10 (3/4 stay), one on day 20 (2/3 of those): 75 %, then 50 %."""
    found = curve(10, 20, None, None)

    told = [(each, point.percent) for each in (0, 9, 10, 20, 60) if (point := found.at(each))]
    assert told == [(0, 100.0), (9, 100.0), (10, 75.0), (20, 50.0), (60, 50.0)]
    assert (found.admissions, found.left) == (4, 2)


def test_the_interval_is_greenwoods_on_the_log_log_scale() -> None:
    """At 3/4 of four: theta = 1.96 * sqrt(1/12) / ln(3/4), bounds 0.75 ** exp(-+theta)."""
    point = curve(10, 20, None, None).at(10)

    assert point is not None
    assert (point.low, point.high) == (12.8, 96.1)


def test_nothing_is_said_beyond_the_longest_that_anybody_was_followed() -> None:
    found = curve(10, None, after=40)

    assert found.at(40) is not None
    assert found.at(41) is None


def test_who_was_admitted_outside_the_cohort_is_not_in_its_curve() -> None:
    found = survival_curve(
        [stay(10), Days(date(2026, 2, 1))],
        label="January",
        span=COHORT,
        as_of_date=date(2026, 3, 1),
    )

    assert found.admissions == 1


def test_a_cohort_nobody_left_stays_whole_without_an_interval() -> None:
    point = curve(None, None).at(60)

    assert point is not None
    assert (point.percent, point.low, point.high) == (100.0, None, None)


def test_an_empty_cohort_has_no_curve() -> None:
    assert curve().points == ()


def test_a_stay_of_one_day_falls_on_day_nought() -> None:
    found = curve(0, None)

    assert found.points[0].day == 0
    assert found.points[0].percent == 50.0


@pytest.mark.parametrize(
    ("pairs", "mean", "bounds"),
    [
        ([], None, None),
        ([(8, 5)], Decimal("-3.0"), None),
        ([(8, 6), (7, 5), (6, 4)], Decimal("-2.0"), Bounds(Decimal("-2.0"), Decimal("-2.0"))),
        # differences -1, -2, -3: s = 1, t(2) = 4.303, 4.303 / sqrt 3 = 2.48
        ([(8, 7), (7, 5), (6, 3)], Decimal("-2.0"), Bounds(Decimal("-4.5"), Decimal("0.5"))),
    ],
)
def test_mean_change_says_how_sure_it_is(
    pairs: list[tuple[int, int]], mean: Decimal | None, bounds: Bounds | None
) -> None:
    found = mean_change(pairs, part="Acupuncture", courses=10)

    assert (found.pairs, found.mean, found.bounds) == (len(pairs), mean, bounds)

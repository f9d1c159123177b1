"""What a protocol costs, worked out by hand for small ones and from the sources for published."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from clinic.rewards.facts import (
    CALAIM_RECOVERY_INCENTIVES,
    GOALS,
    HIGGINS,
    PRIZE_CTN_OPIOID_BONUS,
    PRIZE_VA,
    VA_BOWL,
    EscalatingProtocol,
    PrizeBowl,
    PrizeSlip,
    Protocol,
    SlipKind,
    VisitOutcome,
)
from clinic.rewards.rules.costs import bowl_mean_cents, bowl_variance, schedule_of
from clinic.rewards.rules.schedules import awards_for

TWO_SLIPS = PrizeBowl(
    name="two",
    version=1,
    slips=(SlipKind(PrizeSlip.GOOD_JOB, 1, 0), SlipKind(PrizeSlip.SMALL, 1, 100)),
    source="a test",
)


def test_a_draw_from_the_bowl_of_500_brings_2_dollars_and_21_80_cents_on_average() -> None:
    assert bowl_mean_cents(VA_BOWL) == Fraction("221.8")
    # (209 x 100^2 + 40 x 2000^2 + 10000^2) / 500 - 221.8^2
    assert bowl_variance(VA_BOWL) == Fraction("474984.76")


@pytest.mark.parametrize(
    ("protocol", "mean_cents", "deviation_cents", "draws", "worst_cents"),
    [
        (HIGGINS, 99750, 0, 0, 99750),
        (CALAIM_RECOVERY_INCENTIVES, 59900, 0, 0, 59900),
        # 164 draws: mean 164 x 221.8, variance 164 x 474984.76.
        (PRIZE_VA, 36375, 8826, 164, 1640000),
        (PRIZE_CTN_OPIOID_BONUS, 45247, 9844, 204, 2040000),
    ],
)
def test_the_whole_protocol_met(
    protocol: Protocol, mean_cents: int, deviation_cents: int, draws: int, worst_cents: int
) -> None:
    schedule = schedule_of(protocol)

    assert schedule.if_all_met.mean_cents == mean_cents
    assert schedule.if_all_met.deviation_cents == deviation_cents
    assert (schedule.draws, schedule.worst_cents) == (draws, worst_cents)
    assert schedule.rows[-1].total_cents == mean_cents


def test_two_visits_half_of_them_met_by_hand() -> None:
    # NN $6.25, NP $2.50, PN $2.50, PP nothing, each as likely.
    expected = schedule_of(replace(HIGGINS, scheduled_visits=2)).expected

    assert expected.mean_cents == 281  # (625 + 250 + 250) / 4
    assert expected.variance_square_cents == 49805  # 515625 / 4 - 281.25^2
    assert expected.deviation_cents == 223


@pytest.mark.parametrize(
    ("met_percent", "mean_cents", "deviation_cents"),
    # Twelve independent goals of $15.00: 12 p 1500, and the root of 12 p (1 - p) 1500^2.
    [(0, 0, 0), (25, 4500, 2250), (50, 9000, 2598), (100, 18000, 0)],
)
def test_visits_that_do_not_lean_on_each_other(
    met_percent: int, mean_cents: int, deviation_cents: int
) -> None:
    expected = schedule_of(GOALS, met_percent=met_percent).expected

    assert (expected.mean_cents, expected.deviation_cents) == (mean_cents, deviation_cents)


@pytest.mark.parametrize(
    ("puts_back", "draws", "mean_cents", "variance", "worst_cents"),
    [
        (True, 2, 100, 5000, 200),
        (False, 1, 50, 2500, 100),
        # Both slips: nothing is left to chance, and a third draw finds the bowl empty.
        (False, 2, 100, 0, 100),
        (False, 3, 100, 0, 100),
    ],
)
def test_a_bowl_that_keeps_drawn_slips_out(
    *, puts_back: bool, draws: int, mean_cents: int, variance: int, worst_cents: int
) -> None:
    bowl = replace(TWO_SLIPS, puts_back=puts_back)
    one_visit = replace(PRIZE_VA, scheduled_visits=1, first_draws=draws, draw_cap=draws, bowl=bowl)
    schedule = schedule_of(one_visit, met_percent=100)

    assert schedule.if_all_met.mean_cents == schedule.expected.mean_cents == mean_cents
    assert schedule.if_all_met.variance_square_cents == variance
    assert schedule.expected.variance_square_cents == variance
    assert schedule.worst_cents == worst_cents


@pytest.mark.parametrize(
    ("protocol", "mean_cents"), [(HIGGINS, 9098), (CALAIM_RECOVERY_INCENTIVES, 20653)]
)
def test_the_expected_cost_agrees_with_every_way_one_by_one(
    protocol: EscalatingProtocol, mean_cents: int
) -> None:
    """The long protocols by the state they are in; eight visits also one way after another."""
    assert schedule_of(protocol).expected.mean_cents == mean_cents
    short = replace(protocol, scheduled_visits=8, final_visits_cents=())
    totals = [
        sum(award.total_cents for award in awards_for(short, outcomes=way))
        for way in product((VisitOutcome.NEGATIVE, VisitOutcome.POSITIVE), repeat=8)
    ]
    mean = Fraction(sum(totals), len(totals))
    variance = Fraction(sum(total**2 for total in totals), len(totals)) - mean**2

    expected = schedule_of(short).expected
    assert abs(expected.mean_cents - mean) <= Fraction(1, 2)
    assert abs(expected.variance_square_cents - variance) <= 1

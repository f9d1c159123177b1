from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Refused
from clinic.rewards.facts import Cap, CapPeriod, CapPolicy, Incentive, TaxThresholds
from clinic.rewards.rules.caps import pay_within_caps, tax_flag

AUGUST = date(2026, 8, 3)
FIXED, YEARLY = CapPeriod.FIXED, CapPeriod.CALENDAR_YEAR


def paid(caps: list[Cap], *incentives: Incentive) -> list[tuple[int, str | None]]:
    answer = pay_within_caps(caps, incentives=incentives)
    return [(payment.paid_cents, payment.binding_cap) for payment in answer.payments]


def test_the_last_incentive_under_a_cap_is_paid_in_part() -> None:
    cap = Cap("samhsa_grant", 75000, FIXED, 74250)
    answer = pay_within_caps([cap], incentives=[Incentive(AUGUST, 1250)])
    assert answer.total_paid_cents == 750
    assert answer.payments[0].binding_cap == "samhsa_grant"
    assert answer.cap_reached
    assert answer.cap_alert


def test_a_calendar_year_cap_restarts_on_1_january_and_a_fixed_one_does_not() -> None:
    yearly = Cap("yearly", 59900, YEARLY, 59000)
    fixed = Cap("fixed", 59900, FIXED, 58900)
    december, january = date(2026, 12, 31), date(2027, 1, 1)
    both = (Incentive(december, 1500), Incentive(january, 1500))
    assert paid([yearly], *both) == [(900, "yearly"), (1500, None)]
    assert paid([fixed], *both) == [(1000, "fixed"), (0, "fixed")]


def test_the_tightest_cap_binds_and_the_first_listed_on_a_tie() -> None:
    wide, tight = Cap("wide", 1000, FIXED, 0), Cap("tight", 500, FIXED, 0)
    also_tight = Cap("also_tight", 700, FIXED, 200)
    incentive = Incentive(AUGUST, 600)
    assert paid([wide, tight, also_tight], incentive) == [(500, "tight")]
    assert paid([wide, also_tight, tight], incentive) == [(500, "also_tight")]


def test_a_cap_already_passed_pays_nothing_and_never_less() -> None:
    over = Cap("over", 500, FIXED, 900)
    assert paid([over], Incentive(AUGUST, 100), Incentive(AUGUST, 0)) == [(0, "over"), (0, None)]


def test_without_a_cap_all_is_paid_and_nothing_alerts() -> None:
    answer = pay_within_caps([], incentives=[Incentive(AUGUST, 10**9)])
    assert answer.total_paid_cents == 10**9
    assert not answer.cap_reached
    assert not answer.cap_alert


@pytest.mark.parametrize(("spent", "alert"), [(7999, False), (8000, True)])
def test_the_staff_are_warned_from_80_percent_on(spent: int, *, alert: bool) -> None:
    answer = pay_within_caps([Cap("cap", 10000, FIXED, spent)], incentives=[])
    assert answer.cap_alert is alert
    assert not answer.cap_reached


def test_a_site_may_be_warned_earlier() -> None:
    cap = Cap("cap", 10000, FIXED, 5000)
    assert pay_within_caps([cap], incentives=[], policy=CapPolicy(alert_percent=50)).cap_alert


CAPS = st.lists(
    st.builds(
        Cap,
        name=st.sampled_from(["one", "two", "three"]),
        limit_cents=st.integers(0, 10000),
        period=st.sampled_from(CapPeriod),
        paid_to_date_cents=st.integers(0, 10000),
    ),
    max_size=3,
)
INCENTIVES = st.lists(st.tuples(st.integers(0, 800), st.integers(0, 5000)), max_size=8).map(
    lambda pairs: [Incentive(AUGUST + timedelta(days=days), cents) for days, cents in sorted(pairs)]
)


@given(caps=CAPS, incentives=INCENTIVES)
def test_no_cap_is_ever_passed(caps: list[Cap], incentives: list[Incentive]) -> None:
    payments = pay_within_caps(caps, incentives=incentives).payments
    for payment, incentive in zip(payments, incentives, strict=True):
        assert 0 <= payment.paid_cents <= incentive.amount_cents
        assert (payment.binding_cap is None) is (payment.paid_cents == incentive.amount_cents)
    for cap in caps:
        if cap.period is FIXED:
            room = max(0, cap.limit_cents - cap.paid_to_date_cents)
            assert sum(payment.paid_cents for payment in payments) <= room


@pytest.mark.parametrize(
    ("year", "total", "threshold", "review"),
    [
        (2025, 59900, 60000, False),
        (2025, 60000, 60000, True),
        (2000, 60000, 60000, True),
        (2026, 199999, 200000, False),
        (2026, 200000, 200000, True),
    ],
)
def test_a_large_total_asks_for_a_tax_review(
    year: int, total: int, threshold: int, *, review: bool
) -> None:
    flag = tax_flag(total, calendar_year=year)
    assert (flag.threshold_cents, flag.review_1099) == (threshold, review)


def test_from_2027_the_threshold_must_have_been_set() -> None:
    with pytest.raises(Refused, match="2027"):
        tax_flag(0, calendar_year=2027)
    flag = tax_flag(204999, calendar_year=2027, thresholds=TaxThresholds(set_cents=205000))
    assert (flag.threshold_cents, flag.review_1099) == (205000, False)

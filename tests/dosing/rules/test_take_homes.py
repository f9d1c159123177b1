from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.decision import Verdict
from clinic.dosing.facts import (
    LadderLimit,
    TakeHomeCriterion,
    TakeHomeOutcome,
    TakeHomeReason,
    TakeHomeRequest,
    WeekendDay,
)
from clinic.dosing.rules.take_homes import (
    callback_count,
    closure_doses,
    take_home,
    take_home_ladder_2001,
    treatment_day,
)
from clinic.stock.facts import Medication

FIRST_DOSE = date(2026, 3, 2)
ALLOW, DENY = TakeHomeOutcome.ALLOW, TakeHomeOutcome.DENY
OK, CRITERIA, CEILING = TakeHomeReason.OK, TakeHomeReason.CRITERIA, TakeHomeReason.CEILING


def asked(day: int, regular_doses: int) -> TakeHomeRequest:
    return TakeHomeRequest(
        medication=Medication.METHADONE,
        first_dose_date=FIRST_DOSE,
        dispense_date=FIRST_DOSE + timedelta(days=day - 1),
        regular_doses=regular_doses,
    )


@pytest.mark.parametrize(
    ("day", "regular_doses", "outcome", "ceiling"),
    [
        (1, 7, ALLOW, 7),
        (1, 8, DENY, 7),
        (14, 7, ALLOW, 7),
        (14, 10, DENY, 7),
        (15, 14, ALLOW, 14),
        (15, 15, DENY, 14),
        (30, 15, DENY, 14),
        (31, 28, ALLOW, 28),
        (31, 29, DENY, 28),
        (1000, 28, ALLOW, 28),
    ],
)
def test_the_federal_ceiling_goes_by_the_day_of_dispensing(
    day: int, regular_doses: int, outcome: TakeHomeOutcome, ceiling: int
) -> None:
    answer = take_home(asked(day, regular_doses))
    assert (answer.outcome, answer.ceiling_doses) == (outcome, ceiling)
    assert answer.treatment_day == day
    assert bool(answer.decision) is (outcome is ALLOW)


def test_bottles_in_hand_count_against_the_ceiling() -> None:
    assert take_home(replace(asked(31, 28), regular_doses_in_hand=3)).reason is CEILING
    assert take_home(replace(asked(31, 25), regular_doses_in_hand=3)).reason is OK


def test_closure_doses_never_count() -> None:
    assert take_home(replace(asked(5, 7), closure_doses=2)).outcome is ALLOW


def test_closure_doses_alone_need_neither_criteria_nor_room_under_the_ceiling() -> None:
    only_closure = replace(
        asked(5, 0),
        closure_doses=1,
        regular_doses_in_hand=9,
        criteria_failed=(TakeHomeCriterion.REGULAR_ATTENDANCE,),
    )
    assert take_home(only_closure).outcome is ALLOW


def test_buprenorphine_has_no_federal_ceiling_but_a_state_may_set_one() -> None:
    request = replace(asked(10, 30), medication=Medication.BUPRENORPHINE)
    assert take_home(request).ceiling_doses is None
    assert take_home(request).outcome is ALLOW
    capped = take_home(replace(request, state_cap_doses=14))
    assert (capped.outcome, capped.ceiling_doses) == (DENY, 14)


@pytest.mark.parametrize(
    ("state_cap", "order", "exception", "ceiling", "source"),
    [
        (6, None, None, 6, "state profile"),
        (6, 4, None, 4, "quantity on the order"),
        (40, 30, None, 28, "42 CFR 8.12(i)(3)"),
        (6, 4, 31, 31, "approved exception on file (SMA-168)"),
        (None, None, 0, 0, "approved exception on file (SMA-168)"),
    ],
)
def test_the_smallest_ceiling_holds_unless_an_exception_replaces_it(
    state_cap: int | None, order: int | None, exception: int | None, ceiling: int, source: str
) -> None:
    request = replace(
        asked(31, 32),
        state_cap_doses=state_cap,
        order_quantity_doses=order,
        exception_doses=exception,
    )
    answer = take_home(request)
    assert answer.ceiling_doses == ceiling
    assert [reason.source for reason in answer.decision.stops] == [source]


def test_a_denial_names_every_reason_and_files_criteria_first() -> None:
    request = replace(
        asked(40, 29),
        criteria_failed=(
            TakeHomeCriterion.REGULAR_ATTENDANCE,
            TakeHomeCriterion.NO_RECENT_DIVERSION,
        ),
    )
    answer = take_home(request)
    assert answer.reason is CRITERIA
    assert answer.decision.verdict is Verdict.STOP
    assert [reason.code for reason in answer.decision.stops] == [
        "regular_attendance",
        "no_recent_diversion",
        "take_home_ceiling",
    ]


def test_treatment_days_run_over_year_ends_and_leap_days() -> None:
    assert treatment_day(date(2027, 12, 20), on=date(2028, 1, 2)) == 14
    assert treatment_day(date(2028, 2, 29), on=date(2028, 3, 14)) == 15


@given(day=st.integers(1, 400), doses=st.integers(0, 40), in_hand=st.integers(0, 40))
def test_an_allowed_request_never_leaves_more_in_hand_than_the_ceiling(
    day: int, doses: int, in_hand: int
) -> None:
    answer = take_home(replace(asked(day, doses), regular_doses_in_hand=in_hand))
    assert answer.ceiling_doses is not None
    assert (answer.outcome is ALLOW) is (doses + in_hand <= answer.ceiling_doses)


def test_of_a_closed_weekend_one_day_is_a_closure_day() -> None:
    bottles = closure_doses(
        date(2026, 3, 6),
        next_visit_date=date(2026, 3, 9),
        holiday_closures=[],
        designated_weekend_day=WeekendDay.SUNDAY,
    )
    assert bottles.closure_dates == (date(2026, 3, 8),)
    assert bottles.regular_dates == (date(2026, 3, 7),)
    assert bottles.total_bottles == 2
    assert bottles.criteria_review_required


def test_a_holiday_needs_no_criteria_review() -> None:
    bottles = closure_doses(
        date(2026, 11, 25),
        next_visit_date=date(2026, 11, 27),
        holiday_closures=[date(2026, 11, 26)],
        designated_weekend_day=WeekendDay.NONE,
    )
    assert bottles.closure_dates == (date(2026, 11, 26),)
    assert not bottles.criteria_review_required


def test_both_visits_themselves_need_no_bottle() -> None:
    bottles = closure_doses(
        date(2026, 3, 7),
        next_visit_date=date(2026, 3, 8),
        holiday_closures=[date(2026, 3, 7), date(2026, 3, 8)],
        designated_weekend_day=WeekendDay.SATURDAY,
    )
    assert bottles.total_bottles == 0


@given(
    length=st.integers(1, 40),
    closed=st.frozensets(st.integers(-5, 45)),
    weekend_day=st.sampled_from(WeekendDay),
)
def test_every_date_between_two_visits_gets_exactly_one_bottle(
    length: int, closed: frozenset[int], weekend_day: WeekendDay
) -> None:
    bottles = closure_doses(
        FIRST_DOSE,
        next_visit_date=FIRST_DOSE + timedelta(days=length),
        holiday_closures=[FIRST_DOSE + timedelta(days=day) for day in closed],
        designated_weekend_day=weekend_day,
    )
    assert sorted(bottles.closure_dates + bottles.regular_dates) == [
        FIRST_DOSE + timedelta(days=day) for day in range(1, length)
    ]


@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (1, "one_dose_per_week"),
        (90, "one_dose_per_week"),
        (91, "two_doses_per_week"),
        (180, "two_doses_per_week"),
        (181, "three_doses_per_week"),
        (270, "three_doses_per_week"),
        (271, "six_day_supply"),
        (365, "six_day_supply"),
        (366, "fourteen_day_supply"),
        (730, "fourteen_day_supply"),
        (731, "one_month_supply"),
    ],
)
def test_the_ladder_of_2001(day: int, limit: str) -> None:
    assert take_home_ladder_2001(day) is LadderLimit(limit)


LABELS = [date(2026, 10, day) for day in range(2, 16)]


@pytest.mark.parametrize(
    ("callback_date", "taken", "sealed", "empties"),
    [
        (date(2026, 10, 7), False, 9, 5),
        (date(2026, 10, 7), True, 8, 6),
        (date(2026, 10, 1), True, 14, 0),
        (date(2026, 10, 16), False, 0, 14),
    ],
)
def test_a_callback_counts_by_the_dates_on_the_labels(
    callback_date: date, taken: bool, sealed: int, empties: int
) -> None:
    count = callback_count(LABELS, callback_date=callback_date, callback_day_dose_taken=taken)
    assert (count.issued, count.sealed_expected, count.empties_expected) == (14, sealed, empties)

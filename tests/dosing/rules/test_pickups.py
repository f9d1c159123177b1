"""Which bottles go home, within which ceiling, for which dates, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.decision import Verdict
from clinic.dosing.facts import (
    BottleKind,
    CeilingProfile,
    CriteriaOutcome,
    ExceptionKind,
    HoldReason,
    OpenHold,
    OrderInForce,
    TakeHomeCriterion,
)
from clinic.dosing.facts.pickups import (
    EVERY_DAY,
    ClosedDay,
    CriteriaDecision,
    CriterionFinding,
    DatedBottle,
    ExceptionOnFile,
    PickupFacts,
    PickupSchedule,
    TakeHomePolicy,
)
from clinic.dosing.rules.pickups import (
    bottles_due,
    in_hand,
    may_decide,
    may_hand_out,
    may_have_emergency_bottles,
    next_visit,
    profile_doses,
    review_by,
)
from clinic.stock.facts import Form, Medication

MONDAY = date(2026, 3, 2)
ID = UUID(int=1)
ORDER = OrderInForce(
    id=ID,
    number=1,
    medication=Medication.METHADONE,
    form=Form.ORAL_CONCENTRATE,
    dose_mg=Decimal(80),
    portions=1,
    starts_on=date(2026, 1, 1),
    ends_on=None,
    ordered_on=date(2026, 1, 1),
    ordered_by="Pia Prescriber",
)
ALL_MET = tuple(CriterionFinding(one, True, "Looked at.") for one in TakeHomeCriterion)
GRANT = CriteriaDecision(
    id=ID,
    number=1,
    outcome=CriteriaOutcome.GRANTED,
    findings=ALL_MET,
    rationale="Stable.",
    ceiling_doses=28,
    profile=CeilingProfile.FEDERAL_2024,
    profile_doses=28,
    treatment_day=60,
    valid_from=MONDAY,
    review_by=date(2026, 6, 1),
    decided_on=MONDAY,
    decided_by="Pia Prescriber",
)
SUNDAYS = tuple(
    ClosedDay(MONDAY + timedelta(days=6 + 7 * week), "shut on Sundays", is_holiday=False)
    for week in range(9)
)


def comes_on(*weekdays: int) -> PickupSchedule:
    mask = sum(1 << day for day in weekdays)
    return PickupSchedule(1, mask, MONDAY, True, True, "Pia")


FACTS = PickupFacts(
    day=MONDAY,
    orders=(ORDER,),
    closed=SUNDAYS,
    schedule=comes_on(0),
    criteria=GRANT,
    first_dose_on=date(2026, 1, 1),
)


def days(*numbers: int) -> tuple[date, ...]:
    return tuple(date(2026, 3, number) for number in numbers)


@pytest.mark.parametrize(
    ("weekdays", "closed", "expected"),
    [
        (None, (), 3),
        ((0,), (), 9),
        ((0, 3), (), 5),
        ((0, 3), (5,), 6),  # Thursday shut: Friday, not next Monday
        (range(6), (8,), 3),
        ((0,), (9, 10), 11),
    ],
)
def test_the_next_visit_is_a_scheduled_day_or_the_open_day_after_it(
    weekdays: tuple[int, ...] | None, closed: tuple[int, ...], expected: int
) -> None:
    schedule = None if weekdays is None else comes_on(*weekdays)
    found = next_visit(MONDAY, schedule=schedule, closed=days(*closed))
    assert found == date(2026, 3, expected)


def test_a_week_has_six_bottles_one_of_them_for_the_closed_sunday() -> None:
    plan = bottles_due(FACTS)
    assert plan.next_visit == date(2026, 3, 9)
    assert plan.regular_dates == days(3, 4, 5, 6, 7)
    assert plan.closure_dates == days(8)
    assert plan.treatment_day == 61
    assert plan.decision.verdict is Verdict.GO


def test_a_holiday_is_a_closure_day_and_a_day_of_staff_training_is_not() -> None:
    shut = (
        ClosedDay(date(2026, 3, 4), "Holiday", is_holiday=True),
        ClosedDay(date(2026, 3, 5), "Training", is_holiday=False),
    )
    plan = bottles_due(replace(FACTS, closed=(*shut, *SUNDAYS)))
    assert plan.closure_dates == days(4, 8)
    assert plan.regular_dates == days(3, 5, 6, 7)


def test_of_a_closed_weekend_only_the_designated_day_needs_no_decision() -> None:
    saturdays = tuple(replace(one, day=one.day - timedelta(days=1)) for one in SUNDAYS)
    nobody = replace(FACTS, closed=(*saturdays, *SUNDAYS), schedule=None, criteria=None)
    friday = replace(nobody, day=date(2026, 3, 6))
    plan = bottles_due(friday)
    assert plan.closure_dates == days(8)
    assert [one.take_on for one in plan.left_out] == [date(2026, 3, 7)]
    assert plan.decision.verdict is Verdict.ASK  # something may go home, but look


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"criteria": None}, "criteria_decision"),
        ({"criteria": replace(GRANT, outcome=CriteriaOutcome.REVOKED)}, "criteria_decision"),
        ({"missed_since_criteria": 3}, "criteria_review"),
        ({"schedule": replace(comes_on(0), lockbox_seen=False)}, "lockbox"),
        ({"schedule": replace(comes_on(0), storage_taught=False)}, "storage"),
    ],
)
def test_regular_dates_stay_uncovered_and_sunday_does_not(
    change: dict[str, object], code: str
) -> None:
    plan = bottles_due(replace(FACTS, **change))  # type: ignore[arg-type]
    assert plan.regular_dates == ()
    assert plan.closure_dates == days(8)
    assert {one.reason.code for one in plan.left_out} == {code}
    assert plan.decision.verdict is Verdict.ASK


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hold": OpenHold(HoldReason.IMPAIRMENT, "", MONDAY, "Nora")}, "hold"),
        ({"orders": ()}, "no_order"),
        ({"orders": (replace(ORDER, form=Form.INJECTION),)}, "injection"),
        ({"missed_now": 3}, "missed_doses"),
    ],
)
def test_some_things_let_nothing_go_home(change: dict[str, object], code: str) -> None:
    plan = bottles_due(replace(FACTS, **change))  # type: ignore[arg-type]
    assert plan.due == ()
    assert plan.decision.verdict is Verdict.STOP
    assert code in {reason.code for reason in plan.decision.stops}


def test_an_order_that_ends_covers_no_bottle_after_its_end() -> None:
    ending = replace(ORDER, ends_on=date(2026, 3, 5))
    after = replace(ORDER, number=2, starts_on=date(2026, 3, 7), dose_mg=Decimal(85))
    plan = bottles_due(replace(FACTS, orders=(ending, after)))
    assert [(one.take_on.day, one.order.number) for one in plan.due] == [
        (3, 1),
        (4, 1),
        (7, 2),
        (8, 2),
    ]
    assert [one.take_on.day for one in plan.left_out] == [5, 6]


def test_a_split_dose_has_a_bottle_for_each_portion() -> None:
    plan = bottles_due(replace(FACTS, orders=(replace(ORDER, portions=2),)))
    assert [(one.take_on.day, one.portion) for one in plan.due[:4]] == [
        (3, 1),
        (3, 2),
        (4, 1),
        (4, 2),
    ]
    assert plan.due[0].order.portion_mg == 40


REST_AT_HOME = replace(comes_on(*range(6)), later_portions_home=True)
SPLIT_AT_HOME = replace(FACTS, orders=(replace(ORDER, portions=3),), schedule=REST_AT_HOME)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [2, 3]),
        ({"portions_given": frozenset({1})}, [2, 3]),
        ({"portions_given": frozenset({1, 2})}, [3]),
        ({"bottles": (DatedBottle(MONDAY, BottleKind.LATER_PORTION, 2),)}, [3]),
        ({"schedule": comes_on(*range(6))}, []),
        ({"orders": (ORDER,)}, []),
        ({"criteria": None}, [2, 3]),  # no ceiling, no criteria: the day is a visit day
        ({"missed_now": 3}, []),
        ({"schedule": replace(REST_AT_HOME, storage_taught=False)}, []),
    ],
    ids=str,
)
def test_later_portions_of_the_visit_day_go_home_where_the_schedule_says(
    change: dict[str, Any], expected: list[int]
) -> None:
    plan = bottles_due(replace(SPLIT_AT_HOME, **change))
    assert [one.portion for one in plan.due if one.take_on == MONDAY] == expected
    assert plan.regular_dates == ()


@pytest.mark.parametrize(
    ("take_on", "portion", "change", "sentence"),
    [
        (MONDAY, 2, {"portions_given": frozenset({1})}, None),
        (MONDAY, 2, {"portions_given": frozenset({2})}, "Portion 2 of 02 Mar is covered already."),
        (
            MONDAY,
            2,
            {"bottles": (DatedBottle(MONDAY, BottleKind.LATER_PORTION, 2, is_out=True),)},
            "Portion 2 of 02 Mar is covered already.",
        ),
        (MONDAY, 2, {"orders": (ORDER,)}, "Portion 2 of 02 Mar: the order of today has none."),
        (MONDAY - timedelta(days=1), 2, {}, "Portion 2 of 01 Mar goes home on its own day only."),
    ],
    ids=str,
)
def test_a_later_portion_goes_home_once_and_on_its_day(
    take_on: date, portion: int, change: dict[str, Any], sentence: str | None
) -> None:
    decision = may_hand_out(
        replace(SPLIT_AT_HOME, **change), take_on=(), later_portions=[(take_on, portion)]
    )
    assert [one.message for one in decision.stops] == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("profile", "treatment_day", "limit"),
    [
        ("federal_2024", 1, 7),
        ("federal_2024", 15, 14),
        ("federal_2024", 31, 28),
        ("ladder_2001", 90, 1),
        ("ladder_2001", 91, 2),
        ("ladder_2001", 181, 3),
        ("ladder_2001", 271, 6),
        ("ladder_2001", 366, 14),
        ("ladder_2001", 731, 30),
    ],
)
def test_a_profile_names_the_most_that_may_go_home(
    profile: str, treatment_day: int, limit: int
) -> None:
    policy = TakeHomePolicy(profile=profile)
    found = profile_doses(Medication.METHADONE, on_treatment_day=treatment_day, policy=policy)
    assert found == limit


def test_a_state_caps_every_medication_and_the_federal_rule_only_methadone() -> None:
    ohio = TakeHomePolicy(state_steps=((1, 14), (91, 30)))
    assert profile_doses(Medication.BUPRENORPHINE, on_treatment_day=1, policy=ohio) == 14
    assert profile_doses(Medication.BUPRENORPHINE, on_treatment_day=91, policy=ohio) == 30
    assert profile_doses(Medication.METHADONE, on_treatment_day=91, policy=ohio) == 28
    free = TakeHomePolicy()
    assert profile_doses(Medication.BUPRENORPHINE, on_treatment_day=1, policy=free) is None


def test_the_old_ladder_counts_doses_a_week_at_first() -> None:
    twice = replace(
        FACTS,
        policy=TakeHomePolicy(profile="ladder_2001"),
        first_dose_on=MONDAY - timedelta(days=100),
        schedule=comes_on(0, 3),
    )
    first = bottles_due(twice)
    assert first.regular_dates == days(3, 4)  # two a week
    had = tuple(DatedBottle(day, BottleKind.REGULAR, is_out=True) for day in days(3, 4))
    thursday = bottles_due(replace(twice, day=date(2026, 3, 5), bottles=had))
    assert thursday.regular_dates == ()
    assert thursday.closure_dates == days(8)


def test_an_exception_replaces_every_ceiling_and_needs_the_criteria_still() -> None:
    travel = ExceptionOnFile(
        id=ID,
        kind=ExceptionKind.TRAVEL,
        doses=30,
        starts_on=MONDAY,
        ends_on=date(2026, 3, 10),
        source="SMA-168",
        reason="Funeral",
        approved_by="Pia",
    )
    early = replace(FACTS, first_dose_on=MONDAY, criteria=replace(GRANT, ceiling_doses=2))
    assert bottles_due(early).ceiling_doses == 2
    assert bottles_due(replace(early, exceptions=(travel,))).ceiling_doses == 30
    withdrawn = replace(travel, withdrawn_because="Off")
    assert bottles_due(replace(early, exceptions=(withdrawn,))).ceiling_doses == 2
    nobody = replace(early, exceptions=(travel,), criteria=None)
    assert bottles_due(nobody).regular_dates == ()


def test_bottles_nobody_brought_back_count_where_the_site_says_so() -> None:
    old = DatedBottle(date(2026, 2, 25), BottleKind.REGULAR, is_out=True, is_unreturned=True)
    with_old = replace(FACTS, bottles=(old,))
    assert in_hand(with_old) == 0
    strict = replace(with_old, policy=TakeHomePolicy(unreturned_count_in_hand=True))
    assert in_hand(strict) == 1


@given(
    ceiling=st.integers(1, 28),
    held=st.sets(st.integers(1, 28), max_size=28),
    dosed=st.sets(st.integers(1, 28), max_size=5),
    mask=st.integers(1, EVERY_DAY),
    first=st.integers(0, 800),
    profile=st.sampled_from(list(CeilingProfile)),
    shut=st.sets(st.integers(1, 28), max_size=6),
)
def test_never_more_than_the_ceiling_and_never_a_date_twice(
    *,
    ceiling: int,
    held: set[int],
    dosed: set[int],
    mask: int,
    first: int,
    profile: CeilingProfile,
    shut: set[int],
) -> None:
    facts = replace(
        FACTS,
        schedule=replace(comes_on(0), weekdays=mask),
        criteria=replace(GRANT, ceiling_doses=ceiling),
        bottles=tuple(
            DatedBottle(MONDAY + timedelta(days=n), BottleKind.REGULAR, is_out=True) for n in held
        ),
        dosed=frozenset(MONDAY + timedelta(days=n) for n in dosed),
        closed=(
            *SUNDAYS,
            *(ClosedDay(MONDAY + timedelta(days=n), "Holiday", is_holiday=True) for n in shut),
        ),
        first_dose_on=MONDAY - timedelta(days=first),
        policy=TakeHomePolicy(profile=profile.value),
    )
    plan = bottles_due(facts)
    dates = [one.take_on for one in plan.due]
    there = {bottle.take_on for bottle in facts.bottles}

    assert len(dates) == len(set(dates))
    assert not set(dates) & (there | facts.dosed)
    assert all(MONDAY < day < plan.next_visit for day in dates)
    allowed = profile_doses(Medication.METHADONE, on_treatment_day=first + 1, policy=facts.policy)
    assert allowed is not None
    regular = len(plan.regular_dates)
    assert regular == 0 or in_hand(facts) + regular <= min(ceiling, allowed)
    assert {one.take_on for one in plan.left_out}.isdisjoint(dates)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"dosed": frozenset(days(3))}, "03 Mar is covered already."),
        ({"away": frozenset(days(3))}, "03 Mar is covered already."),
        (
            {"bottles": (DatedBottle(date(2026, 3, 3), BottleKind.CLOSURE, is_out=True),)},
            "03 Mar is covered already.",
        ),
        ({"day": date(2026, 3, 4)}, "The bottle for 03 Mar is of a past day."),
        ({"orders": ()}, "No order covers 03 Mar 2026."),
        ({"criteria": None}, "Regular take-homes: the practitioner has not decided."),
        (
            {
                "criteria": replace(GRANT, ceiling_doses=1),
                "bottles": (DatedBottle(date(2026, 3, 9), BottleKind.REGULAR, is_out=True),),
            },
            "At most 1 regular doses may be in hand, and 1 are already there.",
        ),
    ],
)
def test_a_bottle_is_asked_about_again_at_the_counter(
    change: dict[str, object], sentence: str
) -> None:
    assert may_hand_out(FACTS, take_on=days(3), regular=days(3))
    changed = replace(FACTS, **change)  # type: ignore[arg-type]
    refused = may_hand_out(changed, take_on=days(3), regular=days(3))
    assert sentence in {reason.message for reason in refused.stops}


def test_a_decision_considers_all_six_and_fits_the_day() -> None:
    terms = {
        "outcome": CriteriaOutcome.GRANTED,
        "ceiling_doses": 7,
        "limit": 7,
        "valid_from": MONDAY,
        "review": date(2026, 4, 1),
        "today": MONDAY,
    }
    assert may_decide(ALL_MET, **terms)  # type: ignore[arg-type]
    silent = [replace(ALL_MET[0], finding=" "), *ALL_MET[1:]]
    for findings, change, code in (
        (ALL_MET[1:], {}, "not_considered"),
        (silent, {}, "not_considered"),
        ([replace(ALL_MET[0], met=False), *ALL_MET[1:]], {}, "no_condition_raising_risk"),
        (ALL_MET, {"ceiling_doses": 8}, "take_home_ceiling"),
        (ALL_MET, {"ceiling_doses": 0}, "ceiling"),
        (ALL_MET, {"valid_from": date(2026, 3, 1)}, "valid_from"),
        (ALL_MET, {"review": date(2026, 3, 1)}, "review_by"),
    ):
        decision = may_decide(findings, **(terms | change))  # type: ignore[arg-type]
        assert code in {reason.code for reason in decision.stops}


@pytest.mark.parametrize(
    ("treatment_day", "expected"),
    [(1, date(2026, 4, 1)), (90, date(2026, 4, 1)), (91, date(2026, 5, 31))],
)
def test_reviews_are_closer_together_at_first(treatment_day: int, expected: date) -> None:
    policy = TakeHomePolicy()
    assert review_by(MONDAY, on_treatment_day=treatment_day, policy=policy) == expected


def test_in_an_emergency_everybody_with_an_order_is_covered_but_not_whoever_is_unsafe() -> None:
    storm = days(3, 4)
    fine = may_have_emergency_bottles(replace(FACTS, criteria=None, schedule=None), days=storm)
    assert [one.take_on for one in fine.due] == list(storm)
    assert {one.kind for one in fine.due} == {BottleKind.EMERGENCY}
    unsafe = tuple(
        replace(one, met=one.criterion is not TakeHomeCriterion.SAFE_TRANSPORT_AND_STORAGE)
        for one in ALL_MET
    )
    refused = replace(GRANT, outcome=CriteriaOutcome.REFUSED, findings=unsafe)
    plan = may_have_emergency_bottles(replace(FACTS, criteria=refused), days=storm)
    assert plan.due == ()
    assert [one.reason.code for one in plan.left_out] == ["safe_transport_and_storage"] * 2
    home = replace(FACTS, bottles=(DatedBottle(date(2026, 3, 3), BottleKind.REGULAR),))
    assert [one.take_on for one in may_have_emergency_bottles(home, days=storm).due] == [storm[1]]

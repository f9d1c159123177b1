"""May this dose be given now? 3 March 2026 is the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clinic.core.decision import Verdict
from clinic.dosing.facts import (
    DoseFacts,
    DoseGiven,
    DoseHistory,
    HoldReason,
    MissedDosePolicy,
    OpenHold,
    OrderInForce,
    VoidedDose,
    VoidReason,
)
from clinic.dosing.rules.doses import (
    day_of_treatment,
    may_dose,
    missed_of,
    next_portion,
    next_series,
    volume_of,
)
from clinic.stock.facts import Form, Medication, OpenBottle, Pack, product

TODAY = date(2026, 3, 3)
NINE = datetime(2026, 3, 3, 9, 0, tzinfo=ZoneInfo("America/New_York"))
JANUARY = date(2026, 1, 5)

ORDER = OrderInForce(
    id=UUID(int=7),
    number=7,
    medication=Medication.METHADONE,
    form=Form.ORAL_CONCENTRATE,
    dose_mg=Decimal(80),
    portions=1,
    starts_on=JANUARY,
    ends_on=None,
    ordered_on=JANUARY,
    ordered_by="Pia Prescriber",
)
BOTTLE = OpenBottle(UUID(int=9), Medication.METHADONE, "LOT-1", Decimal(10), Decimal(500))
STEADY = DoseHistory(
    last_covered=date(2026, 3, 2),
    first_recent=date(2026, 2, 18),
    last_before_recent=date(2026, 2, 17),
)
PLAIN = DoseFacts(day=TODAY, order=ORDER, history=STEADY, window=1, bottle=BOTTLE)
GIVEN = DoseGiven(
    id=UUID(int=1),
    service_date=TODAY,
    medication=Medication.METHADONE,
    dose_mg=Decimal(80),
    volume_ml=Decimal(8),
    portion=1,
    series=1,
    order_number=7,
    given_at=NINE,
    given_by="Nora Nurse",
)


def voided(reason: VoidReason) -> DoseGiven:
    return replace(GIVEN, voided=VoidedDose(UUID(int=2), reason, NINE, "Nell Secondnurse"))


def said(**changes: Any) -> list[tuple[str, str]]:
    decision = may_dose(replace(PLAIN, **changes))
    return [(reason.code, reason.effect.value) for reason in decision.reasons]


def test_a_plain_dose_is_given_without_a_word() -> None:
    assert may_dose(PLAIN).reasons == ()


def test_without_an_order_nothing_is_given() -> None:
    assert said(order=None) == [("no_order", "stop")]


def test_a_dose_already_given_stops_the_next_and_says_who_and_when() -> None:
    (reason,) = may_dose(replace(PLAIN, doses=(GIVEN,))).reasons
    assert reason.code == "already_given"
    assert "80 mg given at 09:00 by Nora Nurse under order 7" in reason.message


def test_a_day_dosed_under_an_earlier_order_is_covered_under_the_newer_one() -> None:
    earlier = replace(GIVEN, order_number=6, dose_mg=Decimal(70))
    assert said(doses=(earlier,), portion=2, order=replace(ORDER, portions=2)) == [
        ("already_given", "stop")
    ]


def test_an_imported_dose_covers_the_day_too() -> None:
    assert said(doses=(replace(GIVEN, order_number=None),)) == [("already_given", "stop")]


def test_the_second_portion_of_a_split_dose_follows_the_first() -> None:
    split = replace(ORDER, portions=2)
    facts = replace(PLAIN, order=split, doses=(GIVEN,))
    assert next_portion(facts) == 2
    assert may_dose(replace(facts, portion=2)).reasons == ()
    assert [r.code for r in may_dose(replace(facts, portion=1)).stops] == ["already_given"]
    assert [r.code for r in may_dose(replace(facts, portion=3)).stops] == ["portion"]
    assert volume_of(replace(facts, portion=2)) == Decimal(4)


def test_a_hold_stops_and_says_who_holds_and_what_ends_it() -> None:
    hold = OpenHold(HoldReason.IMPAIRMENT, "slurred speech", date(2026, 3, 2), "Nora Nurse")
    (reason,) = may_dose(replace(PLAIN, hold=hold)).reasons
    assert reason.code == "hold"
    assert reason.message == (
        "On hold since 02 Mar by Nora Nurse: appears impaired (slurred speech)."
        " A newer order by the prescriber ends it."
    )


@pytest.mark.parametrize(
    ("last_covered", "missed", "expected"),
    [
        (date(2026, 3, 2), 0, []),
        (date(2026, 3, 1), 1, [("nurse_assessment", "ask")]),
        (date(2026, 2, 28), 2, [("nurse_assessment", "ask")]),
        (date(2026, 2, 27), 3, [("missed_doses", "stop")]),
        (date(2026, 2, 10), 20, [("missed_doses", "stop")]),
    ],
)
def test_missed_days_ask_the_nurse_and_then_stop(
    last_covered: date, missed: int, expected: list[tuple[str, str]]
) -> None:
    history = replace(STEADY, last_covered=last_covered)
    assert missed_of(replace(PLAIN, history=history)) == missed
    assert said(history=history) == expected


def test_in_induction_two_missed_days_stop() -> None:
    induction = DoseHistory(last_covered=date(2026, 2, 28), first_recent=date(2026, 2, 26))
    assert said(history=induction) == [("missed_doses", "stop")]


@pytest.mark.parametrize(
    ("ordered_on", "expected"),
    [
        (date(2026, 3, 1), [("missed_doses", "stop")]),
        (date(2026, 3, 2), [("missed_doses_answered", "inform"), ("nurse_assessment", "ask")]),
        (date(2026, 3, 3), [("missed_doses_answered", "inform")]),
    ],
)
def test_only_an_order_written_after_the_gate_shut_opens_it(
    ordered_on: date, expected: list[tuple[str, str]]
) -> None:
    """Last dose 26 February: the gate shuts on 2 March, with three missed."""
    order = replace(ORDER, number=8, starts_on=ordered_on, ordered_on=ordered_on)
    history = replace(STEADY, last_covered=date(2026, 2, 26))
    assert said(order=order, history=history) == expected


def test_an_opened_gate_shuts_again_when_nobody_comes() -> None:
    order = replace(ORDER, starts_on=date(2026, 2, 28), ordered_on=date(2026, 2, 28))
    history = replace(STEADY, last_covered=date(2026, 2, 20))
    assert said(order=order, history=history) == [
        ("missed_doses_answered", "inform"),
        ("missed_doses", "stop"),
    ]


@pytest.mark.parametrize(
    ("starts_on", "expected"),
    [
        (date(2026, 3, 3), []),
        (date(2026, 3, 2), [("nurse_assessment", "ask")]),
        (date(2026, 3, 1), [("missed_doses", "stop")]),
    ],
)
def test_a_first_order_nobody_came_for_grows_old(
    starts_on: date, expected: list[tuple[str, str]]
) -> None:
    order = replace(ORDER, starts_on=starts_on, ordered_on=starts_on)
    assert said(order=order, history=DoseHistory()) == expected


@pytest.mark.parametrize(
    ("history", "treatment_day"),
    [
        (DoseHistory(), 1),
        (DoseHistory(date(2026, 3, 2), date(2026, 3, 1)), 3),
        (DoseHistory(date(2026, 3, 2), date(2026, 2, 18)), 14),
        (STEADY, 15),
        (DoseHistory(date(2026, 2, 10), None, date(2026, 2, 10)), 15),
        (DoseHistory(date(2026, 2, 2), None, date(2026, 2, 2)), 15),
        (DoseHistory(date(2026, 2, 1), None, date(2026, 2, 1)), 1),
        (DoseHistory(date(2026, 3, 2), date(2026, 3, 1), date(2026, 1, 31)), 15),
        (DoseHistory(date(2026, 3, 2), date(2026, 3, 1), date(2026, 1, 30)), 3),
    ],
)
def test_the_day_of_treatment_begins_anew_after_thirty_days_without_a_dose(
    history: DoseHistory, treatment_day: int
) -> None:
    assert day_of_treatment(history, on=TODAY) == treatment_day


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (VoidReason.RECORDED_IN_ERROR, [("redose", "ask")]),
        (VoidReason.SPILLED, [("redose", "ask")]),
        (VoidReason.REFUSED, [("redose", "ask")]),
        (VoidReason.VOMITED, [("redose", "stop")]),
        (VoidReason.PARTLY_SWALLOWED, [("redose", "stop")]),
    ],
)
def test_after_a_void_the_dose_is_never_simply_repeated(
    reason: VoidReason, expected: list[tuple[str, str]]
) -> None:
    assert said(doses=(voided(reason),)) == expected


def test_after_vomiting_a_newer_order_lets_a_dose_be_given() -> None:
    newer = replace(ORDER, number=8, starts_on=TODAY, ordered_on=TODAY)
    assert said(doses=(voided(VoidReason.VOMITED),), order=newer) == [("redose", "inform")]


def test_a_dose_after_a_void_is_the_next_series() -> None:
    taken_back = voided(VoidReason.SPILLED)
    assert next_series(PLAIN) == (1, None)
    assert next_series(replace(PLAIN, doses=(taken_back,))) == (2, taken_back)


def test_a_closed_day_asks() -> None:
    assert said(closed_because="Thanksgiving") == [("closed_day", "ask")]


@pytest.mark.parametrize(
    ("bottle", "expected"),
    [
        (None, [("no_bottle", "stop")]),
        (replace(BOTTLE, balance_ml=Decimal(8)), []),
        (replace(BOTTLE, balance_ml=Decimal("7.999")), [("bottle_short", "stop")]),
        (replace(BOTTLE, concentration_mg_per_ml=Decimal(3)), [("not_measurable", "stop")]),
    ],
)
def test_the_open_bottle_must_hold_the_dose(
    bottle: OpenBottle | None, expected: list[tuple[str, str]]
) -> None:
    assert said(bottle=bottle) == expected


def pack(code: str, units: int) -> Pack:
    return Pack(UUID(int=units), product(code), "T-1", units)


TABLETS = replace(ORDER, form=Form.TABLET, dose_mg=Decimal(45))


@pytest.mark.parametrize(
    ("packs", "expected"),
    [
        ((), [("no_pack", "stop")]),
        ((pack("methadone_dispersible_40", 9), pack("buprenorphine_tablet_8", 9)), "no_pack"),
        ((pack("methadone_tablet_10", 50),), "no_units"),
        ((pack("methadone_tablet_10", 4), pack("methadone_tablet_5", 1)), []),
        ((pack("methadone_tablet_10", 3), pack("methadone_tablet_5", 2)), "no_units"),
        ((pack("methadone_tablet_5", 9),), []),
    ],
    ids=str,
)
def test_whole_units_at_the_window_must_make_up_the_dose(
    packs: tuple[Pack, ...], expected: str | list[tuple[str, str]]
) -> None:
    wanted = [(expected, "stop")] if isinstance(expected, str) else expected
    assert said(bottle=None, order=TABLETS, packs=packs) == wanted


def test_an_injection_may_be_the_patient_s_own_and_the_queue_asks_for_no_stock() -> None:
    injection = replace(ORDER, medication=Medication.NALTREXONE, form=Form.INJECTION)
    assert ("no_pack", "ask") in said(bottle=None, order=injection)
    assert said(bottle=None, window=None) == []


@pytest.mark.parametrize(
    ("packs", "code"),
    [
        ((), "no_pack"),
        ((pack("buprenorphine_weekly_8", 3),), "no_units"),
        ((pack("buprenorphine_weekly_32", 4), pack("buprenorphine_weekly_16", 4)), "no_units"),
        ((pack("buprenorphine_weekly_24", 1),), None),
    ],
    ids=str,
)
def test_a_controlled_injection_is_one_syringe_of_its_strength_or_stops(
    packs: tuple[Pack, ...], code: str | None
) -> None:
    weekly = replace(
        ORDER, medication=Medication.BUPRENORPHINE, form=Form.INJECTION, dose_mg=Decimal(24)
    )
    stops = [reason for reason in said(bottle=None, order=weekly, packs=packs) if "stop" in reason]
    assert stops == ([(code, "stop")] if code else [])


def test_administrative_flags_are_shown_and_never_stop() -> None:
    decision = may_dose(replace(PLAIN, flags=("Bill unpaid.", "Counseling session missed.")))
    assert decision.verdict is Verdict.GO
    assert [reason.message for reason in decision.reasons] == [
        "Bill unpaid.",
        "Counseling session missed.",
    ]


@pytest.mark.parametrize(
    ("ends_on", "expected"),
    [(date(2026, 3, 6), [("order_ends", "inform")]), (date(2026, 3, 7), []), (None, [])],
)
def test_the_end_of_an_order_is_said_three_days_before(
    ends_on: date | None, expected: list[tuple[str, str]]
) -> None:
    assert said(order=replace(ORDER, ends_on=ends_on)) == expected


def test_one_injection_for_one_order() -> None:
    injection = replace(ORDER, form=Form.INJECTION, ends_on=date(2026, 3, 20))
    earlier = replace(GIVEN, service_date=date(2026, 3, 1))
    assert said(order=injection, last_injection=earlier) == [("already_given", "stop")]
    assert said(order=injection, last_injection=None, window=None) == []
    assert ("injection", "ask") in said(order=injection, last_injection=None)


def test_a_site_s_stricter_number_of_misses_is_used() -> None:
    policy = MissedDosePolicy(hold_after_missed=1)
    history = replace(STEADY, last_covered=date(2026, 3, 1))
    assert said(history=history, missed_dose_policy=policy) == [("missed_doses", "stop")]

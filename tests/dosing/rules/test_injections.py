"""When the next injection may be given, and when it is a new start."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.dosing.facts import (
    BodySite,
    Exposure,
    InjectionState,
    LongActingProduct,
    NaloxoneChallenge,
    OpioidClass,
    StartEvidence,
    UdsOpioid,
)
from clinic.dosing.rules.injections import may_inject, may_use_site, state_on

GIVEN = date(2026, 2, 2)
SUBLOCADE, WEEKLY = LongActingProduct.SUBLOCADE, LongActingProduct.BRIXADI_WEEKLY
MONTHLY, VIVITROL = LongActingProduct.BRIXADI_MONTHLY, LongActingProduct.XR_NALTREXONE


@pytest.mark.parametrize(
    ("product", "days", "expected"),
    [
        (SUBLOCADE, 25, [("too_early", "stop")]),
        (SUBLOCADE, 26, []),
        (SUBLOCADE, 42, []),
        (SUBLOCADE, 43, [("restart", "stop")]),
        (WEEKLY, 4, [("too_early", "stop")]),
        (WEEKLY, 5, []),
        (WEEKLY, 9, []),
        (WEEKLY, 10, [("late", "ask")]),
        (WEEKLY, 15, [("restart", "stop")]),
        (MONTHLY, 20, [("too_early", "stop")]),
        (MONTHLY, 35, []),
        (MONTHLY, 36, [("late", "ask")]),
        (MONTHLY, 57, [("restart", "stop")]),
        (VIVITROL, 20, [("too_early", "stop")]),
        (VIVITROL, 21, []),
        (VIVITROL, 29, []),
        (VIVITROL, 35, []),
    ],
)
def test_days_since_the_last_injection(
    product: LongActingProduct, days: int, expected: list[tuple[str, str]]
) -> None:
    decision = may_inject(
        product, last_given_on=GIVEN, on=GIVEN + timedelta(days=days), ordered_on=GIVEN
    )
    assert [(one.code, one.effect.value) for one in decision.reasons] == expected


def test_a_new_start_goes_on_with_an_order_written_since() -> None:
    on = GIVEN + timedelta(days=20)
    decision = may_inject(WEEKLY, last_given_on=GIVEN, on=on, ordered_on=on)
    assert [(one.code, one.effect.value) for one in decision.reasons] == [
        ("restart_ordered", "inform")
    ]


def test_nothing_is_injected_without_an_order() -> None:
    decision = may_inject(MONTHLY, last_given_on=None, on=GIVEN, ordered_on=None)
    assert [one.code for one in decision.stops] == ["no_order"]
    assert may_inject(MONTHLY, last_given_on=None, on=GIVEN, ordered_on=GIVEN).reasons == ()


def evidence(last_opioid_on: date, uds: UdsOpioid | None = UdsOpioid.NEGATIVE) -> StartEvidence:
    return StartEvidence(
        exposures=(Exposure(OpioidClass.SHORT_ACTING, last_opioid_on, "asked today"),),
        is_recorded=True,
        uds_opioid=uds,
        naloxone_challenge=NaloxoneChallenge.NOT_DONE,
    )


@pytest.mark.parametrize(
    ("free_days", "uds", "stops", "codes"),
    [
        (10, UdsOpioid.NEGATIVE, [], {"naltrexone_gate_again", "opioid_free"}),
        (8, UdsOpioid.NEGATIVE, ["naloxone_challenge"], {"naltrexone_gate_again"}),
        (6, UdsOpioid.NEGATIVE, ["opioid_free_days"], {"naltrexone_gate_again"}),
        (30, UdsOpioid.POSITIVE, ["uds_opioid_positive"], {"naltrexone_gate_again"}),
        (30, None, [], {"naltrexone_gate_again", "opioid_free", "naltrexone_start"}),
    ],
)
def test_past_its_latest_day_naltrexone_asks_its_gate_again(
    free_days: int, uds: UdsOpioid | None, stops: list[str], codes: set[str]
) -> None:
    on = GIVEN + timedelta(days=36)
    decision = may_inject(
        VIVITROL,
        last_given_on=GIVEN,
        on=on,
        ordered_on=GIVEN,
        evidence=evidence(on - timedelta(days=free_days), uds),
    )
    assert [one.code for one in decision.stops] == stops
    assert {one.code for one in decision.reasons} == codes | set(stops)


@pytest.mark.parametrize("days", [20, 28, 35])
def test_until_then_findings_of_a_start_do_not_matter(days: int) -> None:
    on = GIVEN + timedelta(days=days)
    asked = evidence(on, UdsOpioid.POSITIVE)
    decision = may_inject(VIVITROL, last_given_on=GIVEN, on=on, ordered_on=GIVEN, evidence=asked)
    assert {one.code for one in decision.reasons} <= {"too_early"}


@pytest.mark.parametrize(
    ("product", "days", "state"),
    [
        (WEEKLY, 4, "waiting"),
        (WEEKLY, 7, "due"),
        (WEEKLY, 8, "overdue"),
        (VIVITROL, 28, "due"),
        (VIVITROL, 29, "overdue"),
        (SUBLOCADE, 25, "waiting"),
        (SUBLOCADE, 42, "due"),
        (SUBLOCADE, 43, "overdue"),
    ],
)
def test_where_a_patient_stands_between_two(
    product: LongActingProduct, days: int, state: str
) -> None:
    on = GIVEN + timedelta(days=days)
    assert state_on(product, last_given_on=GIVEN, on=on) is InjectionState(state)
    assert state_on(product, last_given_on=None, on=on) is InjectionState.FIRST


def test_naltrexone_goes_into_the_gluteal_muscle_and_sides_alternate() -> None:
    left, arm = BodySite.GLUTEAL_LEFT, BodySite.UPPER_ARM_LEFT
    assert not may_use_site(VIVITROL, body_site=arm, last_site=None)
    again = may_use_site(VIVITROL, body_site=left, last_site=left)
    assert [(one.code, one.effect.value) for one in again.reasons] == [("same_site", "inform")]

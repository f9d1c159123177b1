"""May this order be written? 3 March 2026 is today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from clinic.core.decision import Verdict
from clinic.dosing.facts import OpioidClass, OrderHistory, OrderInForce, OrderPolicy, OrderProposal
from clinic.dosing.rules.asks import unanswered
from clinic.dosing.rules.orders import may_order
from clinic.stock.facts import Form, Medication

TODAY = date(2026, 3, 3)
MONTH_AGO = date(2026, 2, 3)
REASON = "Verified by telephone with the former program."


def methadone(mg: str, **changes: Any) -> OrderProposal:
    proposal = OrderProposal(
        Medication.METHADONE, Form.ORAL_CONCENTRATE, Decimal(mg), starts_on=TODAY
    )
    return replace(proposal, **changes)


def running(mg: str, **changes: Any) -> OrderInForce:
    order = OrderInForce(
        id=UUID(int=1),
        number=1,
        medication=Medication.METHADONE,
        form=Form.ORAL_CONCENTRATE,
        dose_mg=Decimal(mg),
        portions=1,
        starts_on=MONTH_AGO,
        ends_on=None,
        ordered_on=MONTH_AGO,
        ordered_by="Pia Prescriber",
    )
    return replace(order, **changes)


def newcomer(**changes: Any) -> OrderHistory:
    return replace(OrderHistory(today=TODAY, is_admitted=True), **changes)


def maintained(mg: str, **changes: Any) -> OrderHistory:
    order = running(mg)
    history = OrderHistory(
        today=TODAY,
        is_admitted=True,
        in_force=(order,),
        previous=order,
        is_first_day=False,
        highest_dose_mg_this_week=Decimal(mg),
        last_agonist=OpioidClass.METHADONE,
        last_agonist_on=date(2026, 3, 2),
    )
    return replace(history, **changes)


def codes(proposal: OrderProposal, history: OrderHistory) -> set[str]:
    return {reason.code for reason in may_order(proposal, history=history).reasons}


def test_a_usual_first_order_has_nothing_against_it() -> None:
    assert may_order(methadone("30"), history=newcomer()).reasons == ()


def test_medication_comes_after_admission() -> None:
    decision = may_order(methadone("30"), history=newcomer(is_admitted=False))
    assert [reason.code for reason in decision.stops] == ["not_admitted"]


@pytest.mark.parametrize(
    ("mg", "rationale", "verdict", "code"),
    [
        ("50", "", Verdict.GO, None),
        ("50.001", "", Verdict.STOP, "first_day_total"),
        ("60", "", Verdict.STOP, "first_day_total"),
        ("60", "too short", Verdict.STOP, "first_day_total"),
        ("60", REASON, Verdict.GO, "first_day_documented"),
    ],
)
def test_more_than_50_mg_on_the_first_day_needs_a_documented_reason(
    mg: str, rationale: str, verdict: Verdict, code: str | None
) -> None:
    decision = may_order(methadone(mg, rationale=rationale), history=newcomer())
    assert decision.verdict is verdict
    assert [reason.code for reason in decision.reasons] == ([code] if code else [])
    assert all(reason.source == "42 CFR 8.12(h)(3)(ii)" for reason in decision.reasons)


def test_a_split_first_day_counts_as_its_total() -> None:
    assert codes(methadone("60", portions=2), newcomer()) == {"first_day_total"}


def test_the_50_mg_of_the_first_day_are_not_asked_of_a_patient_in_maintenance() -> None:
    assert codes(methadone("80"), maintained("80")) == set()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("60", "70", set()),
        ("60", "70.5", {"increase_step"}),
        ("100", "130", {"increase_step", "dose_above_review"}),
        ("60", "79", {"increase_step", "dose_jump"}),
        ("60", "600", {"increase_step", "dose_tenfold", "dose_above_review"}),
        ("60", "54", set()),
        ("60", "6", {"dose_tenfold", "taper_pace"}),
    ],
)
def test_a_step_from_the_running_dose(before: str, after: str, expected: set[str]) -> None:
    assert codes(methadone(after), maintained(before)) == expected


@pytest.mark.parametrize(
    ("last_increase_on", "asked"),
    [(date(2026, 3, 1), True), (date(2026, 2, 28), False), (None, False)],
)
def test_an_increase_within_three_days_of_the_last_is_asked_about(
    last_increase_on: date | None, asked: bool
) -> None:
    history = maintained("60", last_increase_on=last_increase_on)
    assert ("increase_too_soon" in codes(methadone("65"), history)) is asked


@pytest.mark.parametrize(
    ("mg", "qtc_ms", "expected"),
    [
        ("120", None, set()),
        ("121", None, {"dose_above_review"}),
        ("121", 430, {"dose_above_review"}),
        ("80", 450, set()),
        ("80", 451, {"qtc_caution"}),
        ("80", 500, {"qtc_caution"}),
        ("80", 501, {"qtc_review"}),
    ],
)
def test_dose_and_qtc_ask_the_prescriber_to_look(
    mg: str, qtc_ms: int | None, expected: set[str]
) -> None:
    decision = may_order(methadone(mg, qtc_ms=qtc_ms), history=maintained(mg))
    assert {reason.code for reason in decision.reasons} == expected
    assert decision.stops == ()


@pytest.mark.parametrize(
    ("after", "rationale", "expected"),
    [
        ("90", "", set()),
        ("89", "", {"taper_pace"}),
        ("89", REASON, {"taper_documented"}),
    ],
)
def test_a_taper_beyond_ten_percent_a_week_needs_its_reason(
    after: str, rationale: str, expected: set[str]
) -> None:
    assert codes(methadone(after, rationale=rationale), maintained("100")) == expected


def test_two_small_steps_in_one_week_are_one_fast_taper() -> None:
    history = maintained("92", highest_dose_mg_this_week=Decimal(100))
    assert codes(methadone("86"), history) == {"taper_pace"}


def naltrexone(**changes: Any) -> OrderProposal:
    return replace(
        OrderProposal(Medication.NALTREXONE, Form.TABLET, Decimal(50), starts_on=TODAY), **changes
    )


def test_naltrexone_is_not_ordered_while_methadone_runs() -> None:
    decision = may_order(naltrexone(), history=maintained("80"))
    assert {"agonist_and_naltrexone"} <= {reason.code for reason in decision.stops}


def test_methadone_is_not_ordered_while_naltrexone_runs() -> None:
    blocker = running("50", medication=Medication.NALTREXONE, form=Form.TABLET)
    history = newcomer(in_force=(blocker,), previous=blocker)
    assert "agonist_and_naltrexone" in codes(methadone("30"), history)


@pytest.mark.parametrize(
    ("last_dose_on", "verdict", "code"),
    [
        (date(2026, 2, 22), Verdict.STOP, "opioid_free_days"),
        (date(2026, 2, 21), Verdict.STOP, "naloxone_challenge"),
        (date(2026, 2, 17), Verdict.ASK, "naltrexone_start"),
    ],
)
def test_naltrexone_after_methadone_waits_10_days_and_asks_for_a_challenge_until_14(
    last_dose_on: date, verdict: Verdict, code: str
) -> None:
    history = newcomer(last_agonist=OpioidClass.METHADONE, last_agonist_on=last_dose_on)
    decision = may_order(naltrexone(), history=history)
    assert decision.verdict is verdict
    assert code in {reason.code for reason in decision.reasons}


def test_a_report_of_naltrexone_elsewhere_is_asked_about_before_methadone() -> None:
    history = newcomer(reported_active=(Medication.NALTREXONE, Medication.METHADONE))
    assert codes(methadone("30"), history) == {"reported_conflict"}


def test_a_first_dose_of_buprenorphine_asks_for_withdrawal_and_hours() -> None:
    proposal = OrderProposal(
        Medication.BUPRENORPHINE_NALOXONE, Form.SUBLINGUAL, Decimal(8), starts_on=TODAY
    )
    assert codes(proposal, newcomer()) == {"buprenorphine_start"}
    continued = newcomer(is_first_day=False, last_agonist=OpioidClass.BUPRENORPHINE)
    assert codes(proposal, continued) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"starts_on": date(2026, 3, 2)}, "starts_in_the_past"),
        ({"ends_on": TODAY}, "no_days"),
        ({"dose_mg": Decimal(0)}, "no_dose"),
        ({"form": Form.INJECTION}, "form"),
        ({"form": Form.SUBLINGUAL}, "form"),
        ({"dose_mg": Decimal("30.0005")}, "portions"),
        ({"dose_mg": Decimal("25.001"), "portions": 2}, "portions"),
    ],
)
def test_an_order_nobody_could_carry_out_is_refused(changes: dict[str, Any], code: str) -> None:
    decision = may_order(methadone("30", **changes), history=newcomer())
    assert code in {reason.code for reason in decision.stops}


@pytest.mark.parametrize(
    ("ends_on", "portions", "expected"),
    [
        (date(2026, 3, 10), 1, set()),
        (date(2026, 4, 2), 1, set()),
        (date(2026, 4, 3), 1, {"injection_days"}),
        (None, 1, {"injection_days"}),
        (date(2026, 3, 10), 2, {"portions"}),
    ],
)
def test_an_injection_is_ordered_for_the_days_it_may_be_given_on(
    ends_on: date | None, portions: int, expected: set[str]
) -> None:
    proposal = OrderProposal(
        Medication.BUPRENORPHINE,
        Form.INJECTION,
        Decimal(300),
        starts_on=TODAY,
        ends_on=ends_on,
        portions=portions,
    )
    history = newcomer(is_first_day=False, last_agonist=OpioidClass.BUPRENORPHINE)
    assert codes(proposal, history) == expected


def test_a_site_s_own_numbers_are_used_and_named() -> None:
    policy = OrderPolicy(first_day_max_mg=Decimal(30), first_day_source="state rule")
    (reason,) = may_order(methadone("40"), history=newcomer(), policy=policy).reasons
    assert "at most 30 mg" in reason.message
    assert reason.source == "state rule"


def test_only_what_nobody_confirmed_is_left_open() -> None:
    decision = may_order(methadone("130"), history=maintained("100"))
    left = unanswered(decision, confirmed={"increase_step", "something_else"})
    assert [reason.code for reason in left] == ["dose_above_review"]

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from clinic.dosing.facts import (
    BuprenorphineGate,
    BuprenorphineStartPolicy,
    Exposure,
    LongActingProduct,
    NaloxoneChallenge,
    NaltrexoneFindings,
    NaltrexoneGate,
    OpioidClass,
    StartEvidence,
    UdsOpioid,
)
from clinic.dosing.rules.starts import (
    buprenorphine_reasons,
    buprenorphine_start,
    long_acting_window,
    naltrexone_gate,
    naltrexone_reasons,
)

SHORT, EXTENDED = OpioidClass.SHORT_ACTING, OpioidClass.EXTENDED_RELEASE
METHADONE, BUPRENORPHINE = OpioidClass.METHADONE, OpioidClass.BUPRENORPHINE
BLOCK, NEED_CHALLENGE = NaltrexoneGate.BLOCK, NaltrexoneGate.NEED_CHALLENGE
CLEAR = NaltrexoneGate.PASS


@pytest.mark.parametrize(
    ("opioid_class", "hours", "cows", "gate"),
    [
        (SHORT, "12", 8, "PASS"),
        (SHORT, "11.999", 8, "WAIT_HOURS"),
        (SHORT, "14", 7, "WAIT_COWS"),
        (EXTENDED, "24", 8, "PASS"),
        (EXTENDED, "23.5", 8, "WAIT_HOURS"),
        (METHADONE, "48", 8, "PASS"),
        (METHADONE, "47", 0, "WAIT_HOURS"),
    ],
)
def test_buprenorphine_waits_for_hours_and_for_withdrawal(
    opioid_class: OpioidClass, hours: str, cows: int, gate: str
) -> None:
    start = buprenorphine_start(opioid_class, hours_since_last_use=Decimal(hours), cows_total=cows)
    assert start.gate is BuprenorphineGate(gate)
    assert bool(start.decision) is (gate == "PASS")


def test_a_site_may_ask_for_more_withdrawal() -> None:
    start = buprenorphine_start(
        SHORT,
        hours_since_last_use=Decimal(14),
        cows_total=9,
        policy=BuprenorphineStartPolicy(cows_threshold=13),
    )
    assert start.gate is BuprenorphineGate.WAIT_COWS


def test_two_waits_are_both_told() -> None:
    start = buprenorphine_start(SHORT, hours_since_last_use=Fraction(23, 2), cows_total=3)
    assert [reason.code for reason in start.decision.stops] == ["wait_hours", "wait_cows"]


@pytest.mark.parametrize(
    ("opioid_class", "days", "gate"),
    [
        (SHORT, 6, BLOCK),
        (SHORT, 7, NEED_CHALLENGE),
        (SHORT, 9, NEED_CHALLENGE),
        (SHORT, 10, CLEAR),
        (METHADONE, 9, BLOCK),
        (METHADONE, 10, NEED_CHALLENGE),
        (BUPRENORPHINE, 13, NEED_CHALLENGE),
        (EXTENDED, 14, CLEAR),
    ],
)
def test_naltrexone_waits_for_opioid_free_days(
    opioid_class: OpioidClass, days: int, gate: NaltrexoneGate
) -> None:
    findings = NaltrexoneFindings(opioid_class, days, UdsOpioid.NEGATIVE)
    answer = naltrexone_gate(findings)
    assert answer.gate is gate
    assert bool(answer.decision) is (gate is CLEAR)


@pytest.mark.parametrize(("days", "gate"), [(6, BLOCK), (7, CLEAR), (8, CLEAR)])
def test_a_negative_challenge_opens_the_days_between_and_no_others(
    days: int, gate: NaltrexoneGate
) -> None:
    findings = NaltrexoneFindings(
        SHORT, days, UdsOpioid.NEGATIVE, naloxone_challenge=NaloxoneChallenge.NEGATIVE
    )
    assert naltrexone_gate(findings).gate is gate


READY = NaltrexoneFindings(SHORT, 20, UdsOpioid.NEGATIVE)


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        (replace(READY, uds_opioid=UdsOpioid.POSITIVE), "uds_opioid_positive"),
        (
            replace(READY, naloxone_challenge=NaloxoneChallenge.POSITIVE),
            "naloxone_challenge_positive",
        ),
        (replace(READY, withdrawal_signs=True), "withdrawal_signs"),
        (replace(READY, on_opioid_analgesic=True), "on_opioid_analgesic"),
        (
            replace(READY, acute_hepatitis_or_liver_failure=True),
            "acute_hepatitis_or_liver_failure",
        ),
        (replace(READY, active_agonist_order=True), "active_agonist_order"),
    ],
)
def test_each_finding_alone_blocks_naltrexone(findings: NaltrexoneFindings, code: str) -> None:
    answer = naltrexone_gate(findings)
    assert answer.gate is BLOCK
    assert [reason.code for reason in answer.decision.stops] == [code]


@pytest.mark.parametrize(
    ("product", "earliest", "due", "latest"),
    [
        ("sublocade", date(2026, 5, 2), None, None),
        ("brixadi_weekly", date(2026, 4, 11), date(2026, 4, 13), date(2026, 4, 15)),
        ("brixadi_monthly", date(2026, 4, 27), date(2026, 5, 4), date(2026, 5, 11)),
        ("xr_naltrexone", date(2026, 4, 27), date(2026, 5, 4), date(2026, 5, 11)),
    ],
)
def test_the_next_injection_has_a_window(
    product: str, earliest: date, due: date | None, latest: date | None
) -> None:
    window = long_acting_window(LongActingProduct(product), given_date=date(2026, 4, 6))
    assert (window.earliest_date, window.due_date, window.latest_date) == (earliest, due, latest)


NOON = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)


def on_record(
    opioid_class: OpioidClass, hours_ago: int, *, cows: int | None = 9, recorded: bool = True
) -> StartEvidence:
    at = NOON - timedelta(hours=hours_ago)
    exposure = Exposure(opioid_class, at.date(), "asked today", at)
    return StartEvidence(as_of=NOON, exposures=(exposure,), is_recorded=recorded, cows_total=cows)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (StartEvidence(), [("buprenorphine_start", "ask")]),
        (on_record(SHORT, 13), [("buprenorphine_clear", "inform")]),
        (on_record(SHORT, 12, cows=8), [("buprenorphine_clear", "inform")]),
        (on_record(SHORT, 11), [("wait_hours", "stop")]),
        (on_record(SHORT, 13, cows=7), [("wait_cows", "stop")]),
        (on_record(METHADONE, 47, cows=7), [("wait_hours", "stop"), ("wait_cows", "stop")]),
        (on_record(METHADONE, 72, cows=None), [("buprenorphine_start", "ask")]),
        (
            on_record(METHADONE, 20, cows=None, recorded=False),
            [("wait_hours", "stop"), ("buprenorphine_start", "ask")],
        ),
        (on_record(BUPRENORPHINE, 2), [("buprenorphine_clear", "inform")]),
    ],
)
def test_what_is_on_record_answers_for_a_start_of_buprenorphine(
    evidence: StartEvidence, expected: list[tuple[str, str]]
) -> None:
    reasons = buprenorphine_reasons(evidence)
    assert [(reason.code, reason.effect.value) for reason in reasons] == expected


def test_every_opioid_on_record_counts_for_naltrexone() -> None:
    today = date(2026, 3, 15)
    evidence = StartEvidence(
        exposures=(
            Exposure(SHORT, date(2026, 3, 1), "asked today"),
            Exposure(METHADONE, date(2026, 3, 4), "methadone given here"),
        ),
        is_recorded=True,
        uds_opioid=UdsOpioid.NEGATIVE,
    )
    asked = naltrexone_reasons(evidence, on=today)
    assert ("naloxone_challenge", "stop") in [(one.code, one.effect.value) for one in asked]
    done = replace(evidence, naloxone_challenge=NaloxoneChallenge.NEGATIVE)
    assert {one.effect.value for one in naltrexone_reasons(done, on=today)} == {"inform"}
    blocked = naltrexone_reasons(done, on=date(2026, 3, 10))
    assert [one.code for one in blocked] == ["opioid_free_days"]

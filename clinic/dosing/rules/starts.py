"""Gates before a first dose of buprenorphine or naltrexone, and windows between injections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from clinic.core.decision import Decision, Effect, Reason
from clinic.dosing.facts import (
    LONG_ACTING_INTERVALS,
    BuprenorphineGate,
    BuprenorphineStart,
    BuprenorphineStartPolicy,
    Exposure,
    LongActingProduct,
    LongActingWindow,
    NaloxoneChallenge,
    NaltrexoneAnswer,
    NaltrexoneFindings,
    NaltrexoneGate,
    NaltrexonePolicy,
    OpioidClass,
    StartEvidence,
    UdsOpioid,
)

BUPRENORPHINE_HOURS_SOURCE = "practice guidance for buprenorphine starts: 12, 24 and 48 hours"

HOURS_BEFORE_BUPRENORPHINE: Mapping[OpioidClass, int] = MappingProxyType(
    {
        OpioidClass.SHORT_ACTING: 12,
        OpioidClass.EXTENDED_RELEASE: 24,
        OpioidClass.METHADONE: 48,
    }
)
"""Elapsed hours since the last use, at least. Source: as ``BUPRENORPHINE_HOURS_SOURCE``."""

_START_POLICY = BuprenorphineStartPolicy()
_NALTREXONE_POLICY = NaltrexonePolicy()


def buprenorphine_start(
    opioid_class: OpioidClass,
    *,
    hours_since_last_use: Decimal | Fraction,
    cows_total: int,
    policy: BuprenorphineStartPolicy = _START_POLICY,
) -> BuprenorphineStart:
    """May the first dose of buprenorphine be given now, or would it precipitate withdrawal?

    Shape: ``gate`` names the hours first; the decision names both waits.
    Units: elapsed hours, not wall-clock ones; a fraction counts.
    Source: hours from practice guidance; the COWS limit is site policy.
    """
    hours = HOURS_BEFORE_BUPRENORPHINE[opioid_class]
    gate = BuprenorphineGate.PASS
    reasons: list[Reason] = []
    if cows_total < policy.cows_threshold:
        gate = BuprenorphineGate.WAIT_COWS
        reasons.append(
            Reason(
                code="wait_cows",
                message=f"COWS {cows_total}: wait for at least {policy.cows_threshold}.",
                source=policy.source,
            )
        )
    if hours_since_last_use < hours:
        gate = BuprenorphineGate.WAIT_HOURS
        reasons.insert(
            0,
            Reason(
                code="wait_hours",
                message=f"Less than {hours} hours since {opioid_class.label}.",
                source=BUPRENORPHINE_HOURS_SOURCE,
            ),
        )
    return BuprenorphineStart(gate=gate, decision=Decision.of(reasons))


def buprenorphine_reasons(
    evidence: StartEvidence, *, policy: BuprenorphineStartPolicy = _START_POLICY
) -> tuple[Reason, ...]:
    """What the findings on record say of a first dose of buprenorphine.

    Shape: a wait for every opioid that is too recent and for a low COWS; a question for what
    nobody has recorded; word of the findings when everything is there and nothing waits.
    Invariant: buprenorphine taken last needs no waiting.
    """
    found: dict[str, Reason] = {}
    missing: list[str] = []
    for exposure in evidence.exposures:
        if exposure.opioid_class is OpioidClass.BUPRENORPHINE:
            continue
        hours = _hours_since(evidence, exposure)
        if hours is None:
            missing.append(f"the hour of the last {exposure.opioid_class.label}")
            continue
        answer = buprenorphine_start(
            exposure.opioid_class,
            hours_since_last_use=hours,
            cows_total=_cows(evidence, policy),
            policy=policy,
        )
        found |= {reason.code: reason for reason in answer.decision.reasons}
    if not evidence.is_recorded:
        missing.append("the last opioid")
    if evidence.cows_total is None:
        missing.append("a COWS of this visit")
    if missing:
        found["buprenorphine_start"] = Reason(
            "buprenorphine_start",
            "A first dose: enough withdrawal on the COWS and enough hours since the last opioid."
            f" Not on record: {', '.join(dict.fromkeys(missing))}.",
            BUPRENORPHINE_HOURS_SOURCE,
            Effect.ASK,
        )
    if found:
        return tuple(found.values())
    said = "; ".join(exposure.source for exposure in evidence.exposures)
    message = f"COWS {evidence.cows_total} ({evidence.cows_source}); {said}."
    return (Reason("buprenorphine_clear", message, BUPRENORPHINE_HOURS_SOURCE, Effect.INFORM),)


def _cows(evidence: StartEvidence, policy: BuprenorphineStartPolicy) -> int:
    """The COWS on record; without one the hours alone are asked here."""
    return policy.cows_threshold if evidence.cows_total is None else evidence.cows_total


def _hours_since(evidence: StartEvidence, exposure: Exposure) -> Fraction | None:
    if evidence.as_of is None or exposure.at is None:
        return None
    gone = evidence.as_of - exposure.at
    return Fraction(gone // timedelta(microseconds=1), 3_600_000_000)


def naltrexone_reasons(
    evidence: StartEvidence,
    *,
    on: date,
    active_agonist_order: bool = False,
    policy: NaltrexonePolicy = _NALTREXONE_POLICY,
) -> tuple[Reason, ...]:
    """What the findings on record say of a first dose of naltrexone on a day.

    Shape: each reason once, for every opioid on record; a question for what nobody has recorded.
    """
    found: dict[str, Reason] = {}
    for exposure in evidence.exposures:
        answer = naltrexone_gate(
            NaltrexoneFindings(
                opioid_class=exposure.opioid_class,
                days_since_last_opioid=max(0, (on - exposure.on).days),
                uds_opioid=evidence.uds_opioid or UdsOpioid.NEGATIVE,
                naloxone_challenge=evidence.naloxone_challenge,
                withdrawal_signs=evidence.withdrawal_signs,
                on_opioid_analgesic=evidence.on_opioid_analgesic,
                acute_hepatitis_or_liver_failure=evidence.acute_hepatitis_or_liver_failure,
                active_agonist_order=active_agonist_order,
            ),
            policy=policy,
        )
        for reason in answer.decision.reasons:
            found.setdefault(f"{answer.gate} {reason.code}", reason)
    blocked = any(key.startswith(NaltrexoneGate.BLOCK) for key in found)
    reasons = [
        reason
        for key, reason in found.items()
        if not (blocked and not key.startswith(NaltrexoneGate.BLOCK))
    ]
    if evidence.uds_opioid is None or not evidence.is_recorded:
        reasons.append(_naltrexone_question(evidence, policy))
    return tuple(reasons)


def _naltrexone_question(evidence: StartEvidence, policy: NaltrexonePolicy) -> Reason:
    missing = [
        words
        for words, is_there in (
            ("the last opioid and the findings", evidence.is_recorded),
            ("a urine test read for opioids", evidence.uds_opioid is not None),
        )
        if not is_there
    ]
    return Reason(
        "naltrexone_start",
        "Urine negative for every opioid, no signs of withdrawal, no opioid for pain,"
        f" liver checked. Not on record: {', '.join(missing)}.",
        policy.source,
        Effect.ASK,
    )


def naltrexone_gate(
    findings: NaltrexoneFindings, *, policy: NaltrexonePolicy = _NALTREXONE_POLICY
) -> NaltrexoneAnswer:
    """May naltrexone be started, or would it precipitate withdrawal?

    Source: Vivitrol label; the day limits as a table are site policy.
    """
    wait_days, clear_days = policy.days_for(findings.opioid_class)
    days = findings.days_since_last_opioid
    blocks = [
        Reason(code=code, message=message, source=policy.source)
        for code, message in _blocks(findings)
    ]
    if days < wait_days:
        blocks.append(
            Reason(
                code="opioid_free_days",
                message=f"{days} days since {findings.opioid_class.label}: {wait_days} at least.",
                source=policy.source,
            )
        )
    if blocks:
        return NaltrexoneAnswer(NaltrexoneGate.BLOCK, Decision.of(blocks))
    if days < clear_days and findings.naloxone_challenge is not NaloxoneChallenge.NEGATIVE:
        need = Reason(
            code="naloxone_challenge",
            message=f"{days} days since {findings.opioid_class.label}: below {clear_days} days a"
            " negative naloxone challenge comes first.",
            source=policy.source,
        )
        return NaltrexoneAnswer(NaltrexoneGate.NEED_CHALLENGE, Decision.of([need]))
    free = Reason(
        code="opioid_free",
        message=f"{days} days since {findings.opioid_class.label}.",
        source=policy.source,
        effect=Effect.INFORM,
    )
    return NaltrexoneAnswer(NaltrexoneGate.PASS, Decision.of([free]))


def _blocks(findings: NaltrexoneFindings) -> Iterator[tuple[str, str]]:
    if findings.withdrawal_signs:
        yield "withdrawal_signs", "There are signs of opioid withdrawal."
    if findings.on_opioid_analgesic:
        yield "on_opioid_analgesic", "The patient takes an opioid for pain."
    if findings.acute_hepatitis_or_liver_failure:
        yield "acute_hepatitis_or_liver_failure", "Acute hepatitis or liver failure."
    if findings.active_agonist_order:
        yield "active_agonist_order", "A methadone or buprenorphine order is active."
    if findings.uds_opioid is UdsOpioid.POSITIVE:
        yield "uds_opioid_positive", "The urine test is positive for an opioid."
    if findings.naloxone_challenge is NaloxoneChallenge.POSITIVE:
        yield "naloxone_challenge_positive", "The naloxone challenge was positive."


def long_acting_window(product: LongActingProduct, *, given_date: date) -> LongActingWindow:
    """When the next injection may be given, is due, and is late.

    Raises: OverflowError beyond the calendar.
    Source: the product's, in ``LONG_ACTING_INTERVALS``.
    """
    interval = LONG_ACTING_INTERVALS[product]

    def after(days: int | None) -> date | None:
        return None if days is None else given_date + timedelta(days=days)

    return LongActingWindow(
        earliest_date=given_date + timedelta(days=interval.earliest_days),
        due_date=after(interval.due_days),
        latest_date=after(interval.latest_days),
    )

"""Callbacks: who may be drawn, until when they come, what a count says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from clinic.core.decision import Decision, Effect, Reason
from clinic.dosing.facts import CallbackCount, CallbackOutcome
from clinic.dosing.facts.pickups import TakeHomePolicy
from clinic.dosing.rules.take_homes import CALLBACK_SOURCE


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with bottles at home, and when they were last called back."""

    patient_id: UUID
    sealed: int
    last_called_on: date | None = None
    is_called: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What the patient brought."""

    sealed: int
    empties: int
    seals_whole: bool
    labels_right: bool


def may_be_drawn(
    holders: Iterable[Holder], *, day: date, policy: TakeHomePolicy
) -> Iterator[Holder]:
    """Holders of enough bottles who were not called back lately and are not called now.

    Source: site policy: one random callback a patient every 90 days, from 7 bottles on.
    """
    since = day - timedelta(days=policy.callback_days_between)
    for holder in holders:
        is_rested = holder.last_called_on is None or holder.last_called_on <= since
        if holder.sealed >= policy.callback_bottles_min and is_rested and not holder.is_called:
            yield holder


def due_by(called_on: date, *, closed: Iterable[date], policy: TakeHomePolicy) -> date:
    """The last day to come: two days on, moved past days the clinic is shut."""
    shut = frozenset(closed)
    day = called_on + timedelta(days=policy.callback_due_days)
    while day in shut:
        day += timedelta(days=1)
    return day


def judge(expected: CallbackCount, *, found: Found) -> tuple[CallbackOutcome, Decision]:
    """What a count says. A failed one asks for a review of the criteria; it takes nothing away.

    Source: site policy on 42 CFR 8.12(i)(2): recent diversion is the practitioner's finding.
    """
    reasons = list(_differences(expected, found))
    outcome = CallbackOutcome.FAILED if reasons else CallbackOutcome.PASSED
    return outcome, Decision.of(reasons)


def _differences(expected: CallbackCount, found: Found) -> Iterator[Reason]:
    for what, wanted, there in (
        ("sealed bottles", expected.sealed_expected, found.sealed),
        ("empty bottles", expected.empties_expected, found.empties),
    ):
        if wanted != there:
            yield _ask("count", f"{there} {what} of {wanted} were brought.")
    if not found.seals_whole:
        yield _ask("seals", "A seal is broken or a volume is wrong.")
    if not found.labels_right:
        yield _ask("labels", "A label is missing or is not this patient's.")


def _ask(code: str, message: str) -> Reason:
    return Reason(code, message, CALLBACK_SOURCE, Effect.ASK)

"""Which checks are due at the window today, and what a wrong one does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from clinic.dosing.facts import DoseFacts
from clinic.dosing.facts.line import CheckDue, CheckFacts, CheckKind, CheckPolicy, CheckRecord
from clinic.dosing.rules.doses import day_of_treatment, missed_of

_DEFAULTS = CheckPolicy()


def checks_due(facts: CheckFacts, *, policy: CheckPolicy = _DEFAULTS) -> tuple[CheckDue, ...]:
    """The checks of this day that nobody has recorded yet, each with its reason.

    Source: site policy; sedation peaks days after a start or an increase, because methadone
    accumulates (SAMHSA TIP 63, part 3), and tolerance is lost with every missed day.
    """
    found = []
    for kind, reasons in (
        (CheckKind.IMPAIRMENT, _screen(facts, policy)),
        (CheckKind.COWS, _cows(facts, policy)),
        (CheckKind.WEIGHT, _weight(facts, policy)),
    ):
        last = facts.latest(kind)
        because = next(reasons, None)
        if because and not (last and last.on == facts.day):
            found.append(CheckDue(kind, because))
    return tuple(found)


def check_facts(facts: DoseFacts, *, last: Iterable[CheckRecord]) -> CheckFacts:
    """What decides the checks of a dose: the dose's own facts, and the last check of each kind."""
    policy = facts.missed_dose_policy
    return CheckFacts(
        day=facts.day,
        treatment_day=day_of_treatment(facts.history, on=facts.day, policy=policy),
        missed_days=missed_of(facts),
        increased_on=facts.raised_on,
        last=tuple(last),
    )


def screen_due(facts: DoseFacts) -> CheckDue | None:
    """The impairment screen without which this dose is not given; None when none is due."""
    asked = check_facts(facts, last=[facts.last_screen] if facts.last_screen else [])
    due = checks_due(asked, policy=facts.check_policy)
    return next((one for one in due if one.kind is CheckKind.IMPAIRMENT), None)


def _screen(facts: CheckFacts, policy: CheckPolicy) -> Iterator[str]:
    if facts.treatment_day <= policy.screen_induction_days:
        yield f"day {facts.treatment_day} of treatment"
    if _is_recent(facts, policy):
        yield "the dose was raised"
    if facts.missed_days:
        yield f"{facts.missed_days} missed"
    last = facts.latest(CheckKind.IMPAIRMENT)
    until = timedelta(days=policy.screen_days_after_sign)
    if last and last.is_positive and facts.day - last.on <= until:
        yield f"appeared impaired on {last.on:%d %b}"


def _is_recent(facts: CheckFacts, policy: CheckPolicy) -> bool:
    if facts.increased_on is None:
        return False
    days = (facts.day - facts.increased_on).days
    return 0 <= days < policy.screen_days_after_increase


def _cows(facts: CheckFacts, policy: CheckPolicy) -> Iterator[str]:
    if facts.treatment_day <= policy.cows_induction_days:
        yield f"day {facts.treatment_day} of treatment"
    if facts.missed_days >= policy.cows_after_missed:
        yield f"{facts.missed_days} missed"


def _weight(facts: CheckFacts, policy: CheckPolicy) -> Iterator[str]:
    last = facts.latest(CheckKind.WEIGHT)
    if last is None:
        yield "never weighed here"
    elif facts.day - last.on >= timedelta(days=policy.weight_every_days):
        yield f"last weighed on {last.on:%d %b %Y}"

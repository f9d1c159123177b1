"""How a test counts as a visit of a protocol, and how many negatives stand in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clinic.rewards.facts import CONTRADICTED, RewardedVisit, VisitOutcome
from clinic.rewards.facts.protocols import BONUS_ANALYTES, Target
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading

REFUSED_COUNTS_AS_MISSED = "A refused test counts as missed. "


def visit_outcome(
    outcome: CollectionOutcome,
    *,
    readings: Mapping[Analyte, Reading],
    target: Target = Target.STIMULANT_NEGATIVE,
) -> VisitOutcome | None:
    """The letter a test has in the protocol; None when the test read nothing of the target.

    Only the target's analytes count: any other positive, expected or not, costs no reward. Which
    of them the panel reads is the site's choice. One positive makes the visit positive; short of
    that, one invalid reading proves nothing, and pays and costs nothing. A refused test counts
    like a missed one. Where the medication itself is looked for, finding any mark of it is what
    pays.
    Source: CalAIM Recovery Incentives Program (only stimulants count); site policy for invalid.
    """
    if not target.analytes:
        return None
    if outcome is CollectionOutcome.EXCUSED:
        return VisitOutcome.EXCUSED
    if outcome is not CollectionOutcome.COLLECTED:
        return VisitOutcome.MISSED
    found = {reading for analyte, reading in readings.items() if analyte in target.analytes}
    met, missed = VisitOutcome.NEGATIVE, VisitOutcome.POSITIVE
    if target is Target.MEDICATION_ADHERENCE:
        met, missed = missed, met
    if Reading.POSITIVE in found:
        return missed
    if Reading.INVALID in found:
        return VisitOutcome.EXCUSED
    return met if found else None


def is_met(outcome: VisitOutcome) -> bool:
    """Whether the visit met its protocol's target."""
    return outcome is VisitOutcome.NEGATIVE


def earns_bonus(readings: Mapping[Analyte, Reading]) -> bool:
    """Whether a test is negative beside the target, too: every bonus analyte read, none positive.

    Source: CTN-0006/0007 (MIEDAR).
    """
    return all(readings.get(analyte) is Reading.NEGATIVE for analyte in BONUS_ANALYTES)


def negatives_in_a_row(outcomes: Sequence[VisitOutcome]) -> tuple[int, int]:
    """The run of negatives that stands now, and the longest; an excused visit breaks none."""
    now = longest = 0
    for outcome in outcomes:
        if outcome is VisitOutcome.NEGATIVE:
            now += 1
            longest = max(longest, now)
        elif outcome is not VisitOutcome.EXCUSED:
            now = 0
    return now, longest


def in_good_faith(visits: Sequence[RewardedVisit]) -> tuple[RewardedVisit, ...]:
    """The visits, each with those before it whose cups still counted when it was judged and were
    contradicted since.

    Source: decision 0016: visits judged in between stay as they were paid, and are shown.
    """
    contradicted = [
        visit for visit in visits if visit.state in CONTRADICTED and visit.confirmed_at is not None
    ]
    return tuple(replace(visit, in_good_faith_of=_trusted(visit, contradicted)) for visit in visits)


def _trusted(visit: RewardedVisit, contradicted: Sequence[RewardedVisit]) -> tuple[int, ...]:
    judged_at = visit.occurred_at
    return tuple(
        one.number
        for one in contradicted
        if one.number < visit.number
        and judged_at is not None
        and one.confirmed_at is not None
        and judged_at < one.confirmed_at
    )

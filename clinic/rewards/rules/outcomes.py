"""How a test counts as a visit of a protocol, and how many negatives stand in a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from clinic.rewards.facts import VisitOutcome
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading

REFUSED_COUNTS_AS_MISSED = "A refused test counts as missed. "


def visit_outcome(
    outcome: CollectionOutcome,
    *,
    readings: Mapping[Analyte, Reading],
    target: Collection[Analyte],
) -> VisitOutcome | None:
    """The letter a test has in the protocol; None when the test read nothing of the target.

    Only the target's analytes count: any other positive, expected or not, costs no reward. Which
    of them the panel reads is the site's choice. One positive makes the visit positive; short of
    that, one invalid reading proves nothing, and pays and costs nothing. A refused test counts
    like a missed one.
    Source: CalAIM Recovery Incentives Program (only stimulants count); site policy for invalid.
    """
    if outcome is CollectionOutcome.EXCUSED:
        return VisitOutcome.EXCUSED
    if outcome is not CollectionOutcome.COLLECTED:
        return VisitOutcome.MISSED
    found = {reading for analyte, reading in readings.items() if analyte in target}
    if Reading.POSITIVE in found:
        return VisitOutcome.POSITIVE
    if Reading.INVALID in found:
        return VisitOutcome.EXCUSED
    return VisitOutcome.NEGATIVE if found else None


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

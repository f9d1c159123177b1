"""The card of a visit: what its keys come to, and what a laboratory's word makes of an award."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from clinic.core.errors import Refused
from clinic.core.money import dollars
from clinic.rewards.facts import (
    Collected,
    Mark,
    Protocol,
    Verdict,
    VisitOutcome,
)
from clinic.toxicology.facts import PANEL, Analyte, CollectionOutcome, Reading

WITHOUT_READING = {
    Mark.REFUSED: CollectionOutcome.REFUSED,
    Mark.EXCUSED: CollectionOutcome.EXCUSED,
    Mark.MISSED: CollectionOutcome.MISSED,
}
"""Marks that are of the whole visit, whichever row they were keyed on."""

UNREAD = "Read every row first: it takes one key each."


def rows_of(protocol: Protocol) -> tuple[Analyte, ...]:
    """The analytes a protocol asks for, in the order of the cup; none without a test."""
    return tuple(analyte for analyte in PANEL if analyte in protocol.target.analytes)


def collected(marks: Mapping[Analyte, Mark], *, rows: Collection[Analyte]) -> Collected:
    """What the keys of a card say of the specimen.

    Raises: Refused while a row is unread, and when rows disagree on whether there is a specimen.
    """
    whole = {WITHOUT_READING[mark] for mark in marks.values() if mark in WITHOUT_READING}
    if not whole:
        if set(marks) != set(rows):
            raise Refused(UNREAD)
        return Collected(
            CollectionOutcome.COLLECTED,
            {analyte: Reading(mark.value) for analyte, mark in marks.items()},
        )
    is_read = any(mark not in WITHOUT_READING for mark in marks.values())
    if is_read or len(whole) > 1:
        raise Refused("There is a specimen or there is none: the rows do not agree.")
    return Collected(whole.pop(), {})


def kept_outcome(mark: Mark) -> VisitOutcome:
    """The letter of a visit that needs no test: kept, excused or missed.

    Source: site policy.
    """
    return {Mark.NEGATIVE: VisitOutcome.NEGATIVE, Mark.EXCUSED: VisitOutcome.EXCUSED}.get(
        mark, VisitOutcome.MISSED
    )


def verdict_of(
    outcome: VisitOutcome, *, confirmed: VisitOutcome, paid_cents: int, balance_cents: int
) -> Verdict:
    """What the laboratory's outcome makes of a visit judged by the cup.

    An invalid cup stays as it was judged unless the laboratory finds that the target was met.
    What a patient has spent in good faith is not claimed from them.
    Source: site policy.
    """
    if confirmed is outcome:
        return Verdict.CONFIRMED
    if confirmed is VisitOutcome.NEGATIVE:
        return Verdict.RESTORED
    if outcome is not VisitOutcome.NEGATIVE:
        return Verdict.CONFIRMED
    return Verdict.KEPT if paid_cents > balance_cents else Verdict.REVERSED


def verdict_sentence(
    verdict: Verdict, *, number: int, paid_cents: int = 0, draws: int = 0, back_cents: int = 0
) -> str:
    """What is said of a verdict: what it brings now, and what goes back or should have."""
    head = f"Visit {number}: the laboratory "
    brings = (f"{draws} draws" if draws > 1 else "1 draw") if draws else dollars(paid_cents)
    now = f" {brings} earned now." if paid_cents or draws else ""
    back = dollars(back_cents)
    return (
        head
        + {
            Verdict.CONFIRMED: f"agrees.{now}",
            Verdict.REVERSED: "contradicts the cup."
            + (f" {back} went back." if back_cents else " Nothing was paid."),
            Verdict.KEPT: f"contradicts the cup. {back} is spent and stays with the patient.",
            Verdict.RESTORED: f"contradicts the cup, to the patient's good.{now}",
        }[verdict]
    )

"""The queue of a day, derived from orders, holds, doses and check-ins; never stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from clinic.dosing.facts import DoseFacts, Place, Queue, QueueRow, Waiting
from clinic.dosing.facts.line import LinePriority
from clinic.dosing.rules.doses import may_dose, next_portion
from clinic.stock.facts import Form

_ORDER = (
    Place.AT_WINDOW,
    Place.IN_LINE,
    Place.EXPECTED,
    Place.HELD,
    Place.DOSED,
    Place.COVERED,
)


def queue_of(waiting: Iterable[Waiting], *, day: date, closed_because: str | None = None) -> Queue:
    """Everybody an order, a hold or a dose speaks of today, in the order of the window.

    Shape: at a window, in line by priority and arrival, expected and held by name, then whoever
    is done, latest first.
    """
    rows = sorted((row_of(one) for one in waiting), key=_turn)
    return Queue(day=day, rows=tuple(rows), closed_because=closed_because)


def row_of(one: Waiting) -> QueueRow:
    """Where one patient stands, and what the window would say."""
    facts, portion = one.facts, next_portion(one.facts)
    if portion != facts.portion:
        facts = replace(facts, portion=portion)
    decision = may_dose(facts)
    is_here = _is_here(facts, one.checked_in_at)
    return QueueRow(
        patient=one.patient,
        order=facts.order,
        place=place_of(facts, stopped=not decision, is_here=is_here),
        decision=decision,
        checked_in_at=one.checked_in_at,
        doses=tuple(dose for dose in facts.doses if dose.voided is None),
        priority=one.priority,
        priority_reason=one.priority_reason,
        claim=facts.claim,
    )


def _is_here(facts: DoseFacts, arrived_at: datetime | None) -> bool:
    """Came, and came after the last portion: who has the second one ahead comes twice."""
    last = max((dose.given_at for dose in facts.doses if not dose.voided), default=None)
    return arrived_at is not None and (last is None or arrived_at > last)


def place_of(facts: DoseFacts, *, stopped: bool, is_here: bool) -> Place:
    """Dosed and covered come before everything; then whatever stops; then whether they are here."""
    live = {dose.portion for dose in facts.doses if dose.voided is None}
    order = facts.order
    if live and (order is None or len(live) >= order.portions):
        return Place.DOSED
    if order is not None and order.form is Form.INJECTION and facts.last_injection is not None:
        return Place.COVERED
    if facts.covered and facts.hold is None and stopped:
        return Place.DOSED if live else Place.COVERED
    if stopped:
        return Place.DOSED if live and _already_under_another(facts) else Place.HELD
    if facts.claim is not None:
        return Place.AT_WINDOW
    return Place.IN_LINE if is_here else Place.EXPECTED


def _already_under_another(facts: DoseFacts) -> bool:
    return facts.order is not None and any(
        dose.order_number != facts.order.number for dose in facts.doses if dose.voided is None
    )


def _turn(row: QueueRow) -> tuple[int, bool, float, str, str, str]:
    at, waits_turn = 0.0, False
    if row.place is Place.IN_LINE and row.checked_in_at is not None:
        waits_turn = row.priority is LinePriority.NONE
        at = row.checked_in_at.timestamp()
    elif row.place is Place.DOSED and row.given is not None:
        at = -row.given.given_at.timestamp()
    return (
        _ORDER.index(row.place),
        waits_turn,
        at,
        row.patient.last_name,
        row.patient.first_name,
        row.patient.code,
    )

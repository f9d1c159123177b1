"""A posted visit as its receipt says it."""

from __future__ import annotations

from uuid import UUID

from clinic.data.work import Work
from clinic.rewards.facts import VisitSlip
from clinic.rewards.queries.cards import card
from clinic.rewards.queries.visits import next_day, visit


def visit_slip(work: Work, *, patient_id: UUID, visit_id: UUID) -> VisitSlip:
    """One visit, with the balance now and what the next visit will bring.

    Raises: NotFound.
    """
    found = visit(work, patient_id=patient_id, visit_id=visit_id)
    standing = card(work, patient_id=patient_id)
    coming = standing.next_visit
    return VisitSlip(
        visit_id=found.id,
        number=found.number,
        outcome=found.outcome.label,
        state=found.state,
        service_date=found.service_date,
        occurred_at=found.occurred_at or work.now,
        recorded_by_name=found.recorded_by_name,
        sentence=found.sentence,
        verdict_sentence=found.verdict_sentence,
        amount_cents=found.amount_cents,
        draws_waiting=sum(one.draws for one in standing.open_draws if one.visit_id == visit_id),
        is_drawn=found.is_drawn,
        balance_cents=standing.balance_cents,
        brings_next=coming.brings if coming else "",
        next_day=next_day(work, patient_id=patient_id) if coming else None,
    )

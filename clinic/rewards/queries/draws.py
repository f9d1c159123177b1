"""Draws that wait to be drawn, and the receipts of those that were."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.rewards.facts import (
    DrawnSlip,
    DrawReceipt,
    OpenDraw,
    PrizeBowl,
    PrizeSlip,
    RecordedDraw,
    Verdict,
)
from clinic.rewards.models import (
    PrizeCommitment,
    PrizeDraw,
    RewardConfirmation,
    RewardVisit,
)
from clinic.rewards.queries.protocols import bowl_of


def open_draws(work: Work, *, patient_id: UUID) -> tuple[OpenDraw, ...]:
    """Every draw the patient earned here and has not drawn, oldest first.

    Invariant: the seed is not read.
    """
    rows = work.session.execute(
        _committed(work, patient_id=patient_id)
        .where(PrizeDraw.id.is_(None), ~_is_reversed())
        .order_by(PrizeCommitment.committed_at, PrizeCommitment.id)
    )
    return tuple(
        OpenDraw(
            visit_id=row.PrizeCommitment.reward_visit_id,
            visit_number=row.number,
            draws=row.PrizeCommitment.draws,
            bowl=_bowl(work, row.PrizeCommitment),
            commitment=row.PrizeCommitment.commitment,
            committed_at=row.PrizeCommitment.committed_at,
        )
        for row in rows
    )


def open_draw(work: Work, *, patient_id: UUID, visit_id: UUID) -> OpenDraw | None:
    """The draw of a visit that waits; None when there is none, or it is drawn."""
    waiting = open_draws(work, patient_id=patient_id)
    return next((one for one in waiting if one.visit_id == visit_id), None)


def drawn(work: Work, *, patient_id: UUID, visit_id: UUID) -> RecordedDraw | None:
    """The draw of a visit as recorded; None while it waits, or when there is none."""
    row = work.session.execute(
        _committed(work, patient_id=patient_id).where(
            PrizeDraw.id.is_not(None), RewardVisit.id == visit_id
        )
    ).first()
    if row is None:
        return None
    return RecordedDraw(
        visit_number=row.number,
        committed_at=row.PrizeCommitment.committed_at,
        drawn_at=row.PrizeDraw.occurred_at,
        drawn_by=row.PrizeDraw.recorded_by_name,
        paid_cents=row.PrizeDraw.paid_cents,
        sentence=row.PrizeDraw.sentence,
        receipt=_receipt(row.PrizeCommitment, row.PrizeDraw, bowl=_bowl(work, row.PrizeCommitment)),
    )


def _is_reversed() -> sa.ColumnElement[bool]:
    """The laboratory took the visit's reward back before it was drawn."""
    return sa.exists().where(
        RewardConfirmation.site_id == PrizeCommitment.site_id,
        RewardConfirmation.reward_visit_id == PrizeCommitment.reward_visit_id,
        RewardConfirmation.verdict == Verdict.REVERSED,
    )


def _committed(work: Work, *, patient_id: UUID) -> sa.Select[PrizeCommitment, PrizeDraw, int]:
    return (
        sa.select(PrizeCommitment, PrizeDraw, RewardVisit.number)
        .join(RewardVisit, RewardVisit.id == PrizeCommitment.reward_visit_id)
        .outerjoin(
            PrizeDraw,
            (PrizeDraw.site_id == PrizeCommitment.site_id)
            & (PrizeDraw.reward_visit_id == PrizeCommitment.reward_visit_id),
        )
        .where(PrizeCommitment.site_id == work.site.id, RewardVisit.patient_id == patient_id)
    )


def _bowl(work: Work, commitment: PrizeCommitment) -> PrizeBowl:
    return bowl_of(work, name=commitment.bowl_name, version=commitment.bowl_version)


def _receipt(commitment: PrizeCommitment, draw: PrizeDraw, *, bowl: PrizeBowl) -> DrawReceipt:
    """What was recorded, not what would be drawn: the two can be held against each other."""
    return DrawReceipt(
        visit_id=commitment.reward_visit_id,
        commitment=commitment.commitment,
        seed=draw.seed,
        choice=draw.choice,
        bowl_name=bowl.name,
        bowl_version=bowl.version,
        bowl_slips=tuple((kind.slip.value, kind.count, kind.value_cents) for kind in bowl.slips),
        draws=commitment.draws,
        slips=tuple(_slip(values) for values in draw.slips),
        total_cents=draw.total_cents,
        puts_back=bowl.puts_back,
    )


def _slip(values: dict[str, Any]) -> DrawnSlip:
    return DrawnSlip(
        draw=values["draw"],
        digest=values["digest"],
        index=values["index"],
        slip=PrizeSlip(values["slip"]),
        value_cents=values["value_cents"],
    )

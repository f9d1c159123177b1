"""Commit to a visit's draws when they are earned, and draw them once, when the patient chooses."""

from __future__ import annotations

import secrets
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.rewards import queries
from clinic.rewards.facts import (
    CHOICE_LENGTH_MAX,
    CappedPayments,
    CapStanding,
    DrawnPrizes,
    DrawReceipt,
    Incentive,
    OpenDraw,
    PrizeBowl,
    TransferKind,
)
from clinic.rewards.models import PrizeCommitment, PrizeDraw, PrizeSeed
from clinic.rewards.rules.caps import pay_within_caps, with_caps
from clinic.rewards.rules.draws import draw_sentence
from clinic.rewards.rules.fair_draw import SEED_BYTES, commitment_of, receipt_of
from clinic.rewards.services import ledger


def new_seed() -> bytes:
    """A secret nobody can guess, from the operating system."""
    return secrets.token_bytes(SEED_BYTES)


def commit_to_draws(work: Work, *, visit_id: UUID, draws: int, bowl: PrizeBowl) -> None:
    """Fix the seed of a visit's draws with the award, before anybody can have chosen a word.

    Invariant: once per visit; the seed leaves the database only through the draw.
    """
    seed = new_seed()
    work.session.execute(
        sa.insert(PrizeCommitment),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "reward_visit_id": visit_id,
            "commitment": commitment_of(seed),
            "bowl_name": bowl.name,
            "bowl_version": bowl.version,
            "draws": draws,
            "committed_at": work.now,
            **work.attribution,
        },
    )
    work.session.execute(
        sa.insert(PrizeSeed),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "reward_visit_id": visit_id,
            "seed": seed.hex(),
        },
    )


def draw_prizes(work: Work, *, patient_id: UUID, visit_id: UUID, choice: str) -> DrawnPrizes:
    """Draw a visit's slips with the patient's word, reveal the seed, and pay what the caps allow.

    An enrolment that has ended changes nothing: draws that were earned can be drawn.
    Invariant: a visit is drawn once, whoever asks how often.
    Raises: NotFound for a visit without draws; Clash when they are drawn; Refused without a word.
    """
    word = choice.strip()
    if not word or len(word) > CHOICE_LENGTH_MAX:
        raise Refused(f"The patient chooses a word or number of at most {CHOICE_LENGTH_MAX} signs.")
    patient_services.take_turn(work, patient_id=patient_id)
    waiting = queries.open_draw(work, patient_id=patient_id, visit_id=visit_id)
    if waiting is None:
        if queries.drawn(work, patient_id=patient_id, visit_id=visit_id) is None:
            raise NotFound("draw")
        raise Clash("The slips of this visit have been drawn already.")
    receipt = receipt_of(
        _seed(work, visit_id=visit_id),
        choice=word,
        visit_id=visit_id,
        draws=waiting.draws,
        bowl=waiting.bowl,
    )
    paid, standings = _within_caps(work, visit_id=visit_id, amount_cents=receipt.total_cents)
    paid_cents = paid.total_paid_cents
    sentence = with_caps(
        draw_sentence([slip.slip for slip in receipt.slips], bowl=waiting.bowl),
        paid=paid,
        standings=standings,
    )
    _record(work, receipt, paid_cents=paid_cents, sentence=sentence)
    audit.record(
        work,
        action="rewards.draw",
        subject=f"visit {visit_id}",
        patient_id=patient_id,
        detail={
            "draws": waiting.draws,
            "total_cents": receipt.total_cents,
            "paid_cents": paid_cents,
        },
    )
    return DrawnPrizes(
        total_cents=receipt.total_cents,
        paid_cents=paid_cents,
        balance_cents=_pay(work, waiting, patient_id=patient_id, paid_cents=paid_cents),
        sentence=sentence,
    )


def _seed(work: Work, *, visit_id: UUID) -> bytes:
    return bytes.fromhex(
        work.session.scalars(
            sa.select(PrizeSeed.seed).where(
                PrizeSeed.site_id == work.site.id, PrizeSeed.reward_visit_id == visit_id
            )
        ).one()
    )


def _within_caps(
    work: Work, *, visit_id: UUID, amount_cents: int
) -> tuple[CappedPayments, tuple[CapStanding, ...]]:
    """How far the caps of today let the slips be paid."""
    today = work.service_date
    enrolment = queries.enrolment_of_visit(work, visit_id=visit_id)
    ledger.take_budget_turn(work, enrolment_id=enrolment.id)
    standings = queries.cap_standings(work, enrolment=enrolment, on=today)
    paid = pay_within_caps(
        [standing.cap for standing in standings],
        incentives=[Incentive(earned_on=today, amount_cents=amount_cents)],
        policy=queries.cap_policy(work, on=today),
    )
    return paid, standings


def _record(work: Work, receipt: DrawReceipt, *, paid_cents: int, sentence: str) -> None:
    work.session.execute(
        sa.insert(PrizeDraw),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "reward_visit_id": receipt.visit_id,
            "choice": receipt.choice,
            "seed": receipt.seed,
            "slips": [slip.to_json() for slip in receipt.slips],
            "total_cents": receipt.total_cents,
            "paid_cents": paid_cents,
            "sentence": sentence,
            **work.on_service_day(),
            **work.attribution,
        },
    )


def _pay(work: Work, waiting: OpenDraw, *, patient_id: UUID, paid_cents: int) -> int:
    """Move the money, if there is any; the balance after it."""
    account_id = ledger.account_of_patient(work, patient_id=patient_id)
    if paid_cents:
        enrolment = queries.enrolment_of_visit(work, visit_id=waiting.visit_id)
        ledger.move(
            work,
            kind=TransferKind.EARN,
            payer=ledger.funding_account(work, enrolment_id=enrolment.id),
            payee=account_id,
            amount_cents=paid_cents,
            memo=f"Visit {waiting.visit_number}",
            reward_visit_id=waiting.visit_id,
        )
    return ledger.balance_of(work, account_id=account_id)

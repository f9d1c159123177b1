"""What a laboratory's result makes of an award: confirmed, taken back, or paid after all."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.audit import services as audit
from clinic.core.money import dollars
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.rewards import queries
from clinic.rewards.facts import (
    AwardState,
    Enrolment,
    Incentive,
    ReversalCause,
    RewardedVisit,
    TransferKind,
    Verdict,
    VisitOutcome,
)
from clinic.rewards.models import LedgerTransfer, RewardConfirmation, RewardVisit
from clinic.rewards.rules.caps import pay_within_caps
from clinic.rewards.rules.outcomes import visit_outcome
from clinic.rewards.rules.visits import verdict_of, verdict_sentence
from clinic.rewards.services import ledger
from clinic.rewards.services.awards import pay_visit
from clinic.toxicology.facts import CollectionOutcome, ResultConfirmed


class _Earned(NamedTuple):
    transfer_id: UUID
    amount_cents: int


class _Brought(NamedTuple):
    """What a verdict pays now, and what the visit is worth after it."""

    paid_cents: int
    draws: int
    stands_cents: int


def settle_confirmation(work: Work, fact: ResultConfirmed) -> None:
    """Hold a judged visit against the laboratory's word, and put its reward right.

    Visits judged in between stay as they were paid; what later ones bring follows the corrected
    outcome. An amount that is spent already is not claimed back.
    Shape: the verdict and the balance are added to ``fact.told``.
    Invariant: once per visit.
    """
    visit = queries.visit_of_specimen(work, specimen_id=fact.specimen_id)
    if visit is None:
        return
    patient_services.take_turn(work, patient_id=fact.patient_id)
    enrolment = queries.enrolment_of_visit(work, visit_id=visit.id)
    confirmed = visit_outcome(
        CollectionOutcome.COLLECTED,
        readings=dict(fact.readings),
        target=enrolment.protocol.target,
    )
    if confirmed is None:
        return
    account_id = ledger.account_of_patient(work, patient_id=fact.patient_id)
    earned = _earned(work, visit_id=visit.id)
    back_cents = earned.amount_cents if earned else 0
    verdict = verdict_of(
        visit.outcome,
        confirmed=confirmed,
        paid_cents=back_cents,
        balance_cents=ledger.balance_of(work, account_id=account_id),
    )
    brought = _act(work, verdict, visit=visit, enrolment=enrolment, earned=earned)
    sentence = verdict_sentence(
        verdict,
        number=visit.number,
        paid_cents=brought.paid_cents,
        draws=brought.draws,
        back_cents=back_cents,
    )
    keeps_outcome = verdict is Verdict.CONFIRMED
    _write(
        work,
        visit=visit,
        verdict=verdict,
        outcome=visit.outcome if keeps_outcome else confirmed,
        amount_cents=brought.stands_cents,
        sentence=sentence,
    )
    audit.record(
        work,
        action="rewards.confirm",
        subject=f"visit {visit.id}",
        patient_id=fact.patient_id,
        detail={"verdict": verdict.value, "amount_cents": brought.stands_cents},
    )
    balance_cents = ledger.balance_of(work, account_id=account_id)
    fact.told.extend((sentence, f"Balance {dollars(balance_cents)}."))


def _act(
    work: Work,
    verdict: Verdict,
    *,
    visit: RewardedVisit,
    enrolment: Enrolment,
    earned: _Earned | None,
) -> _Brought:
    own_cents, promised_draws = _promised(work, visit_id=visit.id)
    ledger.take_budget_turn(work, enrolment_id=enrolment.id)
    if verdict is Verdict.REVERSED:
        if earned is not None:
            ledger.reverse(
                work,
                transfer_id=earned.transfer_id,
                reason=f"the laboratory contradicts the cup of visit {visit.number}",
                cause=ReversalCause.LABORATORY,
            )
        return _Brought(0, 0, 0)
    if verdict is Verdict.RESTORED:
        before = queries.visits(work, enrolment_id=enrolment.id)[: visit.number - 1]
        judgement = queries.judged(
            work,
            enrolment=enrolment,
            before=before,
            outcome=VisitOutcome.NEGATIVE,
            on=work.service_date,
        )
        own_cents, promised_draws = judgement.payment.paid_cents, judgement.award.draws
    elif visit.state is AwardState.HELD:
        own_cents = _within_caps(work, enrolment=enrolment, amount_cents=own_cents)
    else:
        return _Brought(0, 0, own_cents)
    pay_visit(
        work,
        enrolment=enrolment,
        visit_id=visit.id,
        number=visit.number,
        amount_cents=own_cents,
        draws=promised_draws,
    )
    return _Brought(own_cents, promised_draws, own_cents)


def _promised(work: Work, *, visit_id: UUID) -> tuple[int, int]:
    """The cents and draws a visit was judged to bring."""
    amount_cents, terms = work.session.execute(
        sa.select(RewardVisit.amount_cents, RewardVisit.terms).where(
            RewardVisit.site_id == work.site.id, RewardVisit.id == visit_id
        )
    ).one()
    return int(amount_cents), int(terms["draws"])


def _within_caps(work: Work, *, enrolment: Enrolment, amount_cents: int) -> int:
    """A held amount, as far as the caps of today let it be paid."""
    today = work.service_date
    standings = queries.cap_standings(work, enrolment=enrolment, on=today)
    return pay_within_caps(
        [standing.cap for standing in standings],
        incentives=[Incentive(earned_on=today, amount_cents=amount_cents)],
    ).total_paid_cents


def _earned(work: Work, *, visit_id: UUID) -> _Earned | None:
    """The transfer that paid a visit and still stands."""
    void = aliased(LedgerTransfer)
    row = work.session.execute(
        sa.select(LedgerTransfer.id, LedgerTransfer.amount_cents).where(
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.kind == TransferKind.EARN,
            LedgerTransfer.reward_visit_id == visit_id,
            ~sa.exists().where(
                void.site_id == LedgerTransfer.site_id, void.reverses_id == LedgerTransfer.id
            ),
        )
    ).first()
    return None if row is None else _Earned(*row)


def _write(
    work: Work,
    *,
    visit: RewardedVisit,
    verdict: Verdict,
    outcome: VisitOutcome,
    amount_cents: int,
    sentence: str,
) -> None:
    work.session.execute(
        sa.insert(RewardConfirmation),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "reward_visit_id": visit.id,
            "verdict": verdict,
            "outcome": outcome.value,
            "amount_cents": amount_cents,
            "sentence": sentence,
            **work.on_service_day(),
            **work.attribution,
        },
    )

"""Turn a recorded result into a judged visit and the money it earned, or take an award back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.money import dollars
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.rewards import queries
from clinic.rewards.facts import (
    TARGET_ANALYTES,
    AccountKind,
    Award,
    CappedPayment,
    CapStanding,
    Enrolment,
    Incentive,
    PrizeProtocol,
    RewardedVisit,
    TransferKind,
    VisitOutcome,
)
from clinic.rewards.models import LedgerTransfer, RewardVisit
from clinic.rewards.rules.caps import pay_within_caps, with_caps
from clinic.rewards.rules.outcomes import REFUSED_COUNTS_AS_MISSED, visit_outcome
from clinic.rewards.rules.schedules import award_for
from clinic.rewards.services import ledger
from clinic.rewards.services.draws import commit_to_draws
from clinic.rewards.services.enrolments import end_enrolment
from clinic.toxicology.facts import CollectionOutcome, ResultRecorded


class _Award(NamedTuple):
    from_account_id: UUID
    amount_cents: int
    recorded_by: UUID | None


def award_for_result(work: Work, fact: ResultRecorded) -> None:
    """Judge the result as the next visit of the patient's protocol and pay what it earned.

    Shape: the reasons and the new balance are added to ``fact.told``. Without an open enrolment,
    or when nothing of the target was read, nothing happens. Draws are paid when they are drawn.
    Invariant: a specimen is one visit, and a visit is paid once; the caps are read and the money
    moved in one turn. Visits count from 1 without gap.
    """
    if queries.open_enrolment(work, patient_id=fact.patient_id) is None:
        return
    outcome = visit_outcome(fact.outcome, readings=dict(fact.readings), target=TARGET_ANALYTES)
    if outcome is None:
        return
    patient_services.take_turn(work, patient_id=fact.patient_id)
    enrolment = queries.open_enrolment(work, patient_id=fact.patient_id)
    if enrolment is None:
        return
    visits = queries.visits(work, enrolment_id=enrolment.id)
    if any(visit.specimen_id == fact.specimen_id for visit in visits):
        return
    fact.told.extend(_reward(work, fact, enrolment=enrolment, visits=visits, outcome=outcome))


def void_award(work: Work, *, patient_id: UUID, transfer_id: UUID, reason: str) -> int:
    """Take an award back by a reversing transfer; the balance in cents that remains.

    The visit stays as it was judged: only its money goes back to the funding.
    Raises: NotFound; Clash when it is voided already; Refused without a reason, by the person who
    recorded the award, or when the balance no longer covers it.
    """
    if not reason.strip():
        raise Refused("Say why the award is voided.")
    patient_services.take_turn(work, patient_id=patient_id)
    account_id = ledger.account_of_patient(work, patient_id=patient_id)
    award = _award(work, account_id=account_id, transfer_id=transfer_id)
    if award.recorded_by == work.actor.id:
        raise Refused("Somebody else has to void an award you recorded yourself.")
    balance_cents = ledger.balance_of(work, account_id=account_id)
    if balance_cents < award.amount_cents:
        raise Refused(
            f"The award of {dollars(award.amount_cents)} is spent: the balance is"
            f" {dollars(balance_cents)}."
        )
    ledger.move(
        work,
        kind=TransferKind.VOID,
        payer=account_id,
        payee=award.from_account_id,
        amount_cents=award.amount_cents,
        memo=f"Voided: {reason.strip()}",
        reverses_id=transfer_id,
    )
    audit.record(
        work,
        action="rewards.void",
        subject=f"transfer {transfer_id}",
        patient_id=patient_id,
        detail={"amount_cents": award.amount_cents, "reason": reason.strip()},
    )
    return balance_cents - award.amount_cents


def _reward(
    work: Work,
    fact: ResultRecorded,
    *,
    enrolment: Enrolment,
    visits: Sequence[RewardedVisit],
    outcome: VisitOutcome,
) -> tuple[str, str]:
    award = award_for(enrolment.protocol, outcomes=[*(visit.outcome for visit in visits), outcome])
    standings = queries.cap_standings(work, enrolment=enrolment, on=fact.service_date)
    paid = pay_within_caps(
        [standing.cap for standing in standings],
        incentives=[Incentive(earned_on=fact.service_date, amount_cents=award.total_cents)],
        policy=queries.cap_policy(work, on=fact.service_date),
    )
    payment = paid.payments[0]
    sentence = with_caps(award.sentence, paid=paid, standings=standings)
    if fact.outcome is CollectionOutcome.REFUSED:
        sentence = REFUSED_COUNTS_AS_MISSED + sentence
    visit_id = work.new_id()
    work.session.execute(
        sa.insert(RewardVisit),
        {
            "id": visit_id,
            "site_id": work.site.id,
            "enrolment_id": enrolment.id,
            "patient_id": fact.patient_id,
            "specimen_id": fact.specimen_id,
            "number": award.visit_number,
            "outcome": outcome.value,
            "amount_cents": payment.paid_cents,
            "sentence": sentence,
            "terms": _terms(enrolment, award=award, payment=payment, standings=standings),
            "occurred_at": work.now,
            "service_date": fact.service_date,
            "time_zone": work.site.time_zone,
            **work.attribution,
        },
    )
    if isinstance(enrolment.protocol, PrizeProtocol) and award.draws:
        commit_to_draws(work, visit_id=visit_id, draws=award.draws, bowl=enrolment.protocol.bowl)
    account_id = ledger.account_of_patient(work, patient_id=fact.patient_id)
    if payment.paid_cents:
        ledger.move(
            work,
            kind=TransferKind.EARN,
            payer=ledger.shared_account(work, kind=AccountKind.FUNDING),
            payee=account_id,
            amount_cents=payment.paid_cents,
            memo=f"Visit {award.visit_number}",
            reward_visit_id=visit_id,
        )
    if award.visit_number == enrolment.protocol.scheduled_visits:
        end_enrolment(work, enrolment_id=enrolment.id)
    audit.record(
        work,
        action="rewards.award",
        subject=f"visit {visit_id}",
        patient_id=fact.patient_id,
        detail={"number": award.visit_number, "amount_cents": payment.paid_cents},
    )
    balance_cents = ledger.balance_of(work, account_id=account_id)
    return sentence, f"Balance {dollars(balance_cents)}."


def _terms(
    enrolment: Enrolment,
    *,
    award: Award,
    payment: CappedPayment,
    standings: Sequence[CapStanding],
) -> dict[str, object]:
    """Everything the amount was computed from, kept with the visit."""
    return {
        "protocol": enrolment.protocol.name,
        "protocol_version": enrolment.protocol.version,
        "source": enrolment.protocol.source,
        "award_cents": award.amount_cents,
        "bonus_cents": award.bonus_cents,
        "draws": award.draws,
        "paid_cents": payment.paid_cents,
        "binding_cap": payment.binding_cap,
        "caps": [
            {
                "name": one.cap.name,
                "limit_cents": one.cap.limit_cents,
                "paid_to_date_cents": one.cap.paid_to_date_cents,
            }
            for one in standings
        ],
    }


def _award(work: Work, *, account_id: UUID, transfer_id: UUID) -> _Award:
    award = work.session.execute(
        sa.select(
            LedgerTransfer.from_account_id, LedgerTransfer.amount_cents, LedgerTransfer.recorded_by
        ).where(
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.to_account_id == account_id,
            LedgerTransfer.id == transfer_id,
            LedgerTransfer.kind == TransferKind.EARN,
        )
    ).first()
    if award is None:
        raise NotFound("award")
    voided = work.session.scalar(
        sa.select(
            sa.exists().where(
                LedgerTransfer.site_id == work.site.id, LedgerTransfer.reverses_id == transfer_id
            )
        )
    )
    if voided:
        raise Clash("Somebody has voided this award already.")
    return _Award(*award)

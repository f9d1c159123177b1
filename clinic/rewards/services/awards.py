"""Turn a recorded result into a judged visit and the money it earned, or take an award back."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, Refused
from clinic.core.money import dollars
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.rewards import queries
from clinic.rewards.facts import (
    Enrolment,
    PostedVisit,
    PrizeProtocol,
    Target,
    TransferKind,
    VisitOutcome,
)
from clinic.rewards.models import RewardHold, RewardVisit
from clinic.rewards.queries import Judgement
from clinic.rewards.rules.outcomes import REFUSED_COUNTS_AS_MISSED, visit_outcome
from clinic.rewards.services import ledger
from clinic.rewards.services.draws import commit_to_draws
from clinic.rewards.services.enrolments import end_enrolment
from clinic.scheduling.facts import AttendanceRecorded, BookingStatus
from clinic.toxicology.facts import CollectionOutcome, ResultRecorded

HELD = "Nothing is paid before the laboratory has confirmed the test."


def award_for_result(work: Work, fact: ResultRecorded) -> None:
    """Judge the result as the next visit of the patient's protocol and pay what it earned.

    Shape: the reasons and the new balance are added to ``fact.told``. Without an open enrolment,
    or when nothing of the target was read, nothing happens. Draws are paid when they are drawn.
    Invariant: a specimen is one visit, and a visit is paid once; the caps are read and the money
    moved in one turn. Visits count from 1 without gap.
    """
    if queries.open_enrolment(work, patient_id=fact.patient_id) is None:
        return
    patient_services.take_turn(work, patient_id=fact.patient_id)
    enrolment = queries.open_enrolment(work, patient_id=fact.patient_id)
    if enrolment is None:
        return
    readings = dict(fact.readings)
    outcome = visit_outcome(fact.outcome, readings=readings, target=enrolment.protocol.target)
    visits = queries.visits(work, enrolment_id=enrolment.id)
    if outcome is None or any(visit.specimen_id == fact.specimen_id for visit in visits):
        return
    ledger.take_budget_turn(work, enrolment_id=enrolment.id)
    judgement = queries.judged(
        work,
        enrolment=enrolment,
        before=visits,
        outcome=outcome,
        on=fact.service_date,
        readings=readings,
    )
    refused = fact.outcome is CollectionOutcome.REFUSED
    rewarded = reward_visit(
        work,
        enrolment=enrolment,
        judgement=judgement,
        specimen_id=fact.specimen_id,
        preface=REFUSED_COUNTS_AS_MISSED if refused else "",
    )
    fact.told.extend(rewarded.told)


def award_for_attendance(work: Work, fact: AttendanceRecorded) -> None:
    """Reward a visit kept today where attendance is what the protocol pays for.

    A day is one visit, however many sessions were attended. What was missed is recorded on the
    visit's card, where an excuse can be given.
    """
    if fact.status is not BookingStatus.ATTENDED or fact.service_date != work.service_date:
        return
    enrolment = queries.open_enrolment(work, patient_id=fact.patient_id)
    if enrolment is None or enrolment.protocol.target is not Target.ATTENDANCE:
        return
    patient_services.take_turn(work, patient_id=fact.patient_id)
    reward_without_specimen(
        work, patient_id=fact.patient_id, outcome=VisitOutcome.NEGATIVE, once_a_day=True
    )


def reward_without_specimen(
    work: Work, *, patient_id: UUID, outcome: VisitOutcome, once_a_day: bool = False
) -> PostedVisit:
    """Judge a visit of a protocol that asks for no test. The patient's turn is taken already.

    ``once_a_day``: answer with nothing instead of clashing when today is recorded.
    Raises: Refused without such an enrolment; Clash when today is recorded.
    """
    enrolment = queries.open_enrolment(work, patient_id=patient_id)
    if enrolment is None or enrolment.protocol.target.analytes:
        raise Refused("The patient's protocol asks for a test.")
    visits = queries.visits(work, enrolment_id=enrolment.id)
    if any(visit.service_date == work.service_date for visit in visits):
        if once_a_day:
            return PostedVisit(visit_id=None, told=())
        raise Clash("Today's visit is recorded already. Look again.")
    ledger.take_budget_turn(work, enrolment_id=enrolment.id)
    judgement = queries.judged(
        work, enrolment=enrolment, before=visits, outcome=outcome, on=work.service_date
    )
    return reward_visit(work, enrolment=enrolment, judgement=judgement, specimen_id=None)


def reward_visit(
    work: Work,
    *,
    enrolment: Enrolment,
    judgement: Judgement,
    specimen_id: UUID | None,
    preface: str = "",
) -> PostedVisit:
    """Write a judged visit down and pay it, or hold it where the site waits for the laboratory."""
    award = judgement.award
    visit_id = work.new_id()
    sentence = preface + judgement.sentence
    paid_cents = judgement.payment.paid_cents
    work.session.execute(
        sa.insert(RewardVisit),
        {
            "id": visit_id,
            "site_id": work.site.id,
            "enrolment_id": enrolment.id,
            "patient_id": enrolment.patient_id,
            "specimen_id": specimen_id,
            "number": award.visit_number,
            "outcome": award.outcome.value,
            "amount_cents": paid_cents,
            "sentence": sentence,
            "terms": _terms(enrolment, judgement),
            **work.on_service_day(),
            **work.attribution,
        },
    )
    waits = queries.waits_for_laboratory(work, enrolment=enrolment, judgement=judgement)
    if waits:
        _hold(work, visit_id=visit_id)
    else:
        pay_visit(
            work,
            enrolment=enrolment,
            visit_id=visit_id,
            number=award.visit_number,
            amount_cents=paid_cents,
            draws=award.draws,
        )
    if award.visit_number == enrolment.protocol.scheduled_visits:
        end_enrolment(work, enrolment_id=enrolment.id)
    audit.record(
        work,
        action="rewards.award",
        subject=f"visit {visit_id}",
        patient_id=enrolment.patient_id,
        detail={"number": award.visit_number, "amount_cents": paid_cents, "held": waits},
    )
    account_id = ledger.account_of_patient(work, patient_id=enrolment.patient_id)
    balance = f"Balance {dollars(ledger.balance_of(work, account_id=account_id))}."
    told = (sentence, HELD, balance) if waits else (sentence, balance)
    return PostedVisit(visit_id=visit_id, told=told)


def pay_visit(
    work: Work, *, enrolment: Enrolment, visit_id: UUID, number: int, amount_cents: int, draws: int
) -> None:
    """Prepare a visit's draws and move its money, if there are any."""
    if isinstance(enrolment.protocol, PrizeProtocol) and draws:
        commit_to_draws(work, visit_id=visit_id, draws=draws, bowl=enrolment.protocol.bowl)
    account_id = ledger.account_of_patient(work, patient_id=enrolment.patient_id)
    if amount_cents:
        ledger.move(
            work,
            kind=TransferKind.EARN,
            payer=ledger.funding_account(work, enrolment_id=enrolment.id),
            payee=account_id,
            amount_cents=amount_cents,
            memo=f"Visit {number}",
            reward_visit_id=visit_id,
        )


def _hold(work: Work, *, visit_id: UUID) -> None:
    work.session.execute(
        sa.insert(RewardHold),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "reward_visit_id": visit_id,
            **work.attribution,
        },
    )


def _terms(enrolment: Enrolment, judgement: Judgement) -> dict[str, object]:
    """Everything the amount was computed from, kept with the visit."""
    award, payment = judgement.award, judgement.payment
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
            for one in judgement.standings
        ],
    }

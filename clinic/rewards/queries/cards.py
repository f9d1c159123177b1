"""One patient's rewards on one page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from clinic.data.work import Work
from clinic.rewards.facts import (
    CapStanding,
    Enrolment,
    Incentive,
    NextVisit,
    PathPoint,
    Protocol,
    RewardCard,
    VisitOutcome,
)
from clinic.rewards.queries.caps import budget_standing, cap_standings
from clinic.rewards.queries.draws import open_draws
from clinic.rewards.queries.enrolments import latest_enrolment
from clinic.rewards.queries.funds import budget_policy
from clinic.rewards.queries.ledger import patient_account, statement
from clinic.rewards.queries.visits import visits
from clinic.rewards.rules.caps import budget_warning, pay_within_caps
from clinic.rewards.rules.outcomes import negatives_in_a_row
from clinic.rewards.rules.schedules import awards_for, next_if_negative


def card(work: Work, *, patient_id: UUID) -> RewardCard:
    """Where a patient stands: protocol, streak, last award, balance, what comes next, statement."""
    enrolment = latest_enrolment(work, patient_id=patient_id)
    account = patient_account(work, patient_id=patient_id)
    lines = statement(work, patient_id=patient_id)
    balance_cents = 0 if account is None else account[1]
    waiting = open_draws(work, patient_id=patient_id)
    if enrolment is None:
        return RewardCard(
            enrolment=None,
            visits=(),
            in_a_row=0,
            longest_in_a_row=0,
            balance_cents=balance_cents,
            next_visit=None,
            caps=(),
            path=(),
            lines=lines,
            open_draws=waiting,
        )
    judged = visits(work, enrolment_id=enrolment.id)
    outcomes = [visit.outcome for visit in judged]
    in_a_row, longest = negatives_in_a_row(outcomes)
    caps = cap_standings(work, enrolment=enrolment, on=work.service_date)
    return RewardCard(
        enrolment=enrolment,
        visits=judged,
        in_a_row=in_a_row,
        longest_in_a_row=longest,
        balance_cents=balance_cents,
        next_visit=_next_visit(work, enrolment, outcomes=outcomes, caps=caps),
        caps=caps,
        path=_path(enrolment.protocol, outcomes=outcomes, goes_on=enrolment.ended_on is None),
        lines=lines,
        budget_warning=_budget_warning(work, enrolment),
        open_draws=waiting,
    )


def _budget_warning(work: Work, enrolment: Enrolment) -> str:
    if enrolment.ended_on is not None:
        return ""
    today = work.service_date
    return budget_warning(
        budget_standing(work, enrolment=enrolment, on=today),
        stops=budget_policy(work, on=today).stops_when_budget_is_spent,
    )


def _next_visit(
    work: Work,
    enrolment: Enrolment,
    *,
    outcomes: Sequence[VisitOutcome],
    caps: Sequence[CapStanding],
) -> NextVisit | None:
    award = next_if_negative(enrolment.protocol, outcomes=outcomes)
    if award is None or enrolment.ended_on is not None:
        return None
    paid = pay_within_caps(
        [standing.cap for standing in caps],
        incentives=[Incentive(earned_on=work.service_date, amount_cents=award.total_cents)],
    )
    return NextVisit(
        number=award.visit_number, amount_cents=paid.total_paid_cents, draws=award.draws
    )


def _path(
    protocol: Protocol, *, outcomes: Sequence[VisitOutcome], goes_on: bool
) -> tuple[PathPoint, ...]:
    """The level of every visit so far, and of those ahead if all of them are negative."""
    ahead = protocol.scheduled_visits - len(outcomes) if goes_on else 0
    whole = awards_for(protocol, outcomes=[*outcomes, *[VisitOutcome.NEGATIVE] * ahead])
    return tuple(
        PathPoint(
            number=award.visit_number,
            level_cents=award.amount_cents,
            draws=award.draws,
            outcome=award.outcome if award.visit_number <= len(outcomes) else None,
        )
        for award in whole
    )

"""The program's rewards today: who earns, who is owed, whose cap is near."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.rewards.facts import (
    Overview,
    Protocol,
    RewardedPatient,
    VisitOutcome,
)
from clinic.rewards.models import LedgerAccount, RewardConfirmation, RewardEnrolment, RewardVisit
from clinic.rewards.queries.caps import cap_policy, funder_terms, paid_between, paid_in_year
from clinic.rewards.queries.ledger import trial_balance
from clinic.rewards.queries.protocols import known_protocols
from clinic.rewards.rules.outcomes import negatives_in_a_row


def overview(work: Work) -> Overview:
    """Everybody enrolled and everybody with a balance, and the state of the books.

    Shape: patients by name. The number of statements does not depend on how many there are.
    """
    today = work.service_date
    enrolled = _open_protocols(work)
    outcomes = _outcomes(work)
    balances = _balances(work)
    owed = {patient_id for patient_id, cents in balances.items() if cents}
    shown = enrolled.keys() | owed
    names = patients.names(work, patient_ids=shown)
    here = sa.select(LedgerAccount.patient_id).where(
        LedgerAccount.site_id == work.site.id, LedgerAccount.patient_id.is_not(None)
    )
    year = paid_in_year(work, patient_ids=here, year=today.year)
    month = paid_between(
        work, patient_ids=here, first=today.replace(day=1), until=date.max, here_only=True
    )
    funder_cap_cents = funder_terms(work, on=today).yearly_cap_cents
    alert_percent = cap_policy(work, on=today).alert_percent
    lines = []
    for patient_id in shown:
        protocol = enrolled.get(patient_id)
        cap_cents = _yearly_cap_cents(protocol, funder_cap_cents=funder_cap_cents)
        paid_cents = year.get(patient_id, 0)
        visits = outcomes[patient_id] if protocol else []
        lines.append(
            RewardedPatient(
                patient_id=patient_id,
                name=names[patient_id].listed,
                protocol=protocol.title if protocol else None,
                visits_done=len(visits),
                visits_scheduled=protocol.scheduled_visits if protocol else 0,
                in_a_row=negatives_in_a_row(visits)[0],
                balance_cents=balances.get(patient_id, 0),
                paid_this_month_cents=month.get(patient_id, 0),
                paid_this_year_cents=paid_cents,
                cap_cents=cap_cents,
                is_near_cap=100 * paid_cents >= alert_percent * cap_cents,
            )
        )
    return Overview(
        patients=tuple(sorted(lines, key=lambda line: line.name.casefold())),
        paid_this_month_cents=sum(month.values()),
        balance=trial_balance(work),
    )


def _yearly_cap_cents(protocol: Protocol | None, *, funder_cap_cents: int) -> int:
    if protocol is None or protocol.yearly_cap_cents is None:
        return funder_cap_cents
    return min(protocol.yearly_cap_cents, funder_cap_cents)


def _open_protocols(work: Work) -> dict[UUID, Protocol]:
    rows = work.session.execute(
        sa.select(
            RewardEnrolment.patient_id, RewardEnrolment.protocol, RewardEnrolment.protocol_version
        ).where(RewardEnrolment.site_id == work.site.id, RewardEnrolment.ended_on.is_(None))
    )
    known = known_protocols(work)
    return {row.patient_id: known[row.protocol, row.protocol_version] for row in rows}


def _outcomes(work: Work) -> dict[UUID, list[VisitOutcome]]:
    rows = work.session.execute(
        sa.select(
            RewardVisit.patient_id,
            sa.func.coalesce(RewardConfirmation.outcome, RewardVisit.outcome),
        )
        .join(RewardEnrolment, RewardEnrolment.id == RewardVisit.enrolment_id)
        .outerjoin(
            RewardConfirmation,
            (RewardConfirmation.site_id == RewardVisit.site_id)
            & (RewardConfirmation.reward_visit_id == RewardVisit.id),
        )
        .where(RewardVisit.site_id == work.site.id, RewardEnrolment.ended_on.is_(None))
        .order_by(RewardVisit.number)
    )
    found: dict[UUID, list[VisitOutcome]] = defaultdict(list)
    for patient_id, outcome in rows:
        found[patient_id].append(VisitOutcome(outcome))
    return found


def _balances(work: Work) -> dict[UUID, int]:
    rows = work.session.execute(
        sa.select(LedgerAccount.patient_id, LedgerAccount.balance_cents).where(
            LedgerAccount.site_id == work.site.id, LedgerAccount.patient_id.is_not(None)
        )
    )
    return {patient_id: cents for patient_id, cents in rows if patient_id is not None}

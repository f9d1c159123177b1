"""The program's rewards today: who earns, who is owed, whose cap is near."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.rewards.facts import (
    Enrolment,
    KeptBooks,
    Overview,
    RewardedPatient,
    VisitOutcome,
)
from clinic.rewards.models import LedgerAccount, RewardConfirmation, RewardEnrolment, RewardVisit
from clinic.rewards.queries.caps import paid_between, paid_in_year, standings
from clinic.rewards.queries.protocols import known_protocols
from clinic.rewards.rules.caps import tightest_of
from clinic.rewards.rules.outcomes import negatives_in_a_row


def overview(work: Work) -> Overview:
    """Everybody enrolled and everybody with a balance, and the state of the books.

    Shape: patients by name. The number of statements does not depend on how many there are.
    """
    today = work.service_date
    enrolled = _open_enrolments(work)
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
    caps = standings(work, enrolments=enrolled.values(), on=today)
    lines = []
    for patient_id in shown:
        enrolment = enrolled.get(patient_id)
        protocol = enrolment.protocol if enrolment else None
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
                paid_this_year_cents=year.get(patient_id, 0),
                tightest=tightest_of(caps[enrolment.id]) if enrolment else None,
            )
        )
    return Overview(
        patients=tuple(sorted(lines, key=lambda line: line.name.casefold())),
        paid_this_month_cents=sum(month.values()),
        books=kept_books(work),
    )


def kept_books(work: Work) -> KeptBooks:
    """The site's kept balances added up: as long as there are accounts, however old they are."""
    accounts, cents = work.session.execute(
        sa.select(
            sa.func.count(LedgerAccount.id),
            sa.func.coalesce(sa.func.sum(LedgerAccount.balance_cents), 0),
        ).where(LedgerAccount.site_id == work.site.id)
    ).one()
    return KeptBooks(accounts=int(accounts), total_cents=int(cents))


def _open_enrolments(work: Work) -> dict[UUID, Enrolment]:
    rows = work.session.execute(
        sa.select(
            RewardEnrolment.id,
            RewardEnrolment.patient_id,
            RewardEnrolment.protocol,
            RewardEnrolment.protocol_version,
            RewardEnrolment.starts_on,
        ).where(RewardEnrolment.site_id == work.site.id, RewardEnrolment.ended_on.is_(None))
    )
    known = known_protocols(work)
    return {
        row.patient_id: Enrolment(
            id=row.id,
            patient_id=row.patient_id,
            protocol=known[row.protocol, row.protocol_version],
            starts_on=row.starts_on,
            ended_on=None,
        )
        for row in rows
    }


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

"""How far each cap of a patient is used."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.data.work import Work
from clinic.rewards.facts import (
    Cap,
    CapPeriod,
    CapPolicy,
    CapStanding,
    Enrolment,
    EscalatingProtocol,
    FunderTerms,
    TransferKind,
    VisitOutcome,
)
from clinic.rewards.models import LedgerAccount, LedgerTransfer, RewardVisit
from clinic.rewards.rules.schedules import awards_for
from clinic.sites.queries import policy

SETTINGS = "rewards"
"""Sites replace these numbers as ``rewards.yearly_cap_cents`` and ``rewards.alert_percent``."""


def cap_standings(work: Work, *, enrolment: Enrolment, on: date) -> tuple[CapStanding, ...]:
    """Every cap that may bind the next award, the protocol's own first.

    The yearly ones count what the patient earned at every site of the organisation. A prize bowl
    promises draws, not an amount: it has no maximum of its own.
    """
    protocol = enrolment.protocol
    by_year = paid_in_year(work, patient_ids=[enrolment.patient_id], year=on.year)
    this_year_cents = by_year.get(enrolment.patient_id, 0)
    caps = []
    if isinstance(protocol, EscalatingProtocol):
        caps.append(
            Cap(
                "the protocol's maximum",
                maximum_cents(protocol),
                CapPeriod.FIXED,
                _paid_under(work, enrolment_id=enrolment.id),
            )
        )
    if protocol.yearly_cap_cents is not None:
        caps.append(
            Cap(
                "the protocol's yearly cap",
                protocol.yearly_cap_cents,
                CapPeriod.CALENDAR_YEAR,
                this_year_cents,
            )
        )
    caps.append(
        Cap(
            "the funder's yearly cap",
            funder_terms(work, on=on).yearly_cap_cents,
            CapPeriod.CALENDAR_YEAR,
            this_year_cents,
        )
    )
    alert_percent = cap_policy(work, on=on).alert_percent
    return tuple(
        CapStanding(cap, is_near=100 * cap.paid_to_date_cents >= alert_percent * cap.limit_cents)
        for cap in caps
    )


def funder_terms(work: Work, *, on: date) -> FunderTerms:
    """The funder's cap as the site has set it by a date."""
    return policy(work, FunderTerms(), of=SETTINGS, on=on)


def cap_policy(work: Work, *, on: date) -> CapPolicy:
    """The share of a cap from which the site wants to be warned."""
    return policy(work, CapPolicy(), of=SETTINGS, on=on)


def maximum_cents(protocol: EscalatingProtocol) -> int:
    """What a patient earns who is negative at every visit."""
    every_visit_negative = [VisitOutcome.NEGATIVE] * protocol.scheduled_visits
    return sum(award.total_cents for award in awards_for(protocol, outcomes=every_visit_negative))


def paid_in_year(work: Work, *, patient_ids: object, year: int) -> dict[UUID, int]:
    """Cents earned and not voided in a calendar year, by patient.

    Shape: ``patient_ids`` is a collection of ids, or a SELECT of them.
    """
    return paid_between(
        work, patient_ids=patient_ids, first=date(year, 1, 1), until=date(year + 1, 1, 1)
    )


def paid_between(
    work: Work,
    *,
    patient_ids: object,
    first: date,
    until: date,
    here_only: bool = False,
) -> dict[UUID, int]:
    """Cents earned with a service date in ``[first, until)`` and not voided, by patient."""
    rows = work.session.execute(
        sa.select(LedgerAccount.patient_id, sa.func.sum(LedgerTransfer.amount_cents))
        .join(LedgerTransfer, LedgerTransfer.to_account_id == LedgerAccount.id)
        .where(
            LedgerAccount.patient_id.in_(patient_ids),  # type: ignore[arg-type]
            LedgerTransfer.service_date >= first,
            LedgerTransfer.service_date < until,
            LedgerTransfer.site_id == work.site.id if here_only else sa.true(),
            _stands(),
        )
        .group_by(LedgerAccount.patient_id)
    )
    return {patient_id: int(cents) for patient_id, cents in rows if patient_id is not None}


def _paid_under(work: Work, *, enrolment_id: UUID) -> int:
    cents = work.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerTransfer.amount_cents), 0))
        .join(RewardVisit, RewardVisit.id == LedgerTransfer.reward_visit_id)
        .where(
            LedgerTransfer.site_id == work.site.id,
            RewardVisit.site_id == work.site.id,
            RewardVisit.enrolment_id == enrolment_id,
            _stands(),
        )
    )
    return int(cents or 0)


def _stands() -> sa.ColumnElement[bool]:
    """The transfer earned something, and nobody voided it."""
    void = aliased(LedgerTransfer)
    return (LedgerTransfer.kind == TransferKind.EARN) & ~sa.exists().where(
        void.site_id == LedgerTransfer.site_id, void.reverses_id == LedgerTransfer.id
    )

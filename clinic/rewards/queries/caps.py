"""How far each cap of a patient is used."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.rewards.facts import (
    Cap,
    CapPeriod,
    CapPolicy,
    CapStanding,
    Enrolment,
    EscalatingProtocol,
    FunderTerms,
    SiteTerms,
    TaxLine,
    TaxThresholds,
    TransferKind,
)
from clinic.rewards.models import FundingSource, LedgerAccount, LedgerTransfer, RewardVisit
from clinic.rewards.queries.funds import funding_of
from clinic.rewards.rules.costs import maximum_cents
from clinic.sites.queries import policy

SETTINGS = "rewards"
"""Sites replace these numbers as ``rewards.yearly_cap_cents``, ``rewards.alert_percent``,
``rewards.site_yearly_cap_cents`` and ``rewards.set_cents`` (the tax threshold of indexed years).
"""


def cap_standings(work: Work, *, enrolment: Enrolment, on: date) -> tuple[CapStanding, ...]:
    """Every cap that may bind the next award: the protocol's own, the funder's, the site's.

    The yearly ones count what the patient earned at every site of the organisation, a named
    source's what it paid. A prize bowl promises draws, not an amount: it has no maximum of its
    own.
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
    caps.append(_funder_cap(work, enrolment, on=on, this_year_cents=this_year_cents))
    site_cap_cents = site_terms(work, on=on).site_yearly_cap_cents
    if site_cap_cents is not None:
        caps.append(
            Cap("the site's yearly cap", site_cap_cents, CapPeriod.CALENDAR_YEAR, this_year_cents)
        )
    alert_percent = cap_policy(work, on=on).alert_percent
    return tuple(
        CapStanding(cap, is_near=100 * cap.paid_to_date_cents >= alert_percent * cap.limit_cents)
        for cap in caps
    )


def funder_terms(work: Work, *, on: date) -> FunderTerms:
    """The funder's cap as the site has set it by a date."""
    return policy(work, FunderTerms(), of=SETTINGS, on=on)


def site_terms(work: Work, *, on: date) -> SiteTerms:
    """The cap the site itself has set, if any."""
    return policy(work, SiteTerms(), of=SETTINGS, on=on)


def tax_thresholds(work: Work, *, on: date) -> TaxThresholds:
    """The thresholds of the tax review, with the one the site has set by a date."""
    return policy(work, TaxThresholds(), of=SETTINGS, on=on)


def tax_lines(work: Work, *, calendar_year: int, threshold_cents: int) -> tuple[TaxLine, ...]:
    """Patients of this site at or near the year's tax threshold, highest first.

    Counts what they earned at every site: one payer files for the organisation.
    """
    here = sa.select(LedgerAccount.patient_id).where(
        LedgerAccount.site_id == work.site.id, LedgerAccount.patient_id.is_not(None)
    )
    paid = paid_in_year(work, patient_ids=here, year=calendar_year)
    alert_percent = cap_policy(work, on=work.service_date).alert_percent
    near = {
        who: cents for who, cents in paid.items() if 100 * cents >= alert_percent * threshold_cents
    }
    names = patients.names(work, patient_ids=near)
    lines = [
        TaxLine(patient_id, names[patient_id].listed, cents, threshold_cents)
        for patient_id, cents in near.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.paid_cents, line.name)))


def cap_policy(work: Work, *, on: date) -> CapPolicy:
    """The share of a cap from which the site wants to be warned."""
    return policy(work, CapPolicy(), of=SETTINGS, on=on)


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


def _funder_cap(work: Work, enrolment: Enrolment, *, on: date, this_year_cents: int) -> Cap:
    """The named source's cap and what that source paid; else the site's terms for any funder."""
    source = funding_of(work, enrolment_id=enrolment.id, on=on)
    if source is None or source.year_cap_cents is None:
        limit_cents = funder_terms(work, on=on).yearly_cap_cents
        return Cap("the funder's yearly cap", limit_cents, CapPeriod.CALENDAR_YEAR, this_year_cents)
    return Cap(
        f"the yearly cap of {source.name}",
        source.year_cap_cents,
        CapPeriod.CALENDAR_YEAR,
        _paid_by(work, source.name, patient_id=enrolment.patient_id, year=on.year),
    )


def _paid_by(work: Work, source: str, *, patient_id: UUID, year: int) -> int:
    """Cents a source of this name paid a patient in a year, at whatever site it pays."""
    accounts = sa.select(FundingSource.account_id).where(FundingSource.name == source)
    cents = work.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(LedgerTransfer.amount_cents), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.to_account_id)
        .where(
            LedgerAccount.patient_id == patient_id,
            LedgerTransfer.from_account_id.in_(accounts),
            LedgerTransfer.service_date >= date(year, 1, 1),
            LedgerTransfer.service_date < date(year + 1, 1, 1),
            _stands(),
        )
    )
    return int(cents or 0)


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

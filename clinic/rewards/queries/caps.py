"""How far each cap of a patient is used."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
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
    FundingSource,
    SiteTerms,
    TaxLine,
    TaxThresholds,
    TransferKind,
)
from clinic.rewards.models import FundingSource as SourceRow
from clinic.rewards.models import LedgerAccount, LedgerTransfer, RewardVisit
from clinic.rewards.queries.funds import budget_policy, budget_used, fundings
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
    own. Where the site stops at a spent budget, that is a cap too.
    """
    return standings(work, enrolments=[enrolment], on=on)[enrolment.id]


def standings(
    work: Work, *, enrolments: Collection[Enrolment], on: date
) -> dict[UUID, tuple[CapStanding, ...]]:
    """``cap_standings`` of many enrolments; the number of statements does not depend on how many
    there are, but on how many sources pay them where spent budgets stop the pay.
    """
    paid = _Paid(
        in_year=paid_in_year(
            work, patient_ids=[one.patient_id for one in enrolments], year=on.year
        ),
        under=_paid_under(work, [one.id for one in enrolments]),
        by_source=_paid_by(work, [one.patient_id for one in enrolments], year=on.year),
        sources=fundings(work, protocols={one.id: one.protocol.name for one in enrolments}, on=on),
    )
    budgets = _stopping_budgets(work, paid.sources.values(), on=on)
    alert_percent = cap_policy(work, on=on).alert_percent
    funder_cap_cents = funder_terms(work, on=on).yearly_cap_cents
    site_cap_cents = site_terms(work, on=on).site_yearly_cap_cents
    found = {}
    for one in enrolments:
        caps = [*_protocol_caps(one, paid), _funder_cap(one, paid, usual_cents=funder_cap_cents)]
        if site_cap_cents is not None:
            caps.append(_yearly("the site's yearly cap", site_cap_cents, one, paid))
        source = paid.sources[one.id]
        if source is not None and source.id in budgets:
            caps.append(budgets[source.id])
        found[one.id] = tuple(_standing(cap, alert_percent=alert_percent) for cap in caps)
    return found


def budget_standing(work: Work, *, enrolment: Enrolment, on: date) -> CapStanding | None:
    """How far the budget that pays an enrolment is used; None where none is set."""
    source = fundings(work, protocols={enrolment.id: enrolment.protocol.name}, on=on)[enrolment.id]
    cap = source and budget_used(work, source=source, calendar_year=on.year)
    return _standing(cap, alert_percent=cap_policy(work, on=on).alert_percent) if cap else None


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
            LedgerTransfer.to_account_id.in_(_accounts_of(patient_ids)),
            LedgerTransfer.service_date >= first,
            LedgerTransfer.service_date < until,
            LedgerTransfer.site_id == work.site.id if here_only else sa.true(),
            _stands(),
        )
        .group_by(LedgerAccount.patient_id)
    )
    return {patient_id: int(cents) for patient_id, cents in rows if patient_id is not None}


@dataclass(frozen=True, slots=True)
class _Paid:
    """What was paid: by patient in the year, by enrolment, by patient and source; and who pays."""

    in_year: Mapping[UUID, int]
    under: Mapping[UUID, int]
    by_source: Mapping[tuple[UUID, str], int]
    sources: Mapping[UUID, FundingSource | None]


def _standing(cap: Cap, *, alert_percent: int) -> CapStanding:
    is_near = 100 * cap.paid_to_date_cents >= alert_percent * cap.limit_cents
    return CapStanding(cap, is_near=is_near)


def _yearly(name: str, limit_cents: int, enrolment: Enrolment, paid: _Paid) -> Cap:
    """A cap on all that the patient earns in the year."""
    in_year_cents = paid.in_year.get(enrolment.patient_id, 0)
    return Cap(name, limit_cents, CapPeriod.CALENDAR_YEAR, in_year_cents)


def _protocol_caps(enrolment: Enrolment, paid: _Paid) -> Iterator[Cap]:
    protocol = enrolment.protocol
    if isinstance(protocol, EscalatingProtocol):
        paid_cents = paid.under.get(enrolment.id, 0)
        yield Cap("the protocol's maximum", maximum_cents(protocol), CapPeriod.FIXED, paid_cents)
    if protocol.yearly_cap_cents is not None:
        yield _yearly("the protocol's yearly cap", protocol.yearly_cap_cents, enrolment, paid)


def _funder_cap(enrolment: Enrolment, paid: _Paid, *, usual_cents: int) -> Cap:
    """The named source's cap and what that source paid; else the site's terms for any funder."""
    source = paid.sources[enrolment.id]
    if source is None or source.year_cap_cents is None:
        return _yearly("the funder's yearly cap", usual_cents, enrolment, paid)
    return Cap(
        f"the yearly cap of {source.name}",
        source.year_cap_cents,
        CapPeriod.CALENDAR_YEAR,
        paid.by_source.get((enrolment.patient_id, source.name), 0),
    )


def _stopping_budgets(
    work: Work, sources: Collection[FundingSource | None], *, on: date
) -> dict[UUID, Cap]:
    """The budgets that stop the pay when they are spent, by source; none where they only warn."""
    if not budget_policy(work, on=on).stops_when_budget_is_spent:
        return {}
    paying = {source.id: source for source in sources if source is not None}
    used = {
        source_id: budget_used(work, source=source, calendar_year=on.year)
        for source_id, source in paying.items()
    }
    return {source_id: cap for source_id, cap in used.items() if cap is not None}


def _paid_by(
    work: Work, patient_ids: Collection[UUID], *, year: int
) -> dict[tuple[UUID, str], int]:
    """Cents each named source paid each patient in a year, at whatever site it pays."""
    rows = work.session.execute(
        sa.select(
            LedgerAccount.patient_id, SourceRow.name, sa.func.sum(LedgerTransfer.amount_cents)
        )
        .join(LedgerTransfer, LedgerTransfer.to_account_id == LedgerAccount.id)
        .join(SourceRow, SourceRow.account_id == LedgerTransfer.from_account_id)
        .where(
            LedgerTransfer.to_account_id.in_(_accounts_of(patient_ids)),
            LedgerTransfer.service_date >= date(year, 1, 1),
            LedgerTransfer.service_date < date(year + 1, 1, 1),
            _stands(),
        )
        .group_by(LedgerAccount.patient_id, SourceRow.name)
    )
    return {(who, name): int(cents) for who, name, cents in rows if who is not None}


def _paid_under(work: Work, enrolment_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = work.session.execute(
        sa.select(RewardVisit.enrolment_id, sa.func.sum(LedgerTransfer.amount_cents))
        .join(RewardVisit, RewardVisit.id == LedgerTransfer.reward_visit_id)
        .where(
            LedgerTransfer.site_id == work.site.id,
            RewardVisit.site_id == work.site.id,
            RewardVisit.enrolment_id.in_(enrolment_ids),
            _stands(),
        )
        .group_by(RewardVisit.enrolment_id)
    )
    return {enrolment_id: int(cents) for enrolment_id, cents in rows}


def _accounts_of(patient_ids: object) -> sa.Select[UUID]:
    """The patients' accounts: by them and the date the index is read, not the whole history."""
    return sa.select(LedgerAccount.id).where(
        LedgerAccount.patient_id.in_(patient_ids)  # type: ignore[arg-type]
    )


def _stands() -> sa.ColumnElement[bool]:
    """The transfer earned something, and nobody voided it."""
    void = aliased(LedgerTransfer)
    return (LedgerTransfer.kind == TransferKind.EARN) & ~sa.exists().where(
        void.site_id == LedgerTransfer.site_id, void.reverses_id == LedgerTransfer.id
    )

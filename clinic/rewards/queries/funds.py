"""Who pays, how far their budgets are used, and what is in stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.rewards.facts import (
    AccountKind,
    BudgetYear,
    FundingSource,
    Handover,
    Instrument,
    RedemptionTerms,
    StockedItem,
    TransferKind,
)
from clinic.rewards.models import (
    FundedEnrolment,
    FundingBudget,
    LedgerAccount,
    LedgerTransfer,
    RewardEnrolment,
    RewardHandover,
    RewardInstrument,
    RewardItem,
    RewardVisit,
)
from clinic.rewards.models import FundingSource as SourceRow
from clinic.rewards.rules.funds import forecast, source_for
from clinic.sites.queries import policy

SETTINGS = "rewards"


def redemption_terms(work: Work, *, on: date) -> RedemptionTerms:
    """From which amount the site wants two people to hand over."""
    return policy(work, RedemptionTerms(), of=SETTINGS, on=on)


def sources(work: Work) -> tuple[FundingSource, ...]:
    """Every funding source of the site, by name."""
    rows = work.session.scalars(
        sa.select(SourceRow).where(SourceRow.site_id == work.site.id).order_by(SourceRow.name)
    )
    return tuple(_source(row) for row in rows)


def is_pinned(work: Work, *, enrolment_id: UUID) -> bool:
    """The enrolment's source is fixed: something was paid."""
    return bool(work.session.scalar(sa.select(sa.exists().where(_funds(work, enrolment_id)))))


def funding_of(work: Work, *, enrolment_id: UUID, on: date) -> FundingSource | None:
    """The source that pays an enrolment: the one fixed with its first award, else the one that
    would be. None: the site's own account.
    """
    row = work.session.scalar(
        sa.select(SourceRow)
        .join(FundedEnrolment, FundedEnrolment.funding_source_id == SourceRow.id)
        .where(_funds(work, enrolment_id))
    )
    if row is not None:
        return _source(row)
    enrolment = work.session.execute(
        sa.select(RewardEnrolment.id, RewardEnrolment.protocol).where(
            RewardEnrolment.site_id == work.site.id, RewardEnrolment.id == enrolment_id
        )
    ).first()
    if enrolment is None:
        raise NotFound("enrolment")
    if _has_earned(work, enrolment_id):
        return None
    return source_for(enrolment.protocol, sources=sources(work), on=on)


def budgets(work: Work, *, calendar_year: int) -> tuple[BudgetYear, ...]:
    """Every source's year, then what no source was named for; four statements in all.

    The forecast goes on like the months since the first that spent anything. A voided award is
    no spending, in the month it was earned.
    """
    found = {source.account_id: source for source in sources(work)}
    amounts = _budget_amounts(work, calendar_year)
    months = _spending(work, calendar_year)
    today = min(work.service_date, date(calendar_year, 12, 31))
    begun = today.month if today.year == calendar_year else 0
    shown: list[tuple[UUID, FundingSource | None]] = [
        (one.account_id, one) for one in found.values()
    ]
    shown += [(account_id, None) for account_id in months if account_id not in found]
    return tuple(
        _budget_year(
            source,
            calendar_year,
            budget_cents=amounts.get(source.id) if source else None,
            by_month=[months[account_id].get(month, 0) for month in range(1, begun + 1)],
            today=today,
        )
        for account_id, source in shown
    )


def instruments(work: Work) -> tuple[Instrument, ...]:
    """Every sort of card and prize with what is on the shelf of it."""
    rows = work.session.execute(
        sa.select(
            RewardInstrument,
            sa.func.count(RewardItem.id).filter(RewardItem.remaining_cents > 0),
            sa.func.coalesce(sa.func.sum(RewardItem.remaining_cents), 0),
        )
        .outerjoin(RewardItem, RewardItem.instrument_id == RewardInstrument.id)
        .where(RewardInstrument.site_id == work.site.id)
        .group_by(RewardInstrument.id)
        .order_by(RewardInstrument.issuer, RewardInstrument.face_cents, RewardInstrument.name)
    )
    return tuple(_instrument(row, int(count), int(cents)) for row, count, cents in rows)


def instrument(work: Work, *, instrument_id: UUID) -> Instrument:
    """One sort of card or prize.

    Raises: NotFound.
    """
    found = next((one for one in instruments(work) if one.id == instrument_id), None)
    if found is None:
        raise NotFound("instrument")
    return found


def items(work: Work, *, of: Instrument) -> tuple[StockedItem, ...]:
    """Every card or prize of a sort, those in stock first."""
    rows = work.session.scalars(
        sa.select(RewardItem)
        .where(RewardItem.site_id == work.site.id, RewardItem.instrument_id == of.id)
        .order_by((RewardItem.remaining_cents == 0), RewardItem.serial)
    )
    return tuple(
        StockedItem(
            id=row.id,
            instrument=of,
            serial=row.serial,
            remaining_cents=row.remaining_cents,
            received_at=row.recorded_at,
            received_by=row.recorded_by_name,
        )
        for row in rows
    )


def handovers(work: Work, *, patient_id: UUID) -> tuple[Handover, ...]:
    """What a patient took, newest first."""
    back = aliased(LedgerTransfer)
    rows = work.session.execute(
        sa.select(RewardHandover, RewardItem.serial, back.recorded_at)
        .outerjoin(RewardItem, RewardItem.id == RewardHandover.item_id)
        .outerjoin(
            back,
            (back.site_id == RewardHandover.site_id)
            & (back.reverses_id == RewardHandover.transfer_id),
        )
        .where(RewardHandover.site_id == work.site.id, RewardHandover.patient_id == patient_id)
        .order_by(RewardHandover.recorded_at.desc(), RewardHandover.id.desc())
    )
    return tuple(
        Handover(
            transfer_id=row.transfer_id,
            patient_id=row.patient_id,
            occurred_at=row.occurred_at,
            service_date=row.service_date,
            what=row.what,
            serial=serial,
            amount_cents=row.amount_cents,
            signed_name=row.signed_name,
            recorded_by=row.recorded_by,
            recorded_by_name=row.recorded_by_name,
            second_person_name=row.second_person_name,
            returned_at=returned_at,
        )
        for row, serial, returned_at in rows
    )


def _funds(work: Work, enrolment_id: UUID) -> sa.ColumnElement[bool]:
    return (FundedEnrolment.site_id == work.site.id) & (
        FundedEnrolment.enrolment_id == enrolment_id
    )


def _has_earned(work: Work, enrolment_id: UUID) -> bool:
    """Something was paid before any source was named: the site's own account goes on paying."""
    return bool(
        work.session.scalar(
            sa.select(
                sa.exists()
                .where(LedgerTransfer.site_id == work.site.id)
                .where(LedgerTransfer.reward_visit_id == RewardVisit.id)
                .where(RewardVisit.site_id == work.site.id)
                .where(RewardVisit.enrolment_id == enrolment_id)
            )
        )
    )


def _budget_amounts(work: Work, calendar_year: int) -> dict[UUID, int]:
    rows = work.session.execute(
        sa.select(FundingBudget.funding_source_id, FundingBudget.amount_cents)
        .where(FundingBudget.site_id == work.site.id, FundingBudget.calendar_year == calendar_year)
        .order_by(FundingBudget.recorded_at, FundingBudget.id)
    )
    return {source_id: int(cents) for source_id, cents in rows}


def _spending(work: Work, calendar_year: int) -> dict[UUID, dict[int, int]]:
    """Cents earned and not voided, by account and month."""
    void = aliased(LedgerTransfer)
    month = sa.extract("month", LedgerTransfer.service_date)
    rows = work.session.execute(
        sa.select(LedgerTransfer.from_account_id, month, sa.func.sum(LedgerTransfer.amount_cents))
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.from_account_id)
        .where(
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.kind == TransferKind.EARN,
            LedgerAccount.kind == AccountKind.FUNDING,
            LedgerTransfer.service_date >= date(calendar_year, 1, 1),
            LedgerTransfer.service_date < date(calendar_year + 1, 1, 1),
            ~sa.exists().where(
                void.site_id == LedgerTransfer.site_id, void.reverses_id == LedgerTransfer.id
            ),
        )
        .group_by(LedgerTransfer.from_account_id, month)
    )
    found: defaultdict[UUID, dict[int, int]] = defaultdict(dict)
    for account_id, number, cents in rows:
        found[account_id][int(number)] = int(cents)
    return found


def _budget_year(
    source: FundingSource | None,
    calendar_year: int,
    *,
    budget_cents: int | None,
    by_month: Sequence[int],
    today: date,
) -> BudgetYear:
    first_on = date(calendar_year, 1, 1)
    until_on = date(calendar_year + 1, 1, 1)
    spent_in = [month for month, cents in enumerate(by_month, start=1) if cents]
    if spent_in:
        first_on = date(calendar_year, spent_in[0], 1)
    if source is not None:
        first_on = max(first_on, source.starts_on)
        until_on = min(until_on, source.ends_on or until_on)
    return BudgetYear(
        source=source,
        calendar_year=calendar_year,
        budget_cents=budget_cents,
        by_month_cents=tuple(by_month),
        forecast_cents=forecast(sum(by_month), first_on=first_on, on=today, until_on=until_on),
    )


def _source(row: SourceRow) -> FundingSource:
    return FundingSource(
        id=row.id,
        name=row.name,
        kind=row.kind,
        account_id=row.account_id,
        pays_for=row.pays_for,
        year_cap_cents=row.year_cap_cents,
        terms=row.terms,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _instrument(row: RewardInstrument, in_stock: int, shelf_cents: int) -> Instrument:
    return Instrument(
        id=row.id,
        kind=row.kind,
        issuer=row.issuer,
        name=row.name,
        category=row.category,
        face_cents=row.face_cents,
        account_id=row.account_id,
        in_stock=in_stock,
        shelf_cents=shelf_cents,
    )

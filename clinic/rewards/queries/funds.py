"""Who pays, how far their budgets are used, and what is in stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.rewards.facts import (
    AccountKind,
    BudgetPolicy,
    BudgetYear,
    Cap,
    CapPeriod,
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
    RewardPinSignature,
    RewardVisit,
)
from clinic.rewards.models import FundingSource as SourceRow
from clinic.rewards.rules.funds import forecast, source_for, sources_for
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
    """The source that pays an enrolment: the one chosen or fixed with its first award, else the
    one that would be. None: the site's own account.

    Raises: NotFound.
    """
    protocol = work.session.scalar(
        sa.select(RewardEnrolment.protocol).where(
            RewardEnrolment.site_id == work.site.id, RewardEnrolment.id == enrolment_id
        )
    )
    if protocol is None:
        raise NotFound("enrolment")
    return fundings(work, protocols={enrolment_id: protocol}, on=on)[enrolment_id]


def fundings(
    work: Work, *, protocols: Mapping[UUID, str], on: date
) -> dict[UUID, FundingSource | None]:
    """``funding_of`` for many enrolments, given with their protocols; three statements."""
    known = sources(work)
    by_id = {source.id: source for source in known}
    pinned = work.session.execute(
        sa.select(FundedEnrolment.enrolment_id, FundedEnrolment.funding_source_id).where(
            FundedEnrolment.site_id == work.site.id, FundedEnrolment.enrolment_id.in_(protocols)
        )
    )
    found: dict[UUID, FundingSource | None] = {
        enrolment_id: by_id[source_id] for enrolment_id, source_id in pinned
    }
    paid_before = _have_earned(work, protocols.keys() - found.keys())
    for enrolment_id in protocols.keys() - found.keys():
        found[enrolment_id] = (
            None
            if enrolment_id in paid_before
            else source_for(protocols[enrolment_id], sources=known, on=on)
        )
    return found


def choices_of_funding(work: Work, *, protocol: str, on: date) -> tuple[FundingSource, ...]:
    """The open sources that may pay a new enrolment in a protocol, the usual one first."""
    return sources_for(protocol, sources=sources(work), on=on)


def budget_policy(work: Work, *, on: date) -> BudgetPolicy:
    """What the site does when a budget is spent, as ``rewards.stops_when_budget_is_spent``."""
    return policy(work, BudgetPolicy(), of=SETTINGS, on=on)


def budget_used(work: Work, *, source: FundingSource, calendar_year: int) -> Cap | None:
    """A source's budget of a year and what it has paid out of it; None where none is set."""
    budget_cents = _budget_amounts(work, calendar_year).get(source.id)
    if budget_cents is None:
        return None
    spent_cents = sum(_spending(work, calendar_year, account_id=source.account_id).values())
    name = f"the {calendar_year} budget of {source.name}"
    return Cap(name, budget_cents, CapPeriod.CALENDAR_YEAR, spent_cents)


def budgets(work: Work, *, calendar_year: int) -> tuple[BudgetYear, ...]:
    """Every source's year, then what no source was named for; four statements in all.

    The forecast goes on like the months since the first that spent anything. A voided award is
    no spending, in the month it was earned.
    """
    found = {source.account_id: source for source in sources(work)}
    amounts = _budget_amounts(work, calendar_year)
    months = _spending_by_account(work, calendar_year)
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
        sa.select(RewardHandover, RewardItem.serial, back.recorded_at, RewardPinSignature.id)
        .outerjoin(RewardItem, RewardItem.id == RewardHandover.item_id)
        .outerjoin(
            RewardPinSignature,
            (RewardPinSignature.site_id == RewardHandover.site_id)
            & (RewardPinSignature.transfer_id == RewardHandover.transfer_id),
        )
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
            is_signed_by_pin=by_pin is not None,
            recorded_by=row.recorded_by,
            recorded_by_name=row.recorded_by_name,
            second_person_name=row.second_person_name,
            returned_at=returned_at,
        )
        for row, serial, returned_at, by_pin in rows
    )


def _funds(work: Work, enrolment_id: UUID) -> sa.ColumnElement[bool]:
    return (FundedEnrolment.site_id == work.site.id) & (
        FundedEnrolment.enrolment_id == enrolment_id
    )


def _have_earned(work: Work, enrolment_ids: Collection[UUID]) -> set[UUID]:
    """Enrolments paid before any source was named: the site's own account goes on paying."""
    return set(
        work.session.scalars(
            sa.select(RewardVisit.enrolment_id)
            .join(
                LedgerTransfer,
                (LedgerTransfer.site_id == RewardVisit.site_id)
                & (LedgerTransfer.reward_visit_id == RewardVisit.id),
            )
            .where(RewardVisit.site_id == work.site.id, RewardVisit.enrolment_id.in_(enrolment_ids))
            .distinct()
        )
    )


def _budget_amounts(work: Work, calendar_year: int) -> dict[UUID, int]:
    rows = work.session.execute(
        sa.select(FundingBudget.funding_source_id, FundingBudget.amount_cents)
        .where(FundingBudget.site_id == work.site.id, FundingBudget.calendar_year == calendar_year)
        .order_by(FundingBudget.recorded_at, FundingBudget.id)
    )
    return {source_id: int(cents) for source_id, cents in rows}


def _spending_by_account(work: Work, calendar_year: int) -> dict[UUID, dict[int, int]]:
    """Cents earned and not voided, by account and month."""
    account = sa.select(LedgerAccount.id).where(
        LedgerAccount.site_id == work.site.id, LedgerAccount.kind == AccountKind.FUNDING
    )
    found: defaultdict[UUID, dict[int, int]] = defaultdict(dict)
    for account_id, number, cents in _earned_by_month(work, calendar_year, account):
        found[account_id][int(number)] = int(cents)
    return found


def _spending(work: Work, calendar_year: int, *, account_id: UUID) -> dict[int, int]:
    """The same of one account, by month."""
    rows = _earned_by_month(work, calendar_year, [account_id])
    return {int(month): int(cents) for _, month, cents in rows}


def _earned_by_month(
    work: Work, calendar_year: int, accounts: sa.Select[UUID] | Sequence[UUID]
) -> Sequence[sa.Row[UUID, int, int]]:
    void = aliased(LedgerTransfer)
    month = sa.extract("month", LedgerTransfer.service_date)
    return work.session.execute(
        sa.select(LedgerTransfer.from_account_id, month, sa.func.sum(LedgerTransfer.amount_cents))
        .where(
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.kind == TransferKind.EARN,
            LedgerTransfer.from_account_id.in_(accounts),
            LedgerTransfer.service_date >= date(calendar_year, 1, 1),
            LedgerTransfer.service_date < date(calendar_year + 1, 1, 1),
            ~sa.exists().where(
                void.site_id == LedgerTransfer.site_id, void.reverses_id == LedgerTransfer.id
            ),
        )
        .group_by(LedgerTransfer.from_account_id, month)
    ).all()


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

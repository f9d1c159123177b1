"""The books beyond one patient: closed months, what a month held, and where anything differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.data.work import Work
from clinic.rewards.facts import (
    AccountKind,
    ClosedPeriod,
    Finding,
    FindingKind,
    FoundOn,
    LedgerFault,
    LedgerProof,
    Period,
    PeriodTotals,
    ReversalCause,
    TransferKind,
    Verdict,
)
from clinic.rewards.models import (
    LedgerAccount,
    LedgerClose,
    LedgerFinding,
    LedgerReversal,
    LedgerTransfer,
    PrizeDraw,
    RewardConfirmation,
    RewardHold,
    RewardInstrument,
    RewardItem,
    RewardVisit,
)
from clinic.rewards.queries.ledger import trial_balance
from clinic.rewards.rules.ledger import TRANSFER_PARTS, month_of, period_digest, transfer_digest

_TRANSFER = "ledger.transfer"


def next_period(work: Work) -> Period | None:
    """The oldest month that is open: after the last closed one, else the first with a transfer."""
    closed_until = work.session.scalar(
        sa.select(sa.func.max(LedgerClose.until_on)).where(LedgerClose.site_id == work.site.id)
    )
    first = closed_until or work.session.scalar(
        sa.select(sa.func.min(LedgerTransfer.service_date)).where(
            LedgerTransfer.site_id == work.site.id
        )
    )
    return None if first is None else month_of(first)


def closed_periods(work: Work) -> tuple[ClosedPeriod, ...]:
    """Every closed month, newest first."""
    rows = work.session.scalars(
        sa.select(LedgerClose)
        .where(LedgerClose.site_id == work.site.id)
        .order_by(LedgerClose.first_on.desc())
    )
    return tuple(
        ClosedPeriod(
            period=Period(row.first_on, row.until_on),
            totals=PeriodTotals(
                transfers=row.transfers,
                earned_cents=row.earned_cents,
                redeemed_cents=row.redeemed_cents,
                voided_cents=row.voided_cents,
                received_cents=row.received_cents,
                liability_cents=row.liability_cents,
                trial_balance_cents=row.trial_balance_cents,
                digest=row.digest,
            ),
            closed_at=row.recorded_at,
            closed_by=row.recorded_by_name,
        )
        for row in rows
    )


def totals(work: Work, *, period: Period) -> PeriodTotals:
    """What a month held, and what was owed when it ended.

    Shape: ``trial_balance_cents`` adds up the kept balances of now.
    """
    cents = dict.fromkeys(TransferKind, 0)
    digests = []
    for row in _transfers(
        work,
        (LedgerTransfer.service_date >= period.first_on)
        & (LedgerTransfer.service_date < period.until_on),
    ):
        cents[row["kind"]] += row["amount_cents"]
        digests.append(transfer_digest(row))
    return PeriodTotals(
        transfers=len(digests),
        earned_cents=cents[TransferKind.EARN],
        redeemed_cents=cents[TransferKind.REDEEM],
        voided_cents=cents[TransferKind.VOID],
        received_cents=cents[TransferKind.RECEIVE],
        liability_cents=_liability(work, before=period.until_on),
        trial_balance_cents=trial_balance(work).total_cents,
        digest=period_digest(digests),
    )


def differences(work: Work) -> tuple[Finding, ...]:
    """Where the books do not agree with themselves; empty on a good night.

    Shape: accounts, the trial balance, visits, closed months, stock, in this order.
    """
    return (*_of_accounts(work), *_of_visits(work), *_of_closed(work), *_of_stock(work))


def findings(work: Work) -> tuple[FoundOn, ...]:
    """What the latest night that found anything found; nothing mends it but a person."""
    latest = (
        sa.select(sa.func.max(LedgerFinding.service_date))
        .where(LedgerFinding.site_id == work.site.id)
        .scalar_subquery()
    )
    rows = work.session.scalars(
        sa.select(LedgerFinding)
        .where(LedgerFinding.site_id == work.site.id, LedgerFinding.service_date == latest)
        .order_by(LedgerFinding.kind, LedgerFinding.subject)
    )
    return tuple(
        FoundOn(
            row.service_date,
            Finding(row.kind, row.subject, row.expected_cents, row.found_cents),
        )
        for row in rows
    )


def proof(work: Work) -> LedgerProof:
    """Every transfer of the site held against the audit leaf written with it.

    A row that was changed, one that no leaf speaks of, and a leaf whose row is gone all show. The
    leaves themselves are sealed and verified by the audit.
    """
    leaves = dict(_leaves(work))
    faults = []
    count = 0
    for row in _transfers(work, sa.true()):
        count += 1
        transfer_id = row["id"]
        digest = leaves.pop(f"transfer {transfer_id}", None)
        if digest is None:
            faults.append(LedgerFault(transfer_id, "the audit knows nothing of it"))
        elif digest != transfer_digest(row):
            faults.append(LedgerFault(transfer_id, "it is not what was recorded"))
    gone = [subject.removeprefix("transfer ") for subject in leaves]
    return LedgerProof(
        transfers=count,
        faults=(*faults, *(LedgerFault(UUID(one), "it is gone") for one in sorted(gone))),
    )


def _of_accounts(work: Work) -> Iterator[Finding]:
    books = trial_balance(work)
    for one in books.mismatches:
        subject = f"{one.kind.value} account {one.name}"
        yield Finding(FindingKind.ACCOUNT, subject, one.transfers_cents, one.balance_cents)
    if books.total_cents:
        yield Finding(FindingKind.TRIAL_BALANCE, "all accounts", 0, books.total_cents)


def _of_visits(work: Work) -> Iterator[Finding]:
    """Visits whose transfers are not what they were judged to bring."""
    earned, voided = _earned_by_visit(work)
    rows = work.session.execute(
        sa.select(
            RewardVisit.id,
            RewardVisit.amount_cents,
            RewardHold.id.label("hold_id"),
            RewardConfirmation.verdict,
            RewardConfirmation.amount_cents.label("confirmed_cents"),
            sa.func.coalesce(PrizeDraw.paid_cents, 0).label("drawn_cents"),
        )
        .outerjoin(
            RewardHold,
            (RewardHold.site_id == RewardVisit.site_id)
            & (RewardHold.reward_visit_id == RewardVisit.id),
        )
        .outerjoin(
            RewardConfirmation,
            (RewardConfirmation.site_id == RewardVisit.site_id)
            & (RewardConfirmation.reward_visit_id == RewardVisit.id),
        )
        .outerjoin(
            PrizeDraw,
            (PrizeDraw.site_id == RewardVisit.site_id)
            & (PrizeDraw.reward_visit_id == RewardVisit.id),
        )
        .where(RewardVisit.site_id == work.site.id)
    )
    for row in rows:
        if row.verdict is Verdict.REVERSED:
            expected = voided.get(row.id, 0)
        elif row.verdict is not None:
            expected = row.confirmed_cents + row.drawn_cents
        else:
            expected = (0 if row.hold_id else row.amount_cents) + row.drawn_cents
        found = earned.get(row.id, 0)
        if found != expected:
            yield Finding(FindingKind.VISIT, f"visit {row.id}", expected, found)


def _earned_by_visit(work: Work) -> tuple[dict[UUID | None, int], dict[UUID | None, int]]:
    """Cents transferred for each visit less what a laboratory took back, and, of these, what
    people took back: a visit keeps what it was judged to bring when they void its award.
    """
    cents = LedgerTransfer.amount_cents
    taken_back = {
        cause: sa.func.sum(sa.case((LedgerReversal.cause == cause, cents), else_=0))
        for cause in ReversalCause
    }
    rows = work.session.execute(
        sa.select(
            LedgerTransfer.reward_visit_id,
            sa.func.sum(cents) - taken_back[ReversalCause.LABORATORY],
            taken_back[ReversalCause.PEOPLE],
        )
        .outerjoin(
            LedgerReversal,
            (LedgerReversal.site_id == LedgerTransfer.site_id)
            & (LedgerReversal.reverses_id == LedgerTransfer.id),
        )
        .where(
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.kind == TransferKind.EARN,
        )
        .group_by(LedgerTransfer.reward_visit_id)
    ).all()
    return (
        {visit_id: int(earned) for visit_id, earned, _ in rows},
        {visit_id: int(voided) for visit_id, _, voided in rows},
    )


def _of_closed(work: Work) -> Iterator[Finding]:
    """Closed months that do not hold today what they held when they were closed."""
    for closed in closed_periods(work):
        now = totals(work, period=closed.period)
        if now.digest != closed.totals.digest:
            yield Finding(
                FindingKind.CLOSED_PERIOD,
                closed.period.label,
                closed.totals.liability_cents,
                now.liability_cents,
            )


def _of_stock(work: Work) -> Iterator[Finding]:
    """Sorts of cards whose account is not what the cards on the shelf are worth."""
    shelf = sa.func.coalesce(sa.func.sum(RewardItem.remaining_cents), 0)
    rows = work.session.execute(
        sa.select(LedgerAccount.name, LedgerAccount.balance_cents, shelf)
        .join(RewardInstrument, RewardInstrument.account_id == LedgerAccount.id)
        .outerjoin(RewardItem, RewardItem.instrument_id == RewardInstrument.id)
        .where(LedgerAccount.site_id == work.site.id, LedgerAccount.kind == AccountKind.STOCK)
        .group_by(LedgerAccount.id, LedgerAccount.name, LedgerAccount.balance_cents)
        .having(LedgerAccount.balance_cents != -shelf)
    )
    for name, balance_cents, shelf_cents in rows:
        yield Finding(FindingKind.STOCK, name, -int(shelf_cents), int(balance_cents))


def _liability(work: Work, *, before: date) -> int:
    """What was earned and not redeemed by patients when a day began."""
    patient = sa.select(LedgerAccount.id).where(
        LedgerAccount.site_id == work.site.id, LedgerAccount.kind == AccountKind.PATIENT
    )
    change = sa.case(
        (LedgerTransfer.to_account_id.in_(patient), LedgerTransfer.amount_cents),
        (LedgerTransfer.from_account_id.in_(patient), -LedgerTransfer.amount_cents),
        else_=0,
    )
    cents = work.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(change), 0)).where(
            LedgerTransfer.site_id == work.site.id, LedgerTransfer.service_date < before
        )
    )
    return int(cents or 0)


def _transfers(work: Work, which: sa.ColumnElement[bool]) -> Iterator[dict[str, Any]]:
    columns = [getattr(LedgerTransfer, part) for part in TRANSFER_PARTS]
    rows = work.session.execute(
        sa.select(*columns)
        .where(LedgerTransfer.site_id == work.site.id, which)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        yield dict(zip(TRANSFER_PARTS, row, strict=True))


def _leaves(work: Work) -> Iterator[tuple[str, str]]:
    rows = work.session.execute(
        sa.select(AuditLeaf.subject, AuditLeaf.detail)
        .where(AuditLeaf.site_id == work.site.id, AuditLeaf.action == _TRANSFER)
        .execution_options(yield_per=1000)
    )
    for subject, detail in rows:
        yield subject, str(detail.get("digest"))

"""The books: a patient's balance and statement, and the trial balance of a site."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.data.work import Work
from clinic.patients.models import Patient
from clinic.rewards.facts import (
    AccountCheck,
    AccountKind,
    StatementLine,
    TransferKind,
    TrialBalance,
)
from clinic.rewards.models import LedgerAccount, LedgerTransfer, RewardVisit


def patient_account(work: Work, *, patient_id: UUID) -> tuple[UUID, int] | None:
    """A patient's account here and its balance in cents; None before the first award."""
    row = work.session.execute(
        sa.select(LedgerAccount.id, LedgerAccount.balance_cents).where(
            LedgerAccount.site_id == work.site.id, LedgerAccount.patient_id == patient_id
        )
    ).first()
    return None if row is None else (row.id, row.balance_cents)


def balance_cents(work: Work, *, patient_id: UUID) -> int:
    """What a patient has earned here and not taken; nothing before the first award."""
    account = patient_account(work, patient_id=patient_id)
    return 0 if account is None else account[1]


def statement(work: Work, *, patient_id: UUID) -> tuple[StatementLine, ...]:
    """Everything earned, redeemed and voided, oldest first, with the balance after each line."""
    account = patient_account(work, patient_id=patient_id)
    if account is None:
        return ()
    account_id = account[0]
    line = _lines_of(account_id)
    rows = work.session.execute(
        sa.select(line, RewardVisit.sentence)
        .outerjoin(RewardVisit, RewardVisit.id == line.reward_visit_id)
        .order_by(line.recorded_at, line.id)
    ).all()
    voided = {transfer.reverses_id for transfer, _ in rows if transfer.kind is TransferKind.VOID}
    lines: list[StatementLine] = []
    balance_cents = 0
    for transfer, sentence in rows:
        gives = transfer.to_account_id == account_id
        change_cents = transfer.amount_cents if gives else -transfer.amount_cents
        balance_cents += change_cents
        lines.append(
            StatementLine(
                transfer_id=transfer.id,
                occurred_at=transfer.occurred_at,
                service_date=transfer.service_date,
                kind=transfer.kind,
                text=sentence or transfer.memo,
                change_cents=change_cents,
                balance_cents=balance_cents,
                recorded_by=transfer.recorded_by,
                recorded_by_name=transfer.recorded_by_name,
                is_voided=transfer.id in voided,
            )
        )
    return tuple(lines)


def _lines_of(account_id: UUID) -> type[LedgerTransfer]:
    """Every transfer of an account: one index for what it gave, one for what it got, no others."""
    gave = sa.select(LedgerTransfer).where(LedgerTransfer.from_account_id == account_id)
    got = sa.select(LedgerTransfer).where(LedgerTransfer.to_account_id == account_id)
    return aliased(LedgerTransfer, sa.union_all(gave, got).subquery())


def trial_balance(work: Work) -> TrialBalance:
    """Every account of the site with its kept balance and the sum of its transfers.

    Shape: a patient's account goes by the patient's code.
    Invariant: the balances add up to zero, and each equals its transfers. One statement.
    """
    received = _sums(work, LedgerTransfer.to_account_id)
    given = _sums(work, LedgerTransfer.from_account_id)
    rows = work.session.execute(
        sa.select(
            LedgerAccount.id,
            LedgerAccount.kind,
            sa.func.coalesce(Patient.code, LedgerAccount.name),
            LedgerAccount.balance_cents,
            sa.func.coalesce(received.c.cents, 0) - sa.func.coalesce(given.c.cents, 0),
        )
        .outerjoin(Patient, Patient.id == LedgerAccount.patient_id)
        .outerjoin(received, received.c.account_id == LedgerAccount.id)
        .outerjoin(given, given.c.account_id == LedgerAccount.id)
        .where(LedgerAccount.site_id == work.site.id)
        .order_by(LedgerAccount.kind, sa.func.coalesce(Patient.code, LedgerAccount.name))
    )
    return TrialBalance(
        tuple(
            AccountCheck(account_id, AccountKind(kind), name, int(balance), int(transfers))
            for account_id, kind, name, balance, transfers in rows
        )
    )


def _sums(work: Work, account_id: sa.orm.InstrumentedAttribute[UUID]) -> sa.Subquery:
    return (
        sa.select(
            account_id.label("account_id"), sa.func.sum(LedgerTransfer.amount_cents).label("cents")
        )
        .where(LedgerTransfer.site_id == work.site.id)
        .group_by(account_id)
        .subquery()
    )

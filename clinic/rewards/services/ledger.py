"""Move cents between two accounts: the only place that writes a transfer or a balance.

Every verb of rewards first takes its turn on the patient, so that streaks, caps and balances are
read while nobody else can change them.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.data.upsert import insert
from clinic.data.work import Work
from clinic.rewards.facts import AccountKind, TransferKind
from clinic.rewards.models import LedgerAccount, LedgerTransfer

SHARED_ACCOUNTS = {
    AccountKind.FUNDING: "Funding for rewards",
    AccountKind.REDEEMED: "Redeemed rewards",
}


def account_of_patient(work: Work, *, patient_id: UUID) -> UUID:
    """The patient's account at this site, opened when there is none."""
    return _account(work, kind=AccountKind.PATIENT, name=str(patient_id), patient_id=patient_id)


def shared_account(work: Work, *, kind: AccountKind) -> UUID:
    """The site's account of a kind, opened when there is none."""
    return _account(work, kind=kind, name=SHARED_ACCOUNTS[kind], patient_id=None)


def balance_of(work: Work, *, account_id: UUID) -> int:
    """The balance in cents at this moment of the transaction."""
    cents = work.session.scalar(
        sa.select(LedgerAccount.balance_cents).where(LedgerAccount.id == account_id)
    )
    return int(cents or 0)


def move(
    work: Work,
    *,
    kind: TransferKind,
    payer: UUID,
    payee: UUID,
    amount_cents: int,
    memo: str,
    reward_visit_id: UUID | None = None,
    reverses_id: UUID | None = None,
) -> UUID:
    """Append one transfer and move both balances with it.

    Invariant: the wall at zero refuses a patient's overdraft whatever was read before.
    """
    transfer_id = work.new_id()
    work.session.execute(
        sa.insert(LedgerTransfer),
        {
            "id": transfer_id,
            "site_id": work.site.id,
            "kind": kind,
            "from_account_id": payer,
            "to_account_id": payee,
            "amount_cents": amount_cents,
            "reward_visit_id": reward_visit_id,
            "reverses_id": reverses_id,
            "memo": memo,
            **work.on_service_day(),
            **work.attribution,
        },
    )
    change_cents = sa.case((LedgerAccount.id == payee, amount_cents), else_=-amount_cents)
    work.session.execute(
        sa.update(LedgerAccount)
        .where(LedgerAccount.id.in_((payer, payee)))
        .values(
            balance_cents=LedgerAccount.balance_cents + change_cents,
            version=LedgerAccount.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    return transfer_id


def _account(work: Work, *, kind: AccountKind, name: str, patient_id: UUID | None) -> UUID:
    find = sa.select(LedgerAccount.id).where(
        LedgerAccount.site_id == work.site.id,
        LedgerAccount.kind == kind,
        LedgerAccount.name == name,
    )
    account_id = work.session.scalar(find)
    if account_id is None:
        work.session.execute(
            insert(work.session, LedgerAccount)
            .values(
                id=work.new_id(),
                site_id=work.site.id,
                kind=kind,
                name=name,
                patient_id=patient_id,
                balance_cents=0,
                version=1,
            )
            .on_conflict_do_nothing()
        )
        account_id = work.session.scalars(find).one()
    return account_id

"""Move cents between two accounts: the only place that writes a transfer or a balance.

Every verb of rewards first takes its turn on the patient, so that streaks, caps and balances are
read while nobody else can change them. Locks follow the order patient, card, book, account.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound
from clinic.data.upsert import insert
from clinic.data.work import Work
from clinic.rewards.facts import AccountKind, ReversalCause, TransferKind
from clinic.rewards.models import (
    FundedEnrolment,
    LedgerAccount,
    LedgerBook,
    LedgerReversal,
    LedgerTransfer,
)
from clinic.rewards.queries.funds import budget_policy, funding_of, is_pinned
from clinic.rewards.rules.ledger import transfer_digest

TRANSFER = "ledger.transfer"
"""The audit's verb for a transfer. Its leaf carries the digest of the row."""

SHARED_ACCOUNTS = {
    AccountKind.FUNDING: "Funding for rewards",
    AccountKind.REDEEMED: "Redeemed rewards",
    AccountKind.BOUGHT: "Cards and prizes bought",
}


def account_of_patient(work: Work, *, patient_id: UUID) -> UUID:
    """The patient's account at this site, opened when there is none."""
    return _account(work, kind=AccountKind.PATIENT, name=str(patient_id), patient_id=patient_id)


def shared_account(work: Work, *, kind: AccountKind) -> UUID:
    """The site's account of a kind, opened when there is none."""
    return _account(work, kind=kind, name=SHARED_ACCOUNTS[kind], patient_id=None)


def named_account(work: Work, *, kind: AccountKind, name: str) -> UUID:
    """The account of a funding source or of a stock, opened when there is none."""
    return _account(work, kind=kind, name=name, patient_id=None)


def funding_account(work: Work, *, enrolment_id: UUID) -> UUID:
    """The account that pays an enrolment's awards: its source's, fixed with the first of them.

    Invariant: an enrolment is paid by one source; the site's own account where none is open.
    """
    source = funding_of(work, enrolment_id=enrolment_id, on=work.service_date)
    if source is None:
        return shared_account(work, kind=AccountKind.FUNDING)
    if not is_pinned(work, enrolment_id=enrolment_id):
        fix_source(work, enrolment_id=enrolment_id, source_id=source.id)
    return source.account_id


def fix_source(work: Work, *, enrolment_id: UUID, source_id: UUID) -> None:
    """Let one source pay an enrolment for good."""
    work.session.execute(
        sa.insert(FundedEnrolment),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "enrolment_id": enrolment_id,
            "funding_source_id": source_id,
            **work.attribution,
        },
    )


def take_budget_turn(work: Work, *, enrolment_id: UUID) -> None:
    """Where a spent budget stops the pay, wait for everybody who is paid from the same source."""
    if not budget_policy(work, on=work.service_date).stops_when_budget_is_spent:
        return
    source = funding_of(work, enrolment_id=enrolment_id, on=work.service_date)
    if source is not None:
        _require_open_book(work)
        work.session.execute(
            sa.select(LedgerAccount.id)
            .where(LedgerAccount.id == source.account_id)
            .with_for_update()
        )


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
    """Append one transfer and its audit leaf, and move both balances with it.

    Invariant: the wall at zero refuses a patient's overdraft whatever was read before.
    Raises: Clash when the month is closed.
    """
    _require_open_book(work)
    transfer = {
        "id": work.new_id(),
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
    }
    work.session.execute(sa.insert(LedgerTransfer), transfer)
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
    audit.record(
        work,
        action=TRANSFER,
        subject=f"transfer {transfer['id']}",
        detail={"amount_cents": amount_cents, "digest": transfer_digest(transfer)},
    )
    return UUID(str(transfer["id"]))


def reverse(
    work: Work,
    *,
    transfer_id: UUID,
    reason: str,
    cause: ReversalCause,
    approved_by: tuple[UUID, str] | None = None,
) -> int:
    """Move the cents of a transfer back the way they came, and write down why; how many.

    Shape: ``approved_by`` is the second person's id and name; only a laboratory needs none.
    Invariant: once for each transfer.
    Raises: NotFound; Clash when it was taken back already.
    """
    transfer = _standing(work, transfer_id=transfer_id)
    reversing_id = move(
        work,
        kind=TransferKind.VOID,
        payer=transfer.to_account_id,
        payee=transfer.from_account_id,
        amount_cents=transfer.amount_cents,
        memo=f"{'Returned' if transfer.kind is TransferKind.REDEEM else 'Voided'}: {reason}"[:200],
        reverses_id=transfer_id,
    )
    second_id, second_name = approved_by or (None, None)
    work.session.execute(
        sa.insert(LedgerReversal),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "transfer_id": reversing_id,
            "reverses_id": transfer_id,
            "cause": cause,
            "reason": reason,
            "approved_by": second_id,
            "approved_by_name": second_name,
            **work.on_service_day(),
            **work.attribution,
        },
    )
    return transfer.amount_cents


def open_book(work: Work) -> UUID:
    """The site's book, opened when there is none."""
    find = sa.select(LedgerBook.id).where(LedgerBook.site_id == work.site.id)
    book_id = work.session.scalar(find)
    if book_id is None:
        work.session.execute(
            insert(work.session, LedgerBook)
            .values(id=work.new_id(), site_id=work.site.id, version=1)
            .on_conflict_do_nothing()
        )
        book_id = work.session.scalars(find).one()
    return book_id


def _require_open_book(work: Work) -> None:
    """Nothing is dated into a closed month; a close under way waits for this transaction."""
    closed_until = work.session.scalar(
        sa.select(LedgerBook.closed_until)
        .where(LedgerBook.id == open_book(work))
        .with_for_update(read=True)
    )
    if closed_until is not None and work.service_date < closed_until:
        raise Clash(f"The books are closed until {closed_until}: nothing is dated before that.")


def _standing(work: Work, *, transfer_id: UUID) -> LedgerTransfer:
    transfer = work.session.scalar(
        sa.select(LedgerTransfer).where(
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.id == transfer_id,
            LedgerTransfer.kind.in_((TransferKind.EARN, TransferKind.REDEEM)),
        )
    )
    if transfer is None:
        raise NotFound("transfer")
    is_reversed = work.session.scalar(
        sa.select(
            sa.exists().where(
                LedgerTransfer.site_id == work.site.id, LedgerTransfer.reverses_id == transfer_id
            )
        )
    )
    if is_reversed and transfer.kind is TransferKind.EARN:
        raise Clash("Somebody has voided this award already.")
    if is_reversed:
        raise Clash("This has been returned already.")
    return transfer


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

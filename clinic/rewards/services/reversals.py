"""Take an award or a redemption back: one asks with a reason, another approves."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.rewards.facts import ReversalCause, TransferKind
from clinic.rewards.models import LedgerTransfer, RewardHandover, RewardItem
from clinic.rewards.rules.ledger import may_reverse
from clinic.rewards.services import ledger
from clinic.staff import queries as staff
from clinic.staff.facts import verbs_of


def void_award(
    work: Work, *, patient_id: UUID, transfer_id: UUID, reason: str, approved_by: UUID
) -> int:
    """Take an award back by a reversing transfer; the balance in cents that remains.

    The visit stays as it was judged: only its money goes back to the source it came from.
    Raises: NotFound; Clash when it is voided already; Refused without a reason or a proper second
    person, or when the balance no longer covers it.
    """
    work.actor.require(Permission.VOID_REWARD)
    because = _given(reason)
    patient_services.take_turn(work, patient_id=patient_id)
    account_id = ledger.account_of_patient(work, patient_id=patient_id)
    award = _transfer(work, LedgerTransfer.to_account_id == account_id, transfer_id, "award")
    balance_cents = ledger.balance_of(work, account_id=account_id)
    return balance_cents - _reverse(
        work,
        award,
        patient_id=patient_id,
        because=because,
        approved_by=approved_by,
        covered_cents=balance_cents,
    )


def take_back(
    work: Work, *, patient_id: UUID, transfer_id: UUID, reason: str, approved_by: UUID
) -> int:
    """Put what was handed over back into stock and its cents back into the balance; the balance.

    Raises: NotFound; Clash when it is returned already; Refused without a reason or a proper
    second person.
    """
    work.actor.require(Permission.VOID_REWARD)
    because = _given(reason)
    patient_services.take_turn(work, patient_id=patient_id)
    account_id = ledger.account_of_patient(work, patient_id=patient_id)
    redemption = _transfer(
        work, LedgerTransfer.from_account_id == account_id, transfer_id, "redemption"
    )
    item_id = work.session.scalar(
        sa.select(RewardHandover.item_id).where(
            RewardHandover.site_id == work.site.id, RewardHandover.transfer_id == transfer_id
        )
    )
    if item_id is not None:
        work.session.execute(
            sa.select(RewardItem.id).where(RewardItem.id == item_id).with_for_update()
        )
    returned_cents = _reverse(
        work, redemption, patient_id=patient_id, because=because, approved_by=approved_by
    )
    if item_id is not None:
        work.session.execute(
            sa.update(RewardItem)
            .where(RewardItem.site_id == work.site.id, RewardItem.id == item_id)
            .values(
                remaining_cents=RewardItem.remaining_cents + returned_cents,
                version=RewardItem.version + 1,
            )
            .execution_options(synchronize_session=False)
        )
    return ledger.balance_of(work, account_id=account_id)


def _reverse(
    work: Work,
    transfer: LedgerTransfer,
    *,
    patient_id: UUID,
    because: str,
    approved_by: UUID,
    covered_cents: int | None = None,
) -> int:
    approver = next((one for one in staff.members(work) if one.user_id == approved_by), None)
    may_reverse(
        asked_by=work.actor.id,
        approved_by=approved_by,
        recorded_by=transfer.recorded_by,
        approver_may=approver is not None
        and approver.is_active
        and Permission.VOID_REWARD in verbs_of(frozenset(approver.roles)),
        amount_cents=transfer.amount_cents,
        covered_cents=covered_cents if _stands(work, transfer.id) else None,
    ).require()
    name = approver.display_name if approver else ""
    cents = ledger.reverse(
        work,
        transfer_id=transfer.id,
        reason=because,
        cause=ReversalCause.PEOPLE,
        approved_by=(approved_by, name),
    )
    audit.record(
        work,
        action="rewards.void" if transfer.kind is TransferKind.EARN else "rewards.return",
        subject=f"transfer {transfer.id}",
        patient_id=patient_id,
        detail={"amount_cents": cents, "reason": because, "approved_by": name},
    )
    return cents


def _given(reason: str) -> str:
    if not reason.strip():
        raise Refused("Say why it is taken back.")
    return reason.strip()


def _stands(work: Work, transfer_id: UUID) -> bool:
    return not work.session.scalar(
        sa.select(
            sa.exists().where(
                LedgerTransfer.site_id == work.site.id, LedgerTransfer.reverses_id == transfer_id
            )
        )
    )


def _transfer(
    work: Work, side: sa.ColumnElement[bool], transfer_id: UUID, what: str
) -> LedgerTransfer:
    kind = TransferKind.EARN if what == "award" else TransferKind.REDEEM
    found = work.session.scalar(
        sa.select(LedgerTransfer).where(
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.id == transfer_id,
            LedgerTransfer.kind == kind,
            side,
        )
    )
    if found is None:
        raise NotFound(what)
    return found

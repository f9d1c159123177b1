"""Hand something over for a balance."""

from __future__ import annotations

from uuid import UUID

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.money import dollars
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.rewards.facts import AccountKind, Redemption, TransferKind
from clinic.rewards.services import ledger


def redeem(work: Work, *, patient_id: UUID, amount_cents: int, memo: str) -> Redemption:
    """Take an amount from the patient's balance for what was handed over.

    A closed enrolment changes nothing: what was earned can always be redeemed.
    Raises: NotFound; Refused for an amount that is not positive or that the balance does not
    cover, or when ``memo`` does not say what was handed over.
    """
    if amount_cents <= 0:
        raise Refused("The amount must be more than zero.")
    if not memo.strip():
        raise Refused("Say what is handed over.")
    patient_services.take_turn(work, patient_id=patient_id)
    account_id = ledger.account_of_patient(work, patient_id=patient_id)
    balance_cents = ledger.balance_of(work, account_id=account_id)
    if amount_cents > balance_cents:
        raise Refused(
            f"The balance is {dollars(balance_cents)}; {dollars(amount_cents)} is more than that."
        )
    transfer_id = ledger.move(
        work,
        kind=TransferKind.REDEEM,
        payer=account_id,
        payee=ledger.shared_account(work, kind=AccountKind.REDEEMED),
        amount_cents=amount_cents,
        memo=memo.strip(),
    )
    audit.record(
        work,
        action="rewards.redeem",
        subject=f"transfer {transfer_id}",
        patient_id=patient_id,
        detail={"amount_cents": amount_cents},
    )
    return Redemption(transfer_id=transfer_id, balance_cents=balance_cents - amount_cents)

"""Hand something over for a balance."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.money import dollars
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.patients import services as patient_services
from clinic.rewards.facts import (
    AccountKind,
    HandedOver,
    Redemption,
    RedemptionTerms,
    Signature,
    TransferKind,
)
from clinic.rewards.models import (
    RewardHandover,
    RewardInstrument,
    RewardItem,
    RewardPinSignature,
)
from clinic.rewards.queries.funds import redemption_terms
from clinic.rewards.queries.pins import pin_of, pin_terms
from clinic.rewards.rules.funds import may_hand_over
from clinic.rewards.rules.pins import may_sign_by_pin
from clinic.rewards.services import ledger
from clinic.staff import queries as staff
from clinic.staff.facts import Role


def redeem(work: Work, *, patient_id: UUID, amount_cents: int, memo: str) -> Redemption:
    """Take an amount from the patient's balance for what was handed over: the money's half of it.

    A closed enrolment changes nothing: what was earned can always be redeemed.
    Raises: NotFound; Refused for an amount that is not positive or that the balance does not
    cover, or when ``memo`` does not say what was handed over.
    """
    if amount_cents <= 0:
        raise Refused("The amount must be more than zero.")
    if not memo.strip():
        raise Refused("Say what is handed over.")
    patient_services.take_turn(work, patient_id=patient_id)
    payee = ledger.shared_account(work, kind=AccountKind.REDEEMED)
    return _pay(
        work, patient_id=patient_id, payee=payee, amount_cents=amount_cents, memo=memo.strip()
    )


def hand_over_goods(
    work: Work,
    *,
    patient_id: UUID,
    amount_cents: int,
    memo: str,
    signature: Signature,
    second_person_id: UUID | None = None,
) -> HandedOver:
    """Hand over goods or a voucher that were never in stock; the patient signs.

    Raises: NotFound; Refused with every reason, or when ``memo`` does not say what it was.
    """
    if not memo.strip():
        raise Refused("Say what is handed over.")
    second = _second_person(work, second_person_id)
    patient_services.take_turn(work, patient_id=patient_id)
    terms = redemption_terms(work, on=work.service_date)
    may_hand_over(
        amount_cents=amount_cents,
        balance_cents=_balance(work, patient_id),
        second_person=second is not None,
        terms=terms,
    ).require()
    paid = redeem(work, patient_id=patient_id, amount_cents=amount_cents, memo=memo)
    _sign(
        work,
        patient_id=patient_id,
        transfer_id=paid.transfer_id,
        what=memo.strip(),
        amount_cents=amount_cents,
        signature=signature,
        second=second,
        terms=terms,
    )
    return HandedOver(paid.transfer_id, amount_cents, paid.balance_cents, 0)


def hand_over(
    work: Work,
    *,
    patient_id: UUID,
    serial: str,
    signature: Signature,
    amount_cents: int | None = None,
    second_person_id: UUID | None = None,
) -> HandedOver:
    """Hand a card or prize over by its serial number, or use a part of a card for the patient.

    ``amount_cents`` None takes all the card is still worth. A card used in part stays in stock
    with the rest.
    Invariant: a card never gives more than its face value, whoever hands it over at once.
    Raises: NotFound; Refused with every reason.
    """
    second = _second_person(work, second_person_id)
    patient_services.take_turn(work, patient_id=patient_id)
    item, instrument = _item(work, serial.strip())
    cents = item.remaining_cents if amount_cents is None else amount_cents
    terms = redemption_terms(work, on=work.service_date)
    if not item.remaining_cents:
        raise Refused(f"{instrument.issuer} {item.serial} has been handed over already.")
    may_hand_over(
        amount_cents=cents,
        balance_cents=_balance(work, patient_id),
        remaining_cents=item.remaining_cents,
        second_person=second is not None,
        terms=terms,
    ).require()
    left_cents = item.remaining_cents - cents
    work.session.execute(
        sa.update(RewardItem)
        .where(RewardItem.site_id == work.site.id, RewardItem.id == item.id)
        .values(remaining_cents=RewardItem.remaining_cents - cents, version=RewardItem.version + 1)
        .execution_options(synchronize_session=False)
    )
    what = f"{instrument.kind.label}: {instrument.issuer} {instrument.name}, {item.serial}"
    paid = _pay(
        work, patient_id=patient_id, payee=instrument.account_id, amount_cents=cents, memo=what
    )
    _sign(
        work,
        patient_id=patient_id,
        transfer_id=paid.transfer_id,
        item_id=item.id,
        what=what,
        amount_cents=cents,
        signature=signature,
        second=second,
        terms=terms,
    )
    return HandedOver(paid.transfer_id, cents, paid.balance_cents, left_cents)


def _pay(work: Work, *, patient_id: UUID, payee: UUID, amount_cents: int, memo: str) -> Redemption:
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
        payee=payee,
        amount_cents=amount_cents,
        memo=memo,
    )
    audit.record(
        work,
        action="rewards.redeem",
        subject=f"transfer {transfer_id}",
        patient_id=patient_id,
        detail={"amount_cents": amount_cents},
    )
    return Redemption(transfer_id=transfer_id, balance_cents=balance_cents - amount_cents)


def _sign(
    work: Work,
    *,
    patient_id: UUID,
    transfer_id: UUID,
    what: str,
    amount_cents: int,
    signature: Signature,
    second: tuple[UUID, str] | None,
    terms: RedemptionTerms,
    item_id: UUID | None = None,
) -> None:
    name = _signing_name(work, signature, patient_id=patient_id)
    second_id, second_name = second or (None, None)
    work.session.execute(
        sa.insert(RewardHandover),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "patient_id": patient_id,
            "transfer_id": transfer_id,
            "item_id": item_id,
            "what": what,
            "amount_cents": amount_cents,
            "signed_name": name,
            "strokes": [[list(point) for point in stroke] for stroke in signature.strokes],
            "second_person_id": second_id,
            "second_person_name": second_name,
            "second_person_from_cents": terms.second_person_from_cents,
            **work.on_service_day(),
            **work.attribution,
        },
    )
    if signature.pin_id is not None:
        work.session.execute(
            sa.insert(RewardPinSignature),
            {
                "id": work.new_id(),
                "site_id": work.site.id,
                "transfer_id": transfer_id,
                "pin_id": signature.pin_id,
                **work.attribution,
            },
        )


def _signing_name(work: Work, signature: Signature, *, patient_id: UUID) -> str:
    """Whose signature it is. Raises: Refused when nobody signed, or by a PIN that may not."""
    if signature.pin_id is None:
        if not signature.name.strip():
            raise Refused("The patient has to sign for it.")
        return signature.name.strip()
    pin = pin_of(work, patient_id=patient_id)
    may_sign_by_pin(
        pin if pin is not None and pin.id == signature.pin_id else None,
        handed_over_by=work.actor.id,
        on=work.service_date,
        terms=pin_terms(work, on=work.service_date),
    ).require()
    return (
        signature.name.strip() or patients.names(work, patient_ids=[patient_id])[patient_id].listed
    )


def _balance(work: Work, patient_id: UUID) -> int:
    return ledger.balance_of(
        work, account_id=ledger.account_of_patient(work, patient_id=patient_id)
    )


def _item(work: Work, serial: str) -> tuple[RewardItem, RewardInstrument]:
    """The card or prize of a serial number, locked; of two issuers' the one still in stock."""
    rows = work.session.execute(
        sa.select(RewardItem, RewardInstrument)
        .join(RewardInstrument, RewardInstrument.id == RewardItem.instrument_id)
        .where(RewardItem.site_id == work.site.id, RewardItem.serial == serial)
        .order_by(RewardItem.remaining_cents.desc(), RewardItem.id)
        .with_for_update(of=RewardItem)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        raise Refused(f"No card or prize {serial} was received here.")
    if sum(row.RewardItem.remaining_cents > 0 for row in rows) > 1:
        raise Refused(f"Two issuers use the serial number {serial}: hand it over as goods.")
    return rows[0].RewardItem, rows[0].RewardInstrument


def _second_person(work: Work, user_id: UUID | None) -> tuple[UUID, str] | None:
    """Whoever stands beside the one who hands over. Raises: Refused when that is nobody else."""
    if user_id is None:
        return None
    if user_id == work.actor.id:
        raise Refused("The second person has to be somebody else.")
    known = next((one for one in staff.members(work) if one.user_id == user_id), None)
    if known is None or not known.is_active or set(known.roles) <= {Role.PATIENT}:
        raise Refused("The second person must work at this site.")
    return user_id, known.display_name

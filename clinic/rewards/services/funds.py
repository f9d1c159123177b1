"""Name who pays, set what they may spend, and take cards and prizes into stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.rewards.facts import (
    AccountKind,
    FunderKind,
    GoodsCategory,
    RedeemedAs,
    TransferKind,
)
from clinic.rewards.models import FundingBudget, FundingSource, RewardInstrument, RewardItem
from clinic.rewards.services import ledger

Row = TypeVar("Row", FundingSource, RewardInstrument)
RECEIVED_AT_ONCE_MAX = 500
SERIAL_LENGTH_MAX = 80


def name_source(
    work: Work,
    *,
    name: str,
    kind: FunderKind,
    terms: str,
    starts_on: date,
    ends_on: date | None = None,
    pays_for: str | None = None,
    year_cap_cents: int | None = None,
) -> UUID:
    """Open a funding source and its account.

    Raises: Clash when the site has one of this name; Refused for a period that ends before it
    begins.
    """
    work.actor.require(Permission.MANAGE_FUNDS)
    if ends_on is not None and ends_on <= starts_on:
        raise Refused("The source has to end after it starts.")
    source_id = work.new_id()
    work.session.execute(
        sa.insert(FundingSource),
        {
            "id": source_id,
            "site_id": work.site.id,
            "name": name,
            "kind": kind,
            "account_id": ledger.named_account(work, kind=AccountKind.FUNDING, name=name),
            "pays_for": pays_for,
            "year_cap_cents": year_cap_cents,
            "terms": terms,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "version": 1,
            **work.attribution,
        },
    )
    audit.record(
        work,
        action="rewards.fund",
        subject=f"funding source {source_id}",
        detail={"name": name, "year_cap_cents": year_cap_cents, "pays_for": pays_for},
    )
    return source_id


def set_budget(work: Work, *, source_id: UUID, calendar_year: int, amount_cents: int) -> None:
    """Say what a source may spend in a calendar year. An earlier word on the year stays readable.

    Raises: NotFound.
    """
    work.actor.require(Permission.MANAGE_FUNDS)
    _require_here(work, FundingSource, source_id)
    work.session.execute(
        sa.insert(FundingBudget),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "funding_source_id": source_id,
            "calendar_year": calendar_year,
            "amount_cents": amount_cents,
            **work.attribution,
        },
    )
    audit.record(
        work,
        action="rewards.budget",
        subject=f"funding source {source_id}",
        detail={"year": calendar_year, "amount_cents": amount_cents},
    )


def list_instrument(
    work: Work,
    *,
    kind: RedeemedAs,
    issuer: str,
    name: str,
    category: GoodsCategory,
    face_cents: int,
) -> UUID:
    """List a sort of card or prize, with an account of its stock.

    Raises: Clash when it is listed already; Refused without a value.
    """
    work.actor.require(Permission.MANAGE_FUNDS)
    if face_cents <= 0:
        raise Refused("A card or prize is worth more than nothing.")
    instrument_id = work.new_id()
    account = f"{kind.label}: {issuer} {name} {dollars(face_cents)}"
    work.session.execute(
        sa.insert(RewardInstrument),
        {
            "id": instrument_id,
            "site_id": work.site.id,
            "kind": kind,
            "issuer": issuer,
            "name": name,
            "category": category,
            "face_cents": face_cents,
            "account_id": ledger.named_account(work, kind=AccountKind.STOCK, name=account),
            "version": 1,
            **work.attribution,
        },
    )
    audit.record(
        work,
        action="rewards.instrument",
        subject=f"instrument {instrument_id}",
        detail={"name": account, "category": category.value},
    )
    return instrument_id


def receive(work: Work, *, instrument_id: UUID, serials: Sequence[str]) -> int:
    """Take cards or prizes into stock by their serial numbers; what they are worth in cents.

    Raises: NotFound; Clash when a serial number of this issuer is here already; Refused for none,
    too many, an empty one or one twice.
    """
    work.actor.require(Permission.MANAGE_FUNDS)
    instrument = _require_here(work, RewardInstrument, instrument_id)
    _require_serials(serials)
    work.session.execute(
        sa.insert(RewardItem),
        [
            {
                "id": work.new_id(),
                "site_id": work.site.id,
                "instrument_id": instrument_id,
                "issuer": instrument.issuer,
                "serial": serial,
                "face_cents": instrument.face_cents,
                "remaining_cents": instrument.face_cents,
                "version": 1,
                **work.attribution,
            }
            for serial in serials
        ],
    )
    worth_cents = instrument.face_cents * len(serials)
    ledger.move(
        work,
        kind=TransferKind.RECEIVE,
        payer=instrument.account_id,
        payee=ledger.shared_account(work, kind=AccountKind.BOUGHT),
        amount_cents=worth_cents,
        memo=f"{len(serials)} x {instrument.issuer} {instrument.name}",
    )
    audit.record(
        work,
        action="rewards.receive",
        subject=f"instrument {instrument_id}",
        detail={"serials": list(serials), "worth_cents": worth_cents},
    )
    return worth_cents


def _require_serials(serials: Sequence[str]) -> None:
    if not serials:
        raise Refused("Type or scan at least one serial number.")
    if len(serials) > RECEIVED_AT_ONCE_MAX:
        raise Refused(f"At most {RECEIVED_AT_ONCE_MAX} at once.")
    twice = [serial for serial, count in Counter(serials).items() if count > 1]
    if twice:
        raise Refused(f"{twice[0]} is there twice.")
    if any(not serial.strip() or len(serial) > SERIAL_LENGTH_MAX for serial in serials):
        raise Refused(f"A serial number has 1 to {SERIAL_LENGTH_MAX} signs.")


def _require_here(work: Work, table: type[Row], row_id: UUID) -> Row:
    found = work.session.scalar(
        sa.select(table).where(table.site_id == work.site.id, table.id == row_id)
    )
    if found is None:
        raise NotFound(table.__tablename__)
    return found

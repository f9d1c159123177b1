"""Who pays for the demo's rewards, the cards on its shelf, what was signed for, a closed month.

Runs over the transfers the rewards have already made: each is given its source, its signature and
its audit leaf.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from clinic.audit.facts import Leaf
from clinic.audit.models import AuditLeaf
from clinic.demo.books import Ledger
from clinic.demo.charts import Chart
from clinic.demo.house import DemoSite, Staff
from clinic.demo.rows import Row, Rows
from clinic.rewards.facts import (
    CALAIM_RECOVERY_INCENTIVES,
    AccountKind,
    FunderKind,
    GoodsCategory,
    Period,
    RedeemedAs,
    RedemptionTerms,
    ReversalCause,
    TransferKind,
)
from clinic.rewards.models import (
    FundedEnrolment,
    FundingBudget,
    FundingSource,
    LedgerAccount,
    LedgerBook,
    LedgerClose,
    LedgerReversal,
    RewardHandover,
    RewardInstrument,
    RewardItem,
)
from clinic.rewards.rules.ledger import (
    TRANSFER_PARTS,
    month_of,
    period_digest,
    transfer_digest,
)
from clinic.staff.facts import Role


class Source(NamedTuple):
    """Who pays, and how much in a year for a site of the usual size."""

    name: str
    kind: FunderKind
    pays_for: str | None
    year_cap_cents: int
    budget_cents: int


SOURCES: Final = (
    Source("State opioid response grant", FunderKind.GRANT, None, 75000, 2400000),
    Source("Recovery Incentives", FunderKind.PAYER, CALAIM_RECOVERY_INCENTIVES.name, 59900, 600000),
)
USUAL_SIZE: Final = 276
CARD_CENTS: Final = 4000
SHOPS: Final = (
    ("grocery store", GoodsCategory.GROCERIES),
    ("bus company", GoodsCategory.TRANSPORT),
)
SPARE_CARDS: Final = 12
TERMS: Final = RedemptionTerms()


@dataclass(slots=True)
class Funds:
    """The money behind the rewards of one site."""

    rows: Rows
    site: DemoSite
    ledger: Ledger
    charts: Sequence[Chart]
    used: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def run(self) -> None:
        """Name sources, sign for what was handed over, stock the shelf, void one, close a month."""
        if not self._transfers():
            return
        self._fund()
        self._sign()
        self._stock()
        self._void_one()
        self._close()
        self._witness()

    def _transfers(self) -> list[Row]:
        here = self.site.clock.id
        return [row for row in self.rows.tables["ledger_transfer"] if row["site_id"] == here]

    @property
    def _began(self) -> datetime:
        first: datetime = min(row["occurred_at"] for row in self._transfers())
        return first - timedelta(days=1)

    @property
    def _manager(self) -> Staff:
        team = self.site.team(Role.ADMINISTRATOR) or self.site.team(Role.COUNSELOR)
        return team[0]

    def _account(self, kind: AccountKind, name: str) -> Row:
        self.rows.add(
            LedgerAccount,
            id=self.rows.id_at(self._began),
            site_id=self.site.clock.id,
            kind=kind,
            name=name,
            patient_id=None,
            balance_cents=0,
            version=1,
        )
        made = self.rows.tables[LedgerAccount.__tablename__][-1]
        self.ledger.accounts[kind, name] = made
        return made

    def _fund(self) -> None:
        """Each award is paid by the source that names its protocol, else by the general one."""
        here = self.site.clock.id
        account_of = {source.pays_for: self._source(source) for source in SOURCES}
        enrolments = {
            row["id"]: row for row in self.rows.tables["reward_enrolment"] if row["site_id"] == here
        }
        visits = {
            row["id"]: row["enrolment_id"]
            for row in self.rows.tables["reward_visit"]
            if row["site_id"] == here
        }
        accounts = {row["id"]: row for row in self.ledger.accounts.values()}
        payer_of: dict[UUID, UUID] = {}
        funded: dict[UUID, UUID] = {}
        for row in self._transfers():
            if row["kind"] is TransferKind.EARN:
                enrolment_id = visits[row["reward_visit_id"]]
                protocol = enrolments[enrolment_id]["protocol"]
                source_id, payer = account_of.get(protocol, account_of[None])
                _move_side(row, "from_account_id", payer, accounts, change=-row["amount_cents"])
                payer_of[row["id"]] = payer["id"]
                funded.setdefault(enrolment_id, source_id)
            elif row.get("reverses_id") in payer_of:
                payer = accounts[payer_of[row["reverses_id"]]]
                _move_side(row, "to_account_id", payer, accounts, change=row["amount_cents"])
        for enrolment_id, source_id in funded.items():
            self.rows.add(
                FundedEnrolment,
                id=self.rows.id_at(self._began),
                site_id=here,
                enrolment_id=enrolment_id,
                funding_source_id=source_id,
                **self._manager.signs(self._began),
            )

    def _source(self, source: Source) -> tuple[UUID, Row]:
        account = self._account(AccountKind.FUNDING, source.name)
        source_id = self.rows.id_at(self._began)
        signed = self._manager.signs(self._began)
        self.rows.add(
            FundingSource,
            id=source_id,
            site_id=self.site.clock.id,
            name=source.name,
            kind=source.kind,
            account_id=account["id"],
            pays_for=source.pays_for,
            year_cap_cents=source.year_cap_cents,
            terms="invented for the demo",
            starts_on=date(self._began.year, 1, 1),
            ends_on=None,
            version=1,
            **signed,
        )
        self.rows.add(
            FundingBudget,
            id=self.rows.id_at(self._began),
            site_id=self.site.clock.id,
            funding_source_id=source_id,
            calendar_year=self.site.today.year,
            amount_cents=round(source.budget_cents * len(self.charts) / USUAL_SIZE),
            **signed,
        )
        return source_id, account

    def _sign(self) -> None:
        """Whatever was redeemed was signed for; the cards among it came from the shelf."""
        patients = {
            row["id"]: row["patient_id"]
            for row in self.ledger.accounts.values()
            if row["patient_id"] is not None
        }
        names = {chart.id: chart.history.person for chart in self.charts}
        counselors = self.site.team(Role.COUNSELOR)
        for row in self._transfers():
            if row["kind"] is not TransferKind.REDEEM:
                continue
            patient_id = patients[row["from_account_id"]]
            person = names[patient_id]
            is_big = row["amount_cents"] >= TERMS.second_person_from_cents
            others = [one for one in counselors if one.id != row["recorded_by"]]
            second = others[0] if others else self._manager
            shop = row["memo"].removeprefix(f"{RedeemedAs.GIFT_CARD.label}: ")
            self.rows.add(
                RewardHandover,
                id=self.rows.id_at(row["occurred_at"]),
                site_id=self.site.clock.id,
                patient_id=patient_id,
                transfer_id=row["id"],
                item_id=None,
                what=row["memo"],
                amount_cents=row["amount_cents"],
                signed_name=f"{person.given_names} {person.family_name}",
                strokes=[],
                second_person_id=second.id if is_big else None,
                second_person_name=second.name if is_big else None,
                second_person_from_cents=TERMS.second_person_from_cents,
                **{key: row[key] for key in _ACT},
            )
            if row["amount_cents"] == CARD_CENTS and shop in dict(SHOPS):
                handover = self.rows.tables[RewardHandover.__tablename__][-1]
                self.used[shop] += [row | {"handover": handover, "transfer": row}]

    def _stock(self) -> None:
        bought = self._account(AccountKind.BOUGHT, "Cards and prizes bought")
        accounts = {row["id"]: row for row in self.ledger.accounts.values()}
        for shop, category in SHOPS:
            account = self._account(
                AccountKind.STOCK, f"{RedeemedAs.GIFT_CARD.label}: {shop} card $40.00"
            )
            instrument_id = self._instrument(shop, category, account)
            handed = self.used[shop]
            serials = [f"{shop[0].upper()}{4000 + n}" for n in range(len(handed) + SPARE_CARDS)]
            for number, serial in enumerate(serials):
                item_id = self._item(instrument_id, shop, serial, is_here=number >= len(handed))
                if number < len(handed):
                    handed[number]["handover"]["item_id"] = item_id
                    transfer = handed[number]["transfer"]
                    _move_side(transfer, "to_account_id", account, accounts, change=CARD_CENTS)
            self.ledger.move(
                TransferKind.RECEIVE,
                payer=account,
                payee=bought,
                amount_cents=CARD_CENTS * len(serials),
                memo=f"{len(serials)} x {shop} card",
                at=self._began,
                by=self._manager,
            )

    def _instrument(self, shop: str, category: GoodsCategory, account: Row) -> UUID:
        instrument_id = self.rows.id_at(self._began)
        self.rows.add(
            RewardInstrument,
            id=instrument_id,
            site_id=self.site.clock.id,
            kind=RedeemedAs.GIFT_CARD,
            issuer=shop,
            name="card",
            category=category,
            face_cents=CARD_CENTS,
            account_id=account["id"],
            version=1,
            **self._manager.signs(self._began),
        )
        return instrument_id

    def _item(self, instrument_id: UUID, shop: str, serial: str, *, is_here: bool) -> UUID:
        item_id = self.rows.id_at(self._began)
        self.rows.add(
            RewardItem,
            id=item_id,
            site_id=self.site.clock.id,
            instrument_id=instrument_id,
            issuer=shop,
            serial=serial,
            face_cents=CARD_CENTS,
            remaining_cents=CARD_CENTS if is_here else 0,
            version=1 if is_here else 2,
            **self._manager.signs(self._began),
        )
        return item_id

    def _void_one(self) -> None:
        """The latest award its patient still has: taken back, by one who did not record it."""
        accounts = {row["id"]: row for row in self.ledger.accounts.values()}
        reversed_ids = {row.get("reverses_id") for row in self._transfers()}
        award = next(
            (
                row
                for row in reversed(self._transfers())
                if row["kind"] is TransferKind.EARN
                and row["id"] not in reversed_ids
                and accounts[row["to_account_id"]]["balance_cents"] >= row["amount_cents"]
            ),
            None,
        )
        if award is None:
            return
        team = [one for one in self.site.team(Role.COUNSELOR) if one.id != award["recorded_by"]]
        if not team[1:]:
            return
        asks, approves = team[:2]
        reason = "The cup was somebody else's"
        self.ledger.move(
            TransferKind.VOID,
            payer=accounts[award["to_account_id"]],
            payee=accounts[award["from_account_id"]],
            amount_cents=award["amount_cents"],
            memo=f"Voided: {reason}",
            at=self.site.as_of,
            by=asks,
        )
        void = self.rows.tables["ledger_transfer"][-1]
        void["reverses_id"] = award["id"]
        self.rows.add(
            LedgerReversal,
            id=self.rows.id_at(self.site.as_of),
            site_id=self.site.clock.id,
            transfer_id=void["id"],
            reverses_id=award["id"],
            cause=ReversalCause.PEOPLE,
            reason=reason,
            approved_by=approves.id,
            approved_by_name=approves.name,
            **self.site.happened(self.site.as_of),
            **asks.signs(self.site.as_of),
        )

    def _close(self) -> None:
        """Every month that is over is closed, but for the last: its papers are still coming in."""
        month = month_of(min(row["service_date"] for row in self._transfers()))
        until = None
        while month_of(month.until_on).until_on <= self.site.today:
            self._close_month(month)
            until = month.until_on
            month = month_of(until)
        self.rows.add(
            LedgerBook,
            id=self.rows.id_at(self._began),
            site_id=self.site.clock.id,
            closed_until=until,
            version=1,
        )

    def _close_month(self, month: Period) -> None:
        patients = {
            row["id"] for row in self.ledger.accounts.values() if row["patient_id"] is not None
        }
        until = [row for row in self._transfers() if row["service_date"] < month.until_on]
        within = [row for row in until if row["service_date"] >= month.first_on]
        cents = dict.fromkeys(TransferKind, 0)
        for row in within:
            cents[row["kind"]] += row["amount_cents"]
        liability = sum(
            row["amount_cents"] * ((row["to_account_id"] in patients) * 2 - 1)
            for row in until
            if {row["to_account_id"], row["from_account_id"]} & patients
        )
        self.rows.add(
            LedgerClose,
            id=self.rows.id_at(self.site.as_of),
            site_id=self.site.clock.id,
            first_on=month.first_on,
            until_on=month.until_on,
            closed_on=self.site.today,
            transfers=len(within),
            earned_cents=cents[TransferKind.EARN],
            redeemed_cents=cents[TransferKind.REDEEM],
            voided_cents=cents[TransferKind.VOID],
            received_cents=cents[TransferKind.RECEIVE],
            liability_cents=liability,
            trial_balance_cents=0,
            digest=period_digest(transfer_digest(_parts(row)) for row in within),
            **self._manager.signs(self.site.as_of),
        )

    def _witness(self) -> None:
        """The audit leaf the house writes with each transfer."""
        for row in self._transfers():
            leaf = Leaf(
                site_id=row["site_id"],
                service_date=row["service_date"],
                id=self.rows.id_at(row["occurred_at"]),
                occurred_at=row["occurred_at"],
                actor_id=row["recorded_by"],
                actor_name=row["recorded_by_name"],
                session_id=None,
                request_id=None,
                action="ledger.transfer",
                subject=f"transfer {row['id']}",
                patient_id=None,
                detail={
                    "amount_cents": row["amount_cents"],
                    "digest": transfer_digest(_parts(row)),
                },
            )
            values = {name: getattr(leaf, name) for name in Leaf.__dataclass_fields__}
            self.rows.add(AuditLeaf, **values, leaf_hash=leaf.hash())


_ACT: Final = (
    "occurred_at",
    "service_date",
    "time_zone",
    "recorded_at",
    "recorded_by",
    "recorded_by_name",
)


def _parts(row: Row) -> Row:
    return {part: row.get(part) for part in TRANSFER_PARTS}


def _move_side(
    row: Row, side: str, account: Row, accounts: dict[UUID, Row], *, change: int
) -> None:
    """Book one side of a transfer on another account."""
    accounts[row[side]]["balance_cents"] -= change
    account["balance_cents"] += change
    row[side] = account["id"]

"""The books of a demo site: its reward accounts, and what moved between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from clinic.demo.house import DemoSite, Staff
from clinic.demo.rows import Row, Rows
from clinic.rewards.facts import AccountKind, TransferKind
from clinic.rewards.models import LedgerAccount, LedgerTransfer

SHARED_ACCOUNTS: Final = {
    AccountKind.FUNDING: "Funding for rewards",
    AccountKind.REDEEMED: "Redeemed rewards",
}


@dataclass(slots=True)
class Ledger:
    """The accounts of one site and what moved between them."""

    rows: Rows
    site: DemoSite
    accounts: dict[tuple[AccountKind, str], Row] = field(default_factory=dict)

    def account(self, kind: AccountKind, *, at: datetime, patient_id: UUID | None = None) -> Row:
        """The account, opened when first asked for."""
        name = SHARED_ACCOUNTS.get(kind, str(patient_id))
        if (kind, name) not in self.accounts:
            self.rows.add(
                LedgerAccount,
                id=self.rows.id_at(at),
                site_id=self.site.clock.id,
                kind=kind,
                name=name,
                patient_id=patient_id,
                balance_cents=0,
                version=1,
            )
            self.accounts[kind, name] = self.rows.tables[LedgerAccount.__tablename__][-1]
        return self.accounts[kind, name]

    def move(
        self,
        kind: TransferKind,
        *,
        payer: Row,
        payee: Row,
        amount_cents: int,
        memo: str,
        at: datetime,
        by: Staff,
        reward_visit_id: UUID | None = None,
    ) -> None:
        for account, change_cents in ((payer, -amount_cents), (payee, amount_cents)):
            account["balance_cents"] += change_cents
            account["version"] += 1
        self.rows.add(
            LedgerTransfer,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            kind=kind,
            from_account_id=payer["id"],
            to_account_id=payee["id"],
            amount_cents=amount_cents,
            reward_visit_id=reward_visit_id,
            memo=memo,
            **self.site.happened(at),
            **by.signs(at),
        )

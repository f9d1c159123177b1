"""How to sign in to a demo house: one account for each role, one printed password for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from clinic.demo.house import PASSWORD
from clinic.demo.plans import HARBOR, PATIENT_ACCOUNT, Account
from clinic.staff.facts import Role


@dataclass(frozen=True, slots=True)
class SignInTable:
    """Accounts of the main site and the password they share."""

    accounts: tuple[Account, ...]
    password: str


def _one_per_role() -> tuple[Account, ...]:
    first_of = {account.role: account for account in reversed(HARBOR.staff)}
    first_of[Role.PATIENT] = PATIENT_ACCOUNT
    return tuple(first_of[role] for role in Role)


SIGN_INS: Final = SignInTable(_one_per_role(), PASSWORD)
"""The same for every demo house, whatever was drawn: it can be printed at each start."""


def sign_in_table(table: SignInTable = SIGN_INS) -> str:
    """The table as it stands in a terminal, one line for each account."""
    lines = [
        ("User name", "Password", "Role", "Name"),
        *(
            (account.username, table.password, account.role.label, account.name)
            for account in table.accounts
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )

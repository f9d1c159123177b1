"""Roles, and which verbs each holds. The whole of "who may" is on this page.

Source: clinical-rules section 3.5 (least privilege); 45 CFR 164.312(a).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from clinic.core.permissions import Permission


class Role(StrEnum):
    """What a person does at a site. One person may hold several."""

    FRONT_DESK = "front_desk"
    NURSE = "nurse"
    COUNSELOR = "counselor"
    PRESCRIBER = "prescriber"
    MEDICAL_DIRECTOR = "medical_director"
    PHARMACIST = "pharmacist"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"
    PATIENT = "patient"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


_READS_CHART = frozenset(
    {
        Permission.SIGN_IN_ONLY,
        Permission.FIND_PATIENT,
        Permission.VIEW_CHART,
        Permission.VIEW_PROGRAMS,
        Permission.VIEW_CATALOGUE,
        Permission.VIEW_SCHEDULE,
        Permission.VIEW_DOSING,
        Permission.VIEW_RESULTS,
        Permission.VIEW_REWARDS,
        Permission.VIEW_CENSUS,
        Permission.VIEW_STOCK,
    }
)

_ORDERS = _READS_CHART | {
    Permission.REFER,
    Permission.MOVE_CARE,
    Permission.START_COURSE,
    Permission.BOOK,
    Permission.ORDER_MEDICATION,
    Permission.DECIDE_TAKE_HOMES,
    Permission.RECORD_RESULT,
    Permission.ENROL_REWARDS,
    Permission.EDIT_PATIENT,
    Permission.VIEW_INSPECTION,
}

VERBS_OF: dict[Role, frozenset[Permission]] = {
    Role.FRONT_DESK: frozenset(
        {
            Permission.SIGN_IN_ONLY,
            Permission.FIND_PATIENT,
            Permission.REGISTER_PATIENT,
            Permission.EDIT_PATIENT,
            Permission.VIEW_CHART,
            Permission.VIEW_PROGRAMS,
            Permission.REFER,
            Permission.MOVE_CARE,
            Permission.VIEW_CATALOGUE,
            Permission.START_COURSE,
            Permission.VIEW_SCHEDULE,
            Permission.BOOK,
            Permission.CHECK_IN,
        }
    ),
    Role.NURSE: _READS_CHART
    | {
        Permission.GIVE_DOSE,
        Permission.MANAGE_STOCK,
        Permission.RECORD_RESULT,
        Permission.CHECK_IN,
        Permission.BOOK,
        Permission.EDIT_PATIENT,
    },
    Role.COUNSELOR: _READS_CHART
    | {
        Permission.REFER,
        Permission.START_COURSE,
        Permission.BOOK,
        Permission.CHECK_IN,
        Permission.RECORD_RESULT,
        Permission.ENROL_REWARDS,
        Permission.REDEEM_REWARD,
        Permission.VOID_REWARD,
    },
    Role.PRESCRIBER: _ORDERS,
    Role.MEDICAL_DIRECTOR: _ORDERS
    | {
        Permission.SIGN_STOCK_INCIDENT,
        Permission.DECLARE_EMERGENCY,
        Permission.MANAGE_PROTOCOLS,
        Permission.OVERRIDE_REWARD_TARGET,
        Permission.VIEW_FIDELITY,
    },
    Role.PHARMACIST: _READS_CHART
    | {
        Permission.GIVE_DOSE,
        Permission.MANAGE_STOCK,
        Permission.SIGN_STOCK_INCIDENT,
        Permission.VIEW_INSPECTION,
    },
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.SIGN_IN_ONLY,
            Permission.FIND_PATIENT,
            Permission.REGISTER_PATIENT,
            Permission.VIEW_CHART,
            Permission.VIEW_PROGRAMS,
            Permission.VIEW_CATALOGUE,
            Permission.VIEW_SCHEDULE,
            Permission.MANAGE_RESOURCES,
            Permission.VIEW_CENSUS,
            Permission.IMPORT_RECORDS,
            Permission.VIEW_STOCK,
            Permission.SIGN_STOCK_INCIDENT,
            Permission.VIEW_INSPECTION,
            Permission.DECLARE_EMERGENCY,
            Permission.VIEW_REWARDS,
            Permission.VOID_REWARD,
            Permission.VIEW_FIDELITY,
            Permission.MANAGE_FUNDS,
            Permission.MANAGE_PROTOCOLS,
            Permission.VIEW_AUDIT,
            Permission.MANAGE_STAFF,
            Permission.MANAGE_SITE,
        }
    ),
    Role.INSPECTOR: _READS_CHART
    | {Permission.VIEW_AUDIT, Permission.VIEW_INSPECTION, Permission.VIEW_FIDELITY},
    Role.PATIENT: frozenset({Permission.SIGN_IN_ONLY, Permission.OWN_PORTAL}),
}


def verbs_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Every verb that at least one of the roles holds."""
    return frozenset().union(*(VERBS_OF[role] for role in roles))


PIN_LENGTH = 6


@dataclass(frozen=True, slots=True)
class LockPolicy:
    """How soon an untouched window locks, and how often a PIN may be mistyped.

    Source: site policy; NIST SP 800-63B 5.2.2 asks for a limit on guesses at a short secret.
    """

    idle_seconds: int = 120
    pin_failures_max: int = 3
    """After so many wrong ones in a row only the password opens."""
    source: str = "site policy: the lock of the window"


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """What somebody typed before their session timed out: where it was going, and its fields."""

    path: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a request, as the session row and their roles say at this moment."""

    session_id: UUID
    user_id: UUID
    username: str
    display_name: str
    organization_id: UUID
    site_id: UUID
    roles: frozenset[Role]

"""Roles, and which verbs each holds. The whole of "who may" is on this page.

Source: clinical-rules section 3.5 (least privilege); 45 CFR 164.312(a).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from clinic.core.permissions import Permission as P


class Role(StrEnum):
    """What a person does at a site. One person may hold several."""

    FRONT_DESK = "front_desk"
    NURSE = "nurse"
    COUNSELOR = "counselor"
    PRESCRIBER = "prescriber"
    PHARMACIST = "pharmacist"
    ADMINISTRATOR = "administrator"
    INSPECTOR = "inspector"
    PATIENT = "patient"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


_READS_CHART = frozenset(
    {
        P.SIGN_IN_ONLY,
        P.FIND_PATIENT,
        P.VIEW_CHART,
        P.VIEW_PROGRAMS,
        P.VIEW_CATALOGUE,
        P.VIEW_SCHEDULE,
        P.VIEW_DOSING,
        P.VIEW_RESULTS,
        P.VIEW_REWARDS,
        P.VIEW_CENSUS,
    }
)

VERBS_OF: dict[Role, frozenset[P]] = {
    Role.FRONT_DESK: frozenset(
        {
            P.SIGN_IN_ONLY,
            P.FIND_PATIENT,
            P.REGISTER_PATIENT,
            P.EDIT_PATIENT,
            P.VIEW_CHART,
            P.VIEW_PROGRAMS,
            P.REFER,
            P.MOVE_CARE,
            P.VIEW_CATALOGUE,
            P.START_COURSE,
            P.VIEW_SCHEDULE,
            P.BOOK,
            P.CHECK_IN,
        }
    ),
    Role.NURSE: _READS_CHART | {P.GIVE_DOSE, P.RECORD_RESULT, P.CHECK_IN, P.BOOK, P.EDIT_PATIENT},
    Role.COUNSELOR: _READS_CHART
    | {
        P.REFER,
        P.START_COURSE,
        P.BOOK,
        P.CHECK_IN,
        P.RECORD_RESULT,
        P.ENROL_REWARDS,
        P.REDEEM_REWARD,
    },
    Role.PRESCRIBER: _READS_CHART
    | {
        P.REFER,
        P.MOVE_CARE,
        P.START_COURSE,
        P.BOOK,
        P.ORDER_MEDICATION,
        P.RECORD_RESULT,
        P.ENROL_REWARDS,
        P.EDIT_PATIENT,
    },
    Role.PHARMACIST: _READS_CHART | {P.GIVE_DOSE},
    Role.ADMINISTRATOR: frozenset(
        {
            P.SIGN_IN_ONLY,
            P.FIND_PATIENT,
            P.REGISTER_PATIENT,
            P.VIEW_CHART,
            P.VIEW_PROGRAMS,
            P.VIEW_CATALOGUE,
            P.VIEW_SCHEDULE,
            P.MANAGE_RESOURCES,
            P.VIEW_CENSUS,
            P.IMPORT_RECORDS,
            P.VIEW_AUDIT,
            P.MANAGE_STAFF,
            P.MANAGE_SITE,
        }
    ),
    Role.INSPECTOR: _READS_CHART | {P.VIEW_AUDIT},
    Role.PATIENT: frozenset({P.SIGN_IN_ONLY, P.OWN_PORTAL}),
}


def verbs_of(roles: frozenset[Role]) -> frozenset[P]:
    """Every verb that at least one of the roles holds."""
    return frozenset().union(*(VERBS_OF[role] for role in roles))


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

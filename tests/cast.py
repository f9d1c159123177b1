"""The people of the tests: one of each role at the north site, one outsider who must see nothing.

Ids are fixed, so that a failing test always names the same person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from clinic.core.actors import Actor
from clinic.core.service_dates import SiteClock
from clinic.staff.facts import Role, verbs_of

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
"""A Tuesday, 09:00 in New York."""

PASSWORD = "correct horse battery"
ORGANIZATION = UUID("00000000-0000-7000-8000-000000000001")
NORTH = SiteClock(UUID("00000000-0000-7000-8000-0000000000a1"), ORGANIZATION, "America/New_York")
SOUTH = SiteClock(UUID("00000000-0000-7000-8000-0000000000a2"), ORGANIZATION, "America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Member:
    id: UUID
    username: str
    name: str
    role: Role
    site: SiteClock = NORTH

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.name, verbs_of(frozenset({self.role})))


def _member(number: int, username: str, name: str, role: Role, site: SiteClock = NORTH) -> Member:
    return Member(
        UUID(f"00000000-0000-7000-8000-0000000001{number:02d}"), username, name, role, site
    )


FRANK = _member(1, "frank", "Frank Frontdesk", Role.FRONT_DESK)
NORA = _member(2, "nora", "Nora Nurse", Role.NURSE)
CARL = _member(3, "carl", "Carl Counselor", Role.COUNSELOR)
PIA = _member(4, "pia", "Pia Prescriber", Role.PRESCRIBER)
PHIL = _member(5, "phil", "Phil Pharmacist", Role.PHARMACIST)
ADA = _member(6, "ada", "Ada Administrator", Role.ADMINISTRATOR)
INGRID = _member(7, "ingrid", "Ingrid Inspector", Role.INSPECTOR)
PAT = _member(8, "pat", "Pat Patient", Role.PATIENT)
NELL = _member(9, "nell", "Nell Secondnurse", Role.NURSE)
OLGA = _member(10, "olga", "Olga Outsider", Role.NURSE, SOUTH)
MEG = _member(11, "meg", "Meg Medicaldirector", Role.MEDICAL_DIRECTOR)

EVERYBODY = (FRANK, NORA, CARL, PIA, PHIL, ADA, INGRID, PAT, NELL, OLGA, MEG)
ONE_PER_ROLE = (FRANK, NORA, CARL, PIA, MEG, PHIL, ADA, INGRID, PAT)

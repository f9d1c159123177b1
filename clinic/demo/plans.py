"""The demo's two sites on paper: who works there, and the rooms, devices and beds they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from clinic.staff.facts import Role


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    name: str
    role: Role
    skills: tuple[str, ...] = ()
    """What this person can do in a session, in the catalogue's words; none: not booked."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A site before it has rows."""

    code: str
    name: str
    time_zone: str
    address: str
    telephone: str
    capacity: int
    windows: int
    staff: tuple[Account, ...]
    rooms: Mapping[str, int]
    devices: Mapping[str, int] = field(default_factory=dict)
    beds: int = 0


PATIENT_ACCOUNT: Final = Account("patient", "Portal patient", Role.PATIENT)

HARBOR: Final = Plan(
    code="harbor",
    name="Harbor Street Clinic",
    time_zone="America/New_York",
    address="1 Harbor Street, Demo City",
    telephone="555-0100",
    capacity=350,
    windows=2,
    beds=24,
    staff=(
        Account("frontdesk", "Fern Gateway", Role.FRONT_DESK),
        Account("nurse", "Nell Brookside", Role.NURSE, ("nurse",)),
        Account("counselor", "Clay Meadows", Role.COUNSELOR, ("counselor",)),
        Account("prescriber", "Pearl Waters", Role.PRESCRIBER, ("prescriber",)),
        Account("director", "Dora Headland", Role.MEDICAL_DIRECTOR, ("prescriber",)),
        Account("pharmacist", "Phil Lakeland", Role.PHARMACIST),
        Account("admin", "Ada Lighthouse", Role.ADMINISTRATOR),
        Account("inspector", "Iris Beacon", Role.INSPECTOR),
        Account("frontdesk2", "Sandy Pier", Role.FRONT_DESK),
        *(
            Account(f"nurse{number}", name, Role.NURSE, ("nurse",))
            for number, name in enumerate(
                ("Nora Ferry", "Noah Jetty", "Nina Quay", "Ned Anchor", "Nadia Dock"), start=2
            )
        ),
        *(
            Account(f"counselor{number}", name, Role.COUNSELOR, ("counselor",))
            for number, name in enumerate(
                ("Cora Tidewell", "Cole Shoreham", "Cleo Sandbank", "Cyrus Bay", "Cass Inlet"),
                start=2,
            )
        ),
        *(
            Account(f"prescriber{number}", name, Role.PRESCRIBER, ("prescriber",))
            for number, name in enumerate(
                ("Paul Estuary", "Petra Lagoon", "Priya Harborne", "Piet Delta"), start=2
            )
        ),
        *(
            Account(f"therapist{number}", name, Role.COUNSELOR, ("psychotherapist",))
            for number, name in enumerate(("Thea Reef", "Theo Cape", "Tamar Isle"), start=1)
        ),
        Account("tms", "Tess Current", Role.COUNSELOR, ("tms_operator",)),
        Account("tms2", "Tomas Wave", Role.COUNSELOR, ("tms_operator",)),
        Account("guide", "Gail Fathom", Role.COUNSELOR, ("psychedelic_facilitator",)),
        Account("guide2", "Gus Sounding", Role.COUNSELOR, ("psychedelic_facilitator",)),
        Account("mindfulness", "Mina Still", Role.COUNSELOR, ("mindfulness_teacher",)),
        Account("dietitian", "Dina Orchard", Role.COUNSELOR, ("dietitian",)),
        Account("acupuncturist", "Akira Reedpoint", Role.COUNSELOR, ("acupuncturist",)),
        Account("trainer", "Trent Oarsman", Role.COUNSELOR, ("exercise_specialist",)),
        Account("research", "Rhea Logbook", Role.COUNSELOR, ("research_coordinator",)),
    ),
    rooms={
        "counseling_room": 6,
        "group_room": 2,
        "collection_room": 3,
        "video_room": 2,
        "infusion_room": 2,
        "withdrawal_room": 2,
        "dosing_window": 2,
        "injection_room": 1,
        "tms_room": 1,
        "quiet_suite": 1,
        "gym": 1,
    },
    devices={"tms_stimulator": 1, "vr_headset": 2, "vital_signs_monitor": 2},
)
LAKESIDE: Final = Plan(
    code="lakeside",
    name="Lakeside Clinic",
    time_zone="America/Chicago",
    address="2 Lakeside Drive, Sample Town",
    telephone="555-0199",
    capacity=60,
    windows=1,
    staff=(
        Account("lakefrontdesk", "Lars Mooring", Role.FRONT_DESK),
        Account("lakenurse", "Lena Ripple", Role.NURSE, ("nurse",)),
        Account("lakenurse2", "Lou Pond", Role.NURSE, ("nurse",)),
        Account("lakecounselor", "Lily Marsh", Role.COUNSELOR, ("counselor",)),
        Account("lakecounselor2", "Leif Creek", Role.COUNSELOR, ("counselor",)),
        Account("laketherapist", "Luz Cascade", Role.COUNSELOR, ("psychotherapist",)),
        Account("lakeprescriber", "Liam Spring", Role.PRESCRIBER, ("prescriber",)),
    ),
    rooms={
        "counseling_room": 2,
        "group_room": 1,
        "collection_room": 1,
        "video_room": 1,
        "injection_room": 1,
        "dosing_window": 1,
    },
)
PLANS: Final = (HARBOR, LAKESIDE)

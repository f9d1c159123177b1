"""Calls to patients who did not come, and misses the clinic itself caused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from clinic.dosing.facts.window import PatientCard


class OutreachKind(StrEnum):
    """What the missed days ask for."""

    MESSAGE = "message"
    PHONE = "phone"
    WELFARE_CHECK = "welfare_check"

    @property
    def label(self) -> str:
        return {
            OutreachKind.MESSAGE: "Send a message",
            OutreachKind.PHONE: "Call",
            OutreachKind.WELFARE_CHECK: "Welfare check",
        }[self]


class ContactMethod(StrEnum):
    MESSAGE = "message"
    PHONE = "phone"
    EMERGENCY_CONTACT = "emergency_contact"
    VISIT = "visit"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class ContactOutcome(StrEnum):
    """What came of one attempt."""

    NO_ANSWER = "no_answer"
    LEFT_MESSAGE = "left_message"
    COMING_BACK = "coming_back"
    IN_HOSPITAL = "in_hospital"
    IN_CUSTODY = "in_custody"
    DOSED_ELSEWHERE = "dosed_elsewhere"
    LEAVING_TREATMENT = "leaving_treatment"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def is_answer(self) -> bool:
        """Somebody now knows where the patient is: the task is done."""
        return self not in {ContactOutcome.NO_ANSWER, ContactOutcome.LEFT_MESSAGE}


class ClinicCause(StrEnum):
    """Why a dose was missed although the patient did nothing wrong."""

    CLOSED_UNEXPECTEDLY = "closed_unexpectedly"
    WINDOW_DOWN = "window_down"
    NO_STOCK = "no_stock"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class OutreachPolicy:
    """What is asked for after how many missed days; then weekly until ``until_days``."""

    message_after_missed: int = 1
    phone_after_missed: int = 2
    welfare_check_after_missed: int = 3
    again_every_days: int = 7
    until_days: int = 30
    source: str = "site policy: outreach after missed doses"


@dataclass(frozen=True, slots=True)
class Contact:
    attempt: int
    at: datetime
    by: str
    method: ContactMethod
    outcome: ContactOutcome
    note: str


@dataclass(frozen=True, slots=True)
class OutreachTask:
    """A patient somebody should reach, with what was tried. ``missed_on`` is the day missed.

    ``with_id`` and ``with_name`` say who took it on; nobody has when they are empty.
    """

    id: UUID
    patient: PatientCard
    kind: OutreachKind
    missed_on: date
    missed_days: int
    due_on: date
    contacts: tuple[Contact, ...] = ()
    phone: str = ""
    with_id: UUID | None = None
    with_name: str = ""


@dataclass(frozen=True, slots=True)
class Attendance:
    """Days ordered for in a period: came, missed, and missed because of the clinic."""

    expected: int
    attended: int
    missed: tuple[date, ...]
    clinic_caused: tuple[date, ...]

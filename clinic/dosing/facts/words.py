"""Medications and how they are made up, orders, places in the queue, holds, stock movements."""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    STOPPED = "stopped"


class DoseOrigin(StrEnum):
    """Where a dose row comes from: the window, its paper after an outage, or a history from
    elsewhere.
    """

    WINDOW = "window"
    DOWNTIME = "downtime"
    HISTORY = "history"


class Place(StrEnum):
    """Where a patient stands in the day's derived queue."""

    EXPECTED = "expected"
    IN_LINE = "in_line"
    AT_WINDOW = "at_window"
    HELD = "held"
    DOSED = "dosed"
    COVERED = "covered"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class HoldReason(StrEnum):
    """Why no dose is given, in the order of the digit keys at the window."""

    MISSED_DOSES = "missed_doses"
    IMPAIRMENT = "impairment"
    IDENTITY = "identity"
    SUBSTANCE = "substance"
    MEDICAL = "medical"
    DIVERSION = "diversion"
    CONDUCT = "conduct"
    PRESCRIBER = "prescriber"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            HoldReason.MISSED_DOSES: "Missed doses",
            HoldReason.IMPAIRMENT: "Appears impaired",
            HoldReason.IDENTITY: "Identity not confirmed",
            HoldReason.SUBSTANCE: "Alcohol or sedatives suspected",
            HoldReason.MEDICAL: "Medical concern",
            HoldReason.DIVERSION: "Dose not swallowed, diversion suspected",
            HoldReason.CONDUCT: "Threat or violence",
            HoldReason.PRESCRIBER: "Prescriber must see the patient",
            HoldReason.OTHER: "Other",
        }[self]


class VoidReason(StrEnum):
    """Why a dose row is taken back."""

    RECORDED_IN_ERROR = "recorded_in_error"
    SPILLED = "spilled"
    REFUSED = "refused"
    VOMITED = "vomited"
    PARTLY_SWALLOWED = "partly_swallowed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def may_have_been_absorbed(self) -> bool:
        """Some of the dose may be in the patient: only the prescriber decides about another."""
        return self in {VoidReason.VOMITED, VoidReason.PARTLY_SWALLOWED}


class QtcMethod(StrEnum):
    """How the heart rate was taken out of a QT time."""

    BAZETT = "bazett"
    FRIDERICIA = "fridericia"
    AS_PRINTED = "as_printed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class PlanKind(StrEnum):
    """A run of orders decided at once."""

    TITRATION = "titration"
    TAPER = "taper"

    @property
    def label(self) -> str:
        return {PlanKind.TITRATION: "Steps up", PlanKind.TAPER: "Taper"}[self]

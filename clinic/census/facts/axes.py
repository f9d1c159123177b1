"""What can be counted, in which levels of care, and what a move does to the count."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from clinic.programs.facts import LEVELS_OF_CARE, CareState

CARE_LEVELS = tuple(state for state in CareState if state in LEVELS_OF_CARE)
"""The levels of care in the order of the pathway. Who has interim services still waits."""

BED_LEVELS = frozenset(
    {
        CareState.WITHDRAWAL_MANAGEMENT,
        CareState.MEDICALLY_MANAGED_INPATIENT,
        CareState.RESIDENTIAL_HIGH,
        CareState.RESIDENTIAL_LOW,
    }
)
"""Levels that give a bed for the night. Source: ASAM Criteria 3rd edition, levels 3.1 to 4."""


class Axis(StrEnum):
    """What a number of the census counts, and so whose names stand behind it."""

    IN_CARE = "in_care"
    BEDS = "beds"
    WAITING = "waiting"
    LEVEL = "level"
    MEDICATION = "medication"
    MODALITY = "modality"
    UNIT = "unit"
    COUNSELOR = "counselor"
    PAYER = "payer"
    SEX = "sex"
    AGE = "age"
    PREGNANT = "pregnant"
    ADMITTED = "admitted"
    READMITTED = "readmitted"
    TRANSFERRED_IN = "transferred_in"
    TRANSFERRED_OUT = "transferred_out"
    DISCHARGED = "discharged"
    REASON = "reason"
    WORK = "work"

    @property
    def label(self) -> str:
        return AXIS_LABELS[self]

    @property
    def counts_moves(self) -> bool:
        """Counts what happened during the day, not who is there when it ends."""
        return self in MOVE_AXES


AXIS_LABELS: Mapping[Axis, str] = {
    Axis.IN_CARE: "In care",
    Axis.BEDS: "In a bed",
    Axis.WAITING: "Waiting",
    Axis.LEVEL: "Level of care",
    Axis.MEDICATION: "Medication",
    Axis.MODALITY: "Modality",
    Axis.UNIT: "Unit",
    Axis.COUNSELOR: "Counselor",
    Axis.PAYER: "Payer",
    Axis.SEX: "Sex",
    Axis.AGE: "Age",
    Axis.PREGNANT: "Pregnancy",
    Axis.ADMITTED: "Admitted",
    Axis.READMITTED: "Readmitted",
    Axis.TRANSFERRED_IN: "Transferred in",
    Axis.TRANSFERRED_OUT: "Transferred out",
    Axis.DISCHARGED: "Discharged",
    Axis.REASON: "Discharge reason",
    Axis.WORK: "To look after",
}
MOVE_AXES = frozenset(
    {
        Axis.ADMITTED,
        Axis.READMITTED,
        Axis.TRANSFERRED_IN,
        Axis.TRANSFERRED_OUT,
        Axis.DISCHARGED,
        Axis.REASON,
    }
)


SPLIT_AXES = (
    Axis.LEVEL,
    Axis.MEDICATION,
    Axis.MODALITY,
    Axis.UNIT,
    Axis.COUNSELOR,
    Axis.PAYER,
    Axis.SEX,
    Axis.AGE,
    Axis.PREGNANT,
)
"""What the patients in care are told apart by; a slice names one value of some of them."""


class Column(StrEnum):
    """One number of a line that reconciles."""

    YESTERDAY = "yesterday"
    ADMITTED = "admitted"
    TRANSFERRED_IN = "transferred_in"
    TRANSFERRED_OUT = "transferred_out"
    DISCHARGED = "discharged"
    TODAY = "today"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class MoveKind(StrEnum):
    """What a transition does to the census."""

    ADMISSION = "admission"
    TRANSFER = "transfer"
    DISCHARGE = "discharge"
    OUTSIDE_CARE = "outside_care"
    """An inquiry, a place on the waitlist, a name taken off it: nobody enters or leaves care."""

    @classmethod
    def of(cls, from_state: CareState | None, *, to_state: CareState) -> MoveKind:
        was_in_care = from_state in LEVELS_OF_CARE
        if to_state in LEVELS_OF_CARE:
            return cls.TRANSFER if was_in_care else cls.ADMISSION
        return cls.DISCHARGE if was_in_care else cls.OUTSIDE_CARE

"""Medications, how they are made up, and what moves them in and out of stock."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Medication(StrEnum):
    """Medications for opioid use disorder the program gives."""

    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"
    BUPRENORPHINE_NALOXONE = "buprenorphine_naloxone"
    NALTREXONE = "naltrexone"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {"buprenorphine_naloxone": "Buprenorphine/naloxone"}.get(
            self.value, self.value.capitalize()
        )

    @property
    def is_agonist(self) -> bool:
        """Full or partial: either excludes naltrexone. Source: Vivitrol label."""
        return self in {
            Medication.METHADONE,
            Medication.BUPRENORPHINE,
            Medication.BUPRENORPHINE_NALOXONE,
        }

    @property
    def excludes_agonists(self) -> bool:
        return self is Medication.NALTREXONE


class Form(StrEnum):
    """How the medication is made up."""

    ORAL_CONCENTRATE = "oral_concentrate"
    TABLET = "tablet"
    DISPERSIBLE_TABLET = "dispersible_tablet"
    SUBLINGUAL = "sublingual"
    INJECTION = "injection"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


FORMS_OF: Mapping[Medication, frozenset[Form]] = MappingProxyType(
    {
        Medication.METHADONE: frozenset(
            {Form.ORAL_CONCENTRATE, Form.TABLET, Form.DISPERSIBLE_TABLET}
        ),
        Medication.BUPRENORPHINE: frozenset({Form.SUBLINGUAL, Form.INJECTION}),
        Medication.BUPRENORPHINE_NALOXONE: frozenset({Form.SUBLINGUAL}),
        Medication.NALTREXONE: frozenset({Form.TABLET, Form.INJECTION}),
        Medication.OTHER: frozenset(),
    }
)
"""How each may be ordered here; methadone by mouth only. Source: 42 CFR 8.12(h)(3)(i)."""


class Schedule(StrEnum):
    """How closely the law controls a product. Source: 21 CFR 1308."""

    C_II = "C-II"
    C_III = "C-III"
    NOT_CONTROLLED = "not_controlled"

    @property
    def label(self) -> str:
        return {"not_controlled": "Not controlled"}.get(self.value, self.value)


class StockPlace(StrEnum):
    """Where stock stands, and where it comes from and goes to: the accounts of the ledger."""

    SAFE = "safe"
    WINDOW = "window"
    PUMP = "pump"
    PREPARATION = "preparation"
    """The bench where take-home bottles are filled."""
    QUARANTINE = "quarantine"
    """Returned, expired or damaged: waiting for two people to waste it."""
    SUPPLIER = "supplier"
    PATIENT = "patient"
    WASTE = "waste"
    DESTROYED = "destroyed"
    """By a reverse distributor or on Form 41. Source: 21 CFR 1317."""
    VARIANCE = "variance"
    """What a count found missing or too much."""

    @property
    def is_inside(self) -> bool:
        return self in INSIDE

    @property
    def label(self) -> str:
        return {"preparation": "Take-home preparation"}.get(self.value, self.value.capitalize())


INSIDE = frozenset(
    {
        StockPlace.SAFE,
        StockPlace.WINDOW,
        StockPlace.PUMP,
        StockPlace.PREPARATION,
        StockPlace.QUARANTINE,
    }
)
NUMBERED = frozenset({StockPlace.WINDOW, StockPlace.PUMP})


class StockMovementKind(StrEnum):
    """Why stock moved from one account to another."""

    RECEIVED = "received"
    INITIAL = "initial"
    """In hand when the record began. Source: 21 CFR 1304.11(b)."""
    OPENED = "opened"
    MOVED = "moved"
    CLOSED = "closed"
    """The remainder goes back to the safe."""
    DOSE = "dose"
    DOSE_RETURNED = "dose_returned"
    TAKE_HOME = "take_home"
    VOLUME_RETURNED = "volume_returned"
    """The pump drew it and did not pour it."""
    RETURNED = "returned"
    """A take-home bottle a patient brought back: into quarantine, never into use."""
    WASTE = "waste"
    SPILL = "spill"
    DESTROYED = "destroyed"
    ADJUSTED = "adjusted"
    """The book follows a count two people agree on."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


WITNESSED = frozenset(
    {
        StockMovementKind.WASTE,
        StockMovementKind.SPILL,
        StockMovementKind.DESTROYED,
        StockMovementKind.ADJUSTED,
    }
)
"""Two people, always. Source: site policy: nobody both asks for a waste and approves it."""

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
    SUBLINGUAL = "sublingual"
    INJECTION = "injection"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


FORMS_OF: Mapping[Medication, frozenset[Form]] = MappingProxyType(
    {
        Medication.METHADONE: frozenset({Form.ORAL_CONCENTRATE, Form.TABLET}),
        Medication.BUPRENORPHINE: frozenset({Form.SUBLINGUAL, Form.INJECTION}),
        Medication.BUPRENORPHINE_NALOXONE: frozenset({Form.SUBLINGUAL}),
        Medication.NALTREXONE: frozenset({Form.TABLET, Form.INJECTION}),
        Medication.OTHER: frozenset(),
    }
)
"""How each may be ordered here; methadone by mouth only. Source: 42 CFR 8.12(h)(3)(i)."""


class StockMovementKind(StrEnum):
    OPENED = "opened"
    DOSE = "dose"
    DOSE_RETURNED = "dose_returned"
    WASTE = "waste"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

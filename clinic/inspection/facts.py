"""An inspection pack: sections of rows, each with the rule that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class InspectionPolicy:
    """Papers that live outside this program, as the site names them, and the pack's longest range.

    Source: DEA guideline for narcotic treatment programs, appendix C (what a visit asks for).
    """

    days_max: int = 92
    days_default: int = 7
    decisions_shown: int = 20
    dea_registration: str = ""
    state_licence: str = ""
    delivery_designees: str = ""
    alarm_contract: str = ""
    powers_of_attorney: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One thing the law asks to see. ``name`` is its file in the archive."""

    name: str
    title: str
    source: str
    headers: tuple[str, ...]
    rows: Sequence[Sequence[object]]
    empty: str = "None in this period."


@dataclass(frozen=True, slots=True)
class Period:
    """Clinic days ``[first, until)``."""

    first: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.first).days


@dataclass(frozen=True, slots=True)
class InspectionPack:
    site: str
    address: str
    period: Period
    sections: tuple[Section, ...]

"""Counts as they leave the house, and the reports made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class OutsideLine(NamedTuple):
    """One count as an outsider may read it."""

    axis: str
    label: str
    patients: int | str


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months of a calendar year, half-open; ``number`` 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, 1 + (day.month - 1) // 3)

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def until(self) -> date:
        return self.next.first

    @property
    def next(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> Quarter:
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    @property
    def label(self) -> str:
        return f"quarter {self.number} of {self.year}"


@dataclass(frozen=True, slots=True)
class ContingencyQuarter:
    """What contingency management cost in a quarter, and what is owed at its end."""

    quarter: Quarter
    patients_earning: int
    visits: int
    negatives: int
    earned_cents: int
    redeemed_cents: int
    voided_cents: int
    liability_cents: int


@dataclass(frozen=True, slots=True)
class SurveyTerms:
    """When the national survey counts. Source: N-SUMHSS; the reference date is its end of March."""

    reference_month: int = 3
    reference_day: int = 31
    source: str = "N-SUMHSS, point-in-time counts; reference date end of March"


class SurveyLine(NamedTuple):
    """One answer of the survey; ``note`` says what it counts, or why nothing is counted."""

    section: str
    item: str
    counted: int | None
    note: str

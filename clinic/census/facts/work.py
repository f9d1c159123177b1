"""What a morning looks after: who is to be dosed, asked after, reviewed; load and books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from clinic.patients.facts import PersonName


class WorkList(StrEnum):
    """A list of patients that somebody has to do something about."""

    NOT_DOSED = "not_dosed"
    MISSED_1 = "missed_1"
    MISSED_2 = "missed_2"
    MISSED_3 = "missed_3"
    ORDERS_ENDING = "orders_ending"
    REVIEWS_DUE = "reviews_due"
    UNSEEN = "unseen"
    SEEN_OUTSIDE = "seen_outside"

    @property
    def label(self) -> str:
        return WORK_LABELS[self]


WORK_LABELS: Mapping[WorkList, str] = {
    WorkList.NOT_DOSED: "Not yet dosed",
    WorkList.MISSED_1: "Missed 1 day",
    WorkList.MISSED_2: "Missed 2 days",
    WorkList.MISSED_3: "Missed 3 days or more",
    WorkList.ORDERS_ENDING: "Orders that end soon, none to follow",
    WorkList.REVIEWS_DUE: "Take-home reviews due soon",
    WorkList.UNSEEN: "In care, but long not seen",
    WorkList.SEEN_OUTSIDE: "Seen, but not in care",
}


@dataclass(frozen=True, slots=True)
class WorkTerms:
    """How far the morning looks ahead and back."""

    orders_ahead_days: int = 7
    reviews_ahead_days: int = 14
    unseen_days: int = 14
    source: str = "site policy: horizons of the morning page"


@dataclass(frozen=True, slots=True)
class ResourceLoad:
    """What one resource has to do on a day."""

    name: str
    kind: str
    sessions: int
    minutes: int
    patients: int


@dataclass(frozen=True, slots=True)
class DayWork:
    """``lists`` names patients; the page shows only how many."""

    terms: WorkTerms
    lists: Mapping[WorkList, frozenset[UUID]]
    load: tuple[ResourceLoad, ...]
    unclosed_days: tuple[date, ...]
    liability_cents: int

    def count(self, which: WorkList) -> int:
        return len(self.lists[which])


@dataclass(frozen=True, slots=True)
class Correction:
    """A fact of that day or before, recorded after its evening."""

    patient_id: UUID
    name: PersonName
    what: str
    service_date: date
    recorded_at: datetime
    recorded_by_name: str


@dataclass(frozen=True, slots=True)
class PeriodTotals:
    """A run of days in four numbers."""

    first: date
    last: date
    patient_days: int
    admitted: int
    discharged: int
    in_care: int

"""Who and what serves each date of a series: needs and diaries in, a proposal out.

The same person and the same room all the way through if one is free on every date; otherwise the
one free most often, with a substitute named for each other date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from clinic.core.service_dates import SiteClock
from clinic.scheduling.facts import (
    Candidate,
    ClashCause,
    Diary,
    FoundClash,
    Need,
    Occurrence,
    OpenDays,
    PlacedVisit,
    Placement,
    ResourceName,
    Setting,
    Wish,
)
from clinic.scheduling.rules.clashes import find_clashes, spoken


def place(
    dates: Sequence[Occurrence],
    *,
    needs: Sequence[Need],
    candidates: Sequence[Candidate],
    patient: tuple[UUID, Diary] | None,
    open_days: OpenDays,
    clock: SiteClock,
    setting: Setting = Setting.IN_PERSON,
) -> Placement:
    """Choose resources for every date, or say for each date why it cannot be had.

    Candidates are preferred in the order given.
    Invariant: a placed date has every need filled with different, free resources.
    """
    search = _Search(tuple(dates), tuple(candidates), clock)
    for need in needs:
        for _ in range(need.count):
            search.fill(need)
    diaries = {patient[0]: patient[1]} if patient else {}
    wishes = [Wish(each, patients=tuple(diaries)) for each in dates]
    found = find_clashes(wishes, diaries=diaries, open_days=open_days, clock=clock, setting=setting)
    return search.proposal(found)


@dataclass(slots=True)
class _Search:
    dates: tuple[Occurrence, ...]
    candidates: tuple[Candidate, ...]
    clock: SiteClock
    chosen: dict[int, list[ResourceName]] = field(default_factory=dict)
    exceptions: list[str] = field(default_factory=list)
    found: list[FoundClash] = field(default_factory=list)

    def fill(self, need: Need) -> None:
        """Give every date one more resource for the need."""
        fitting = [
            candidate
            for candidate in self.candidates
            if candidate.resource.is_active
            and candidate.resource.kind is need.kind
            and need.skill in candidate.resource.skills
        ]
        if not fitting:
            self._nobody(self.dates, f"no {need.label} is entered at this site")
            return
        free = {candidate.resource.id: self._free_numbers(candidate) for candidate in fitting}
        usual = max(
            fitting, key=lambda each: (each.is_wanted, len(free[each.resource.id]))
        ).resource
        for occurrence in self.dates:
            self._fill_date(occurrence, need, usual, fitting, free)

    def _fill_date(
        self,
        occurrence: Occurrence,
        need: Need,
        usual: ResourceName,
        fitting: Sequence[Candidate],
        free: Mapping[UUID, frozenset[int]],
    ) -> None:
        number = occurrence.number
        if number in free[usual.id]:
            self.chosen.setdefault(number, []).append(usual)
            return
        other = next((each.resource for each in fitting if number in free[each.resource.id]), None)
        if other is None:
            self._nobody((occurrence,), f"no {need.label} is free")
            return
        self.chosen.setdefault(number, []).append(other)
        when = spoken(occurrence.period, self.clock)
        self.exceptions.append(f"{when}: {other.name}, because {usual.name} is taken.")

    def _free_numbers(self, candidate: Candidate) -> frozenset[int]:
        return frozenset(
            occurrence.number
            for occurrence in self.dates
            if candidate.resource not in self.chosen.get(occurrence.number, ())
            and not candidate.diary.during(occurrence.period)
        )

    def _nobody(self, dates: Sequence[Occurrence], why: str) -> None:
        self.found += [
            FoundClash(
                ClashCause.NOBODY_FREE, each.on, f"{spoken(each.period, self.clock)}: {why}."
            )
            for each in dates
        ]

    def proposal(self, other: Sequence[FoundClash]) -> Placement:
        found = tuple(sorted([*self.found, *other], key=lambda clash: clash.on))
        clashing = {clash.on for clash in found}
        placed = tuple(
            PlacedVisit(each, tuple(self.chosen.get(each.number, ())))
            for each in self.dates
            if each.on not in clashing
        )
        return Placement(placed, tuple(self.exceptions), found)

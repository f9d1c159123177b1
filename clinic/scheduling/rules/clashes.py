"""Every reason a wanted time cannot be had, date by date, before anything is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final
from uuid import UUID

from clinic.core.periods import Period
from clinic.core.service_dates import SiteClock
from clinic.scheduling.facts import (
    ClashCause,
    Diary,
    FoundClash,
    Occurrence,
    OpenDays,
    ResourceKind,
    ResourceName,
    Setting,
    Wish,
)

TAKEN: Final[Mapping[ResourceKind, ClashCause]] = {
    ResourceKind.STAFF: ClashCause.STAFF_TAKEN,
    ResourceKind.ROOM: ClashCause.ROOM_TAKEN,
    ResourceKind.DEVICE: ClashCause.DEVICE_TAKEN,
    ResourceKind.BED: ClashCause.BED_TAKEN,
}


def find_clashes(
    wishes: Sequence[Wish],
    *,
    diaries: Mapping[UUID, Diary],
    open_days: OpenDays,
    clock: SiteClock,
    setting: Setting = Setting.IN_PERSON,
) -> tuple[FoundClash, ...]:
    """Every cause on every date; empty when all wishes can be had together.

    ``diaries`` are keyed by resource and by patient; whoever has none is free. Opening hours
    bind visits in person; a closed day binds all.
    Shape: in order of date, then of cause.
    """
    found = [
        *(
            clash
            for wish in wishes
            for clash in day_clashes(
                wish.occurrence, open_days=open_days, clock=clock, setting=setting
            )
        ),
        *(clash for wish in wishes for clash in _held(wish, diaries, clock)),
        *_asked_twice(wishes, clock),
    ]
    causes = list(ClashCause)
    return tuple(sorted(found, key=lambda clash: (clash.on, causes.index(clash.cause))))


def day_clashes(
    occurrence: Occurrence,
    *,
    open_days: OpenDays,
    clock: SiteClock,
    setting: Setting = Setting.IN_PERSON,
) -> Iterator[FoundClash]:
    """What the site's calendar has against a time, whoever would take part."""
    moment = spoken(occurrence.period, clock)
    closed = open_days.why_closed(occurrence.on)
    if closed:
        message = f"{moment}: the site is closed ({closed})."
        yield FoundClash(ClashCause.CLOSED_DAY, occurrence.on, message)
    elif setting is Setting.IN_PERSON and not _within_hours(occurrence, open_days, clock):
        opens, closes = open_days.hours[occurrence.on.weekday()]
        message = f"{moment}: the site is open from {opens:%H:%M} to {closes:%H:%M}."
        yield FoundClash(ClashCause.OUTSIDE_HOURS, occurrence.on, message)


def spoken(period: Period, clock: SiteClock) -> str:
    """A period as people at the site say it."""
    starts, ends = clock.local(period.starts_at), clock.local(period.ends_at)
    return f"{starts:%a %d %b %Y %H:%M}-{ends:%H:%M}"


def _within_hours(occurrence: Occurrence, open_days: OpenDays, clock: SiteClock) -> bool:
    opens, closes = open_days.hours[occurrence.on.weekday()]
    return clock.instant(
        occurrence.on, opens
    ) <= occurrence.period.starts_at and occurrence.period.ends_at <= clock.instant(
        occurrence.on, closes
    )


def _held(wish: Wish, diaries: Mapping[UUID, Diary], clock: SiteClock) -> Iterator[FoundClash]:
    period, on = wish.occurrence.period, wish.occurrence.on
    moment = spoken(period, clock)
    free = Diary()
    for resource in wish.resources:
        if not resource.is_active:
            yield FoundClash(ClashCause.NOT_IN_USE, on, f"{moment}: {resource.name} is not in use.")
        for held in diaries.get(resource.id, free).during(period):
            yield FoundClash(TAKEN[resource.kind], on, _taken(moment, resource, held.title))
    for patient in wish.patients:
        for held in diaries.get(patient, free).during(period):
            at = spoken(held.period, clock)
            message = f"{moment}: the patient has another visit then ({held.title}, {at})."
            yield FoundClash(ClashCause.PATIENT_BUSY, on, message)


def _taken(moment: str, resource: ResourceName, title: str) -> str:
    return f"{moment}: {resource.name} is taken ({title})."


def _asked_twice(wishes: Sequence[Wish], clock: SiteClock) -> Iterator[FoundClash]:
    in_order = sorted(wishes, key=lambda wish: wish.occurrence.period)
    for earlier, later in pairwise(in_order):
        if earlier.occurrence.period.overlaps(later.occurrence.period):
            message = f"{spoken(later.occurrence.period, clock)}: overlaps the session before it."
            yield FoundClash(ClashCause.ASKED_TWICE, later.occurrence.on, message)

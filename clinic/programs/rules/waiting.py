"""Who is admitted first, and by when somebody who waits must be admitted or served."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.core.decision import Decision, Effect, Reason
from clinic.programs.facts import Capacity, CapacityTerms, CareState, Priority, PriorityTerms
from clinic.programs.rules.clocks import priority_admission

_PRIORITY_TERMS = PriorityTerms()
_CAPACITY_TERMS = CapacityTerms()


@dataclass(frozen=True, slots=True)
class Deadlines:
    """By when to admit, and by when to begin interim services; None where no rule asks."""

    admit_by: date | None
    interim_services_by: datetime | None

    def overdue(self, *, now: datetime, today: date) -> bool:
        late_to_admit = self.admit_by is not None and today > self.admit_by
        late_to_serve = self.interim_services_by is not None and now > self.interim_services_by
        return late_to_admit or late_to_serve


def priority(*, pregnant: bool, injects: bool) -> Priority:
    """Source: 45 CFR 96.131(b) and (c); 96.126(e)."""
    if pregnant:
        return Priority.PREGNANT_INJECTING if injects else Priority.PREGNANT
    return Priority.INJECTING if injects else Priority.OTHER


def deadlines(
    state: CareState,
    *,
    requested_at: datetime,
    pregnant: bool,
    injects: bool,
    has_room: bool,
    zone: ZoneInfo,
    terms: PriorityTerms = _PRIORITY_TERMS,
) -> Deadlines:
    """The deadlines of somebody who waits.

    Interim services, once begun, stretch the admission of somebody who injects and end their own
    clock. Pregnancy alone sets only that second clock.

    Source: 45 CFR 96.126(b) for people who inject, 96.131(d) for pregnant women.
    """
    if not (pregnant or injects):
        return Deadlines(None, None)
    served = state is CareState.INTERIM
    clock = priority_admission(
        requested_at, zone=zone, capacity_available=has_room and not served, terms=terms
    )
    admit_by = clock.admit_by_with_interim_services if served else clock.admit_by
    return Deadlines(
        admit_by=admit_by if injects else None,
        interim_services_by=None if served else clock.interim_services_by,
    )


def capacity_notice(capacity: Capacity, *, terms: CapacityTerms = _CAPACITY_TERMS) -> Decision:
    """Must the State be told how full the program is?

    Source: 45 CFR 96.126(a).
    """
    places = capacity.places
    if not places or capacity.in_care * 100 < places * terms.notify_percent:
        return Decision()
    message = (
        f"{capacity.in_care} of {places} places are taken, {terms.notify_percent} % or more: "
        f"notify the State within {terms.notify_days} days of reaching that."
    )
    return Decision.of([Reason("capacity_notice", message, terms.source, Effect.INFORM)])

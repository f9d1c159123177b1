"""The demo's house: one organisation, two sites, its people, rooms, devices and beds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from clinic.core.service_dates import ONE_DAY, SiteClock
from clinic.demo import calibration
from clinic.demo.plans import PATIENT_ACCOUNT, PLANS, Account, Plan
from clinic.demo.rows import Row, Rows
from clinic.scheduling.facts import ResourceKind
from clinic.scheduling.models import Resource
from clinic.sites.facts import ClosureKind
from clinic.sites.models import Closure, OpeningHours, Organization, PolicySetting, Site
from clinic.sites.rules import observed_federal_holidays
from clinic.staff.facts import Role
from clinic.staff.models import SiteRole, UserAccount

ORGANIZATION: Final = "Harbor Recovery (demo)"
"""How a demo house is known at every later start."""
PASSWORD: Final = "open the harbor gate"  # noqa: S105 - printed on purpose, for invented people

DAY_STARTS_AT: Final = time(4, 0)
WEEKDAY_HOURS: Final = (time(5, 30), time(18, 0))
SUNDAY_HOURS: Final = (time(6, 0), time(12, 0))
SUNDAY: Final = 6
HOLIDAYS_KEPT: Final = ((1, 1), (12, 25))
"""New Year's Day and Christmas Day, with Thanksgiving: the window opens on all others."""
STORM_DAYS_AGO: Final = 41
TRAINING_DAYS_AHEAD: Final = 24


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who records. ``signs(at)`` are the columns that say so."""

    id: UUID
    name: str
    role: Role

    def signs(self, at: datetime) -> Row:
        return {"recorded_at": at, "recorded_by": self.id, "recorded_by_name": self.name}


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource as the timetable needs it."""

    id: UUID
    kind: ResourceKind
    name: str
    skill: str


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A site with everything the rest of the demo asks of it.

    ``as_of`` is the last instant at which anything has happened; ``done_share`` is how much of
    today has.
    """

    plan: Plan
    clock: SiteClock
    today: date
    as_of: datetime
    done_share: float
    closures: Mapping[date, tuple[ClosureKind, str]]
    staff: Sequence[Staff]
    things: Sequence[Thing]

    def team(self, role: Role) -> list[Staff]:
        return [member for member in self.staff if member.role is role]

    def on_duty(self, role: Role, *, on: date, place: int = 0) -> Staff:
        """Who of a role works on a day; the next one at the next place."""
        team = self.team(role)
        return team[(on.toordinal() + place) % len(team)]

    def hours(self, day: date) -> tuple[time, time] | None:
        """None on a closed day."""
        return None if day in self.closures else usual_hours(day)

    def instant(self, day: date, minute: float) -> datetime:
        """The instant a number of minutes after midnight on the site's wall clock."""
        whole, rest = divmod(minute, 1)
        moment = self.clock.instant(day, time(int(whole) // 60, int(whole) % 60))
        return moment + timedelta(seconds=int(rest * 60))

    def happened(self, at: datetime) -> Row:
        """The columns of a clinical act."""
        return {
            "occurred_at": at,
            "service_date": self.clock.service_date(at),
            "time_zone": self.clock.time_zone,
        }

    def no_later(self, at: datetime) -> datetime:
        return min(at, self.as_of)


@dataclass(frozen=True, slots=True)
class House:
    organization_id: UUID
    sites: tuple[DemoSite, ...]
    portal_user_id: UUID


def usual_hours(day: date) -> tuple[time, time]:
    return SUNDAY_HOURS if day.weekday() == SUNDAY else WEEKDAY_HOURS


def build_house(rows: Rows, *, now: datetime, days: int, password_hash: str) -> House:
    """Write organisation, sites, accounts, hours, closures and resources; give back the house."""
    founded_at = now - timedelta(days=days + 800)
    organization_id = rows.id_at(founded_at)
    rows.add(Organization, id=organization_id, name=ORGANIZATION)
    sites = tuple(
        _build_site(
            rows,
            plan,
            organization_id=organization_id,
            founded_at=founded_at + timedelta(minutes=number),
            now=now,
            days=days,
            password_hash=password_hash,
        )
        for number, plan in enumerate(PLANS)
    )
    admin = next(each for each in sites[0].staff if each.role is Role.ADMINISTRATOR)
    for other in sites[1:]:
        _add_role(rows, site_id=other.clock.id, user_id=admin.id, role=admin.role, at=founded_at)
    portal = _add_account(
        rows,
        PATIENT_ACCOUNT,
        organization_id=organization_id,
        site_id=sites[0].clock.id,
        at=founded_at,
        password_hash=password_hash,
    )
    return House(organization_id, sites, portal.id)


def closures(*, today: date, days: int) -> dict[date, tuple[ClosureKind, str]]:
    """Whole days shut, from the first day of the demo to a quarter ahead; never today."""
    span = [today + timedelta(days=offset) for offset in range(-days, 91)]
    found = {
        day: (ClosureKind.HOLIDAY, "Holiday")
        for day in span
        if (day.month, day.day) in HOLIDAYS_KEPT or _is_thanksgiving(day)
    }
    storm = _weekday_before(today - timedelta(days=STORM_DAYS_AGO - 1))
    if storm in span:
        found.setdefault(storm, (ClosureKind.EMERGENCY, "Burst water main"))
    training = _weekday_before(today + timedelta(days=TRAINING_DAYS_AHEAD + 1))
    found.setdefault(training, (ClosureKind.PLANNED, "Staff training day"))
    found.pop(today, None)
    return found


def _is_thanksgiving(day: date) -> bool:
    november = 11
    thursday = 3
    return (
        day.month == november
        and day.weekday() == thursday
        and day in observed_federal_holidays(day.year)
    )


def _weekday_before(day: date) -> date:
    day -= ONE_DAY
    saturday = 5
    while day.weekday() >= saturday:
        day -= ONE_DAY
    return day


def _build_site(
    rows: Rows,
    plan: Plan,
    *,
    organization_id: UUID,
    founded_at: datetime,
    now: datetime,
    days: int,
    password_hash: str,
) -> DemoSite:
    clock = SiteClock(rows.id_at(founded_at), organization_id, plan.time_zone, DAY_STARTS_AT)
    rows.add(
        Site,
        id=clock.id,
        organization_id=organization_id,
        code=plan.code,
        name=plan.name,
        time_zone=plan.time_zone,
        day_starts_at=DAY_STARTS_AT,
        address=plan.address,
        telephone=plan.telephone,
        beds=plan.beds,
        capacity=plan.capacity,
    )
    staff = [
        _add_account(
            rows,
            account,
            organization_id=organization_id,
            site_id=clock.id,
            at=founded_at,
            password_hash=password_hash,
        )
        for account in plan.staff
    ]
    today = clock.service_date(now)
    shut = closures(today=today, days=days)
    signer = next((each for each in staff if each.role is Role.ADMINISTRATOR), staff[0])
    _add_calendar(rows, clock, shut, signs=signer.signs(founded_at), at=founded_at)
    as_of, done_share = _so_far(clock, today=today, is_shut=today in shut, now=now)
    return DemoSite(
        plan=plan,
        clock=clock,
        today=today,
        as_of=as_of,
        done_share=done_share,
        closures=shut,
        staff=staff,
        things=_add_resources(rows, plan, staff, site_id=clock.id, at=founded_at),
    )


def _so_far(
    clock: SiteClock, *, today: date, is_shut: bool, now: datetime
) -> tuple[datetime, float]:
    """The instant the demo's day stands at, and the share of it that is done."""
    opens, closes = (clock.instant(today, hour) for hour in usual_hours(today))
    if is_shut or now <= opens:
        return now, 0.0
    as_of = min(now, closes)
    open_minutes = (as_of - opens) / timedelta(minutes=1)
    share = min(1.0, open_minutes / calibration.DAY_DONE_AFTER_MINUTES)
    return as_of, calibration.DAY_DONE_SHARE * share


def _add_account(
    rows: Rows,
    account: Account,
    *,
    organization_id: UUID,
    site_id: UUID,
    at: datetime,
    password_hash: str,
) -> Staff:
    user_id = rows.id_at(at)
    rows.add(
        UserAccount,
        id=user_id,
        organization_id=organization_id,
        username=account.username,
        display_name=account.name,
        password_hash=password_hash,
    )
    _add_role(rows, site_id=site_id, user_id=user_id, role=account.role, at=at)
    return Staff(user_id, account.name, account.role)


def _add_role(rows: Rows, *, site_id: UUID, user_id: UUID, role: Role, at: datetime) -> None:
    rows.add(SiteRole, id=rows.id_at(at), site_id=site_id, user_id=user_id, role=role)


def _add_calendar(
    rows: Rows,
    clock: SiteClock,
    shut: Mapping[date, tuple[ClosureKind, str]],
    *,
    signs: Row,
    at: datetime,
) -> None:
    for weekday in range(7):
        opens_at, closes_at = SUNDAY_HOURS if weekday == SUNDAY else WEEKDAY_HOURS
        rows.add(
            OpeningHours,
            id=rows.id_at(at),
            site_id=clock.id,
            weekday=weekday,
            opens_at=opens_at,
            closes_at=closes_at,
        )
    common: dict[str, Any] = {"site_id": clock.id, **signs}
    for day, (kind, reason) in sorted(shut.items()):
        rows.add(Closure, id=rows.id_at(at), closed_on=day, kind=kind, reason=reason, **common)
    rows.add(
        PolicySetting,
        id=rows.id_at(at),
        setting="rewards.yearly_cap_cents",
        value=75000,
        starts_on=clock.service_date(at),
        source="SAMHSA grant terms: $750 per patient per year",
        **common,
    )


def _add_resources(
    rows: Rows, plan: Plan, staff: Sequence[Staff], *, site_id: UUID, at: datetime
) -> list[Thing]:
    things: list[Thing] = []

    def add(kind: ResourceKind, name: str, skill: str, user_id: UUID | None = None) -> None:
        thing = Thing(rows.id_at(at), kind, name, skill)
        things.append(thing)
        rows.add(
            Resource,
            id=thing.id,
            site_id=site_id,
            kind=kind,
            name=name,
            skills=[skill],
            user_id=user_id,
        )

    for account, member in zip(plan.staff, staff, strict=True):
        for skill in account.skills:
            add(ResourceKind.STAFF, member.name, skill, member.id)
    for kind, wanted in ((ResourceKind.ROOM, plan.rooms), (ResourceKind.DEVICE, plan.devices)):
        for code, count in wanted.items():
            name = code.replace("_", " ").capitalize().replace("Tms", "TMS").replace("Vr", "VR")
            for number in range(1, count + 1):
                add(kind, f"{name} {number}" if count > 1 else name, code)
    for number in range(1, plan.beds + 1):
        add(ResourceKind.BED, f"Bed {number}", "residential_bed")
    return things

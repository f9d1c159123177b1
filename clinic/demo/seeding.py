"""A whole demo clinic: built in memory, then written in one piece of work or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.actors import Actor
from clinic.core.errors import Refused
from clinic.data.db import db
from clinic.data.work import Work, unit_of_work
from clinic.demo.books import Ledger
from clinic.demo.charts import Chart, write_charts
from clinic.demo.courses import PATIENTS_MEANT
from clinic.demo.coverage import write_coverage, write_particulars
from clinic.demo.doses import Dosing
from clinic.demo.funds import Funds
from clinic.demo.hardware import set_up_machines
from clinic.demo.histories import Calendar, History, Part, histories
from clinic.demo.house import ORGANIZATION, PASSWORD, DemoSite, House, build_house
from clinic.demo.orders import tell_orders, write_injections
from clinic.demo.people import people
from clinic.demo.protocols import write_protocols
from clinic.demo.rewards import Rewards
from clinic.demo.rows import Rows, stream
from clinic.demo.sessions import Schedule
from clinic.demo.sign_in import SIGN_INS, SignInTable
from clinic.demo.specimens import Laboratory
from clinic.demo.take_homes import TakeHomes
from clinic.demo.told_rewards import tell_rewards
from clinic.demo.window import PIN, fill_line, give_pins
from clinic.portal.models import PortalAccess
from clinic.sites.models import Organization
from clinic.web import passwords
from clinic.web.edge import clock

ACTOR = "command demo"
LAKESIDE_SHARE = 0.08
GRID = timedelta(minutes=30)
"""A demo stands at the last full half-hour, so that two made within it are equal."""


@dataclass(frozen=True, slots=True)
class Size:
    """How big a demo, and which one of its size."""

    patients: int = 300
    days: int = 180
    seed: int = 1


def build(size: Size, *, now: datetime, password_hash: str) -> tuple[House, Rows]:
    """Every row of a demo clinic as it stands at ``now``; nothing is written.

    Invariant: the same size, half-hour and password hash give the same rows, ids included.
    """
    now -= (now - datetime.min.replace(tzinfo=UTC)) % GRID
    rows = Rows(stream(size.seed, "ids"))
    house = build_house(rows, now=now, days=size.days, password_hash=password_hash)
    told = list(_told(house, size))
    charts = write_charts(rows, stream(size.seed, "charts"), told)
    for site in house.sites:
        here = [chart for chart in charts if chart.site is site]
        _live(rows, site, here, size)
    _open_portal(rows, house, charts)
    return house, rows


def seed_demo(size: Size, *, now: datetime) -> Rows:
    """Write a demo clinic into an empty database.

    Raises: Refused when the database holds an organization already: nothing is overwritten.
    """
    _require_empty(organizations())
    password_hash = passwords.hash_of(PASSWORD)
    house, rows = build(size, now=now, password_hash=password_hash)
    give_pins(rows, house, pin_hash=passwords.hash_of(PIN))
    first = house.sites[0].clock
    with unit_of_work(actor=Actor.system(ACTOR), now=now, site=first, reactions={}) as work:
        _require_empty(work.session.scalars(sa.select(Organization.name)).all())
        rows.write(work.session)
        for site in house.sites:
            here = replace(work, site=site.clock)
            tell_orders(here)
            tell_rewards(here)
            _audited(here, size)
    return rows


def seed_if_empty(*, patients: int = 300, days: int = 180, seed: int = 1) -> SignInTable | None:
    """Seed an empty database; how to sign in to a demo house, whether new or old.

    None when the database holds a house that is not a demo.
    """
    names = organizations()
    if not names:
        seed_demo(Size(patients, days, seed), now=clock())
    return SIGN_INS if not names or ORGANIZATION in names else None


def organizations() -> Sequence[str]:
    """The names of everybody whose house stands in this database; none when it is empty."""
    names = db.session.scalars(sa.select(Organization.name)).all()
    db.session.rollback()
    return names


def _require_empty(names: Sequence[str]) -> None:
    if names:
        raise Refused(
            f"This database already holds an organization, {names[0]}; a demo is never mixed with"
            " it. Choose another with CLINIC_DATABASE_URL, or start from an empty one."
        )


def _told(house: House, size: Size) -> Iterator[tuple[DemoSite, History]]:
    lakeside = round(size.patients * LAKESIDE_SHARE)
    counts = (size.patients - lakeside, lakeside)
    persons = people(stream(size.seed, "people"), today=house.sites[0].today)
    for number, (site, count) in enumerate(zip(house.sites, counts, strict=True)):
        calendar = Calendar(
            today=site.today,
            first=site.today - timedelta(days=size.days),
            closed=frozenset(site.closures),
            beds=site.plan.beds,
            is_under_way=site.done_share > 0,
        )
        for history in histories(
            stream(size.seed, f"histories {site.plan.code}"),
            persons=persons,
            count=count,
            calendar=calendar,
            has_parts=number == 0,
        ):
            yield site, history


def _live(rows: Rows, site: DemoSite, charts: list[Chart], size: Size) -> None:
    """Everything that happened to the patients of a site, and what they have ahead."""

    def draws(name: str) -> Random:
        return stream(size.seed, f"{name} {site.plan.code}")

    first_day = site.today - timedelta(days=size.days)
    schedule = Schedule(rows, draws("sessions"), site)
    schedule.fill(charts, days=size.days, scale=size.patients / PATIENTS_MEANT)
    dosing = Dosing(rows, draws("doses"), site, first_day, frozenset(schedule.waiting))
    dosing.record(charts, schedule.injections)
    write_injections(rows, site)
    laboratory = Laboratory(rows, draws("specimens"), site, first_day)
    rewarded_from = {course.chart.id: course.starts_on for course in schedule.rewards}
    laboratory.test(charts, rewarded_from=rewarded_from)
    ledger = Ledger(rows, site)
    Rewards(rows, draws("rewards"), site, laboratory, ledger).run(schedule.rewards)
    Funds(rows, site, ledger, charts).run()
    write_protocols(rows, site)
    fill_line(rows, draws("line"), site, charts)
    TakeHomes(rows, draws("take-homes"), site, first_day).run(charts)
    write_coverage(rows, draws("coverage"), site, charts)
    write_particulars(rows, draws("particulars"), site, charts)
    set_up_machines(rows, site)


def _open_portal(rows: Rows, house: House, charts: list[Chart]) -> None:
    for chart in charts:
        if chart.history.part is Part.PORTAL:
            rows.add(
                PortalAccess,
                id=rows.id_at(chart.site.as_of),
                organization_id=house.organization_id,
                user_id=house.portal_user_id,
                patient_id=chart.id,
            )


def _audited(work: Work, size: Size) -> None:
    audit.record(
        work,
        action="demo.seed",
        subject=f"demo clinic, seed {size.seed}",
        detail={"patients": size.patients, "days": size.days, "seed": size.seed},
    )

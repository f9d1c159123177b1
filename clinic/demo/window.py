"""The line of a demo day: who came, who was served where and how fast, cards, PINs, priorities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from clinic.core.service_dates import ONE_DAY
from clinic.demo.charts import Chart
from clinic.demo.house import DemoSite, House
from clinic.demo.rows import Row, Rows
from clinic.dosing.facts.line import CheckKind, ClaimEnd, LinePriority
from clinic.dosing.models import (
    Dose,
    DosingCard,
    LineMark,
    MedicationOrder,
    WindowCheck,
    WindowClaim,
)
from clinic.dosing.rules.cards import ALPHABET, RANDOM_LENGTH, card_code
from clinic.scheduling.models import Arrival
from clinic.staff.facts import Role
from clinic.staff.models import UserPin

PIN: Final = "274951"
SIGNERS: Final = {Role.NURSE, Role.PHARMACIST, Role.PRESCRIBER}
SERVED_SECONDS: Final = (24, 95)
WAITED_MINUTES: Final = (1, 14)
LINE_LENGTH: Final = 9
PRIORITIES: Final = (
    (LinePriority.PREGNANT, "Second trimester"),
    (LinePriority.WORK, "Shift begins at 07:00"),
    (LinePriority.MEDICAL, "Dialysis at eight"),
)
WEIGHT_G: Final = (52_000, 118_000)


def fill_line(rows: Rows, draws: Random, site: DemoSite, charts: list[Chart]) -> None:
    """Everything around today's doses of a site, after the doses themselves."""
    nurse = next((one for one in site.staff if one.role is Role.NURSE), site.staff[0])
    doses = [
        dose
        for dose in rows.tables[Dose.__tablename__]
        if dose["site_id"] == site.clock.id and dose["service_date"] == site.today
    ]
    _serve(rows, draws, site, doses)
    coming = _coming(rows, site, {dose["patient_id"] for dose in doses})
    for patient_id in coming[:LINE_LENGTH]:
        minutes = draws.randint(*WAITED_MINUTES)
        _arrive(rows, site, patient_id, site.as_of - timedelta(minutes=minutes))
    for patient_id, (priority, reason) in zip(coming[2:], PRIORITIES, strict=False):
        at = site.as_of - ONE_DAY
        rows.add(
            LineMark,
            id=rows.id_at(at),
            site_id=site.clock.id,
            patient_id=patient_id,
            priority=priority,
            reason=reason,
            until=None,
            **nurse.signs(at),
        )
    ordered = {order["patient_id"] for order in rows.tables[MedicationOrder.__tablename__]}
    for chart in charts:
        if chart.id not in ordered:
            continue
        _card_and_weight(rows, draws, site, chart.id, signs=nurse.signs)


def give_pins(rows: Rows, house: House, *, pin_hash: str) -> None:
    """Everybody who works at a window, or witnesses there, signs with the same demo PIN."""
    for site in house.sites:
        for person in site.staff:
            if person.role in SIGNERS:
                rows.add(
                    UserPin,
                    id=rows.id_at(site.as_of),
                    organization_id=house.organization_id,
                    user_id=person.id,
                    pin_hash=pin_hash,
                    set_at=site.as_of,
                )


def _serve(rows: Rows, draws: Random, site: DemoSite, doses: list[Row]) -> None:
    """Each dose of today: when its patient came, and how long they stood at the window.

    One window serves one at a time, so nobody is opened before the one before is done.
    """
    free_at: defaultdict[int, datetime] = defaultdict(lambda: site.as_of - ONE_DAY)
    seen: set[UUID] = set()
    for dose in sorted(doses, key=lambda one: one["occurred_at"]):
        at, number = dose["occurred_at"], dose["window"] or 1
        if dose["patient_id"] not in seen:
            seen.add(dose["patient_id"])
            _arrive(
                rows,
                site,
                dose["patient_id"],
                at - timedelta(minutes=draws.randint(*WAITED_MINUTES)),
            )
        begun = max(at - timedelta(seconds=draws.randint(*SERVED_SECONDS)), free_at[number])
        free_at[number] = at
        rows.add(
            WindowClaim,
            id=rows.id_at(begun),
            site_id=site.clock.id,
            patient_id=dose["patient_id"],
            window=number,
            service_date=site.today,
            expires_at=begun + timedelta(minutes=10),
            ended_at=max(at, begun),
            ended_how=ClaimEnd.DOSED,
            recorded_at=begun,
            recorded_by=dose["recorded_by"],
            recorded_by_name=dose["recorded_by_name"],
            version=2,
        )


def _coming(rows: Rows, site: DemoSite, dosed: set[UUID]) -> list[UUID]:
    """Whoever an order speaks of today and who has not come yet, in the order of the orders."""
    return [
        order["patient_id"]
        for order in rows.tables[MedicationOrder.__tablename__]
        if order["site_id"] == site.clock.id
        and order["patient_id"] not in dosed
        and order["starts_on"] <= site.today
        and (order["ends_on"] is None or order["ends_on"] > site.today)
        and order["starts_on"] < site.today
    ]


def _arrive(rows: Rows, site: DemoSite, patient_id: UUID, at: datetime) -> None:
    desk = next((one for one in site.staff if one.role is Role.FRONT_DESK), site.staff[0])
    at = max(at, site.clock.day_start(site.today))
    rows.add(
        Arrival,
        id=rows.id_at(at),
        site_id=site.clock.id,
        patient_id=patient_id,
        sequence=1,
        occurred_at=at,
        service_date=site.today,
        time_zone=site.clock.time_zone,
        **desk.signs(at),
    )


def _card_and_weight(
    rows: Rows, draws: Random, site: DemoSite, patient_id: UUID, *, signs: Callable[[datetime], Row]
) -> None:
    at = site.as_of - timedelta(days=draws.randint(1, 80))
    signed = signs(at)
    rows.add(
        DosingCard,
        id=rows.id_at(at),
        site_id=site.clock.id,
        patient_id=patient_id,
        code=card_code(draws.randrange(len(ALPHABET) ** RANDOM_LENGTH)),
        revoked_at=None,
        **signed,
    )
    rows.add(
        WindowCheck,
        id=rows.id_at(at),
        site_id=site.clock.id,
        patient_id=patient_id,
        kind=CheckKind.WEIGHT,
        signs=None,
        weight_g=draws.randrange(*WEIGHT_G, 100),
        score=None,
        occurred_at=at,
        service_date=site.clock.service_date(at),
        time_zone=site.clock.time_zone,
        **signed,
    )

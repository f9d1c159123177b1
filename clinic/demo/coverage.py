"""Who pays for the demo's patients, where they stay, and a few changes of both on the way."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from clinic.core.service_dates import ONE_DAY
from clinic.demo.charts import Chart
from clinic.demo.house import DemoSite
from clinic.demo.rows import Rows
from clinic.patients.facts import PayerKind
from clinic.patients.models import Coverage
from clinic.programs.models import EpisodeParticulars
from clinic.staff.facts import Role

PAYERS: Final = (
    (PayerKind.MEDICAID, 62, "State Medicaid"),
    (PayerKind.PRIVATE_INSURANCE, 14, "Employer plan"),
    (PayerKind.SELF_PAY, 9, ""),
    (PayerKind.MEDICARE, 7, "Medicare Part B"),
    (PayerKind.OTHER_GOVERNMENT, 4, "Block grant"),
    (PayerKind.NO_CHARGE, 4, ""),
)
"""In the shares an opioid treatment program usually sees; weights out of a hundred."""
UNITS: Final = ("Harbor House", "Garden House", "Main building")
CHANGED_SHARE: Final = 0.12
NOT_RECORDED_SHARE: Final = 0.04
CHANGE_MINUTE: Final = 11 * 60
TOLD_LATER: Final = timedelta(days=3)


def write_coverage(rows: Rows, random: Random, site: DemoSite, charts: list[Chart]) -> None:
    """Give everybody a payer since their first request; some have changed since."""
    for chart in charts:
        if random.random() < NOT_RECORDED_SHARE:
            continue
        first = chart.history.episodes[0].requested_on
        changed_on = _change_day(random, site, chart)
        _write_payer(rows, random, site, chart, first=first, until=changed_on)
        if changed_on is not None:
            _write_payer(rows, random, site, chart, first=changed_on, until=None)


def write_particulars(rows: Rows, random: Random, site: DemoSite, charts: list[Chart]) -> None:
    """Name the unit of everybody in care; some are with another counselor since a while."""
    counselors = site.team(Role.COUNSELOR)
    asked_for = {row["id"]: row for row in rows.tables["episode"]}
    for chart in charts:
        if not chart.current.in_care:
            continue
        episode = asked_for[chart.open_episode_id]
        has_bed = chart.current.moves[-1].planned_days is not None
        unit = random.choice(UNITS[:2]) if has_bed else UNITS[2]
        changed_on = _change_day(random, site, chart)
        requested_at = episode["requested_at"]
        told = {name: episode[name] for name in ("recorded_by", "recorded_by_name")}
        about = {
            "site_id": site.clock.id,
            "episode_id": chart.open_episode_id,
            "patient_id": chart.id,
            "unit": unit,
            "injects": episode["injects"],
            "pregnant": episode["pregnant"],
        }
        now_with = random.choice(counselors).id if changed_on else episode["counselor_id"]
        rows.add(
            EpisodeParticulars,
            id=rows.id_at(requested_at),
            sequence=1,
            counselor_id=episode["counselor_id"],
            recorded_at=requested_at,
            **about,
            **told,
            **site.happened(requested_at),
        )
        if changed_on is None or now_with == episode["counselor_id"]:
            continue
        at = site.no_later(site.instant(changed_on, CHANGE_MINUTE))
        rows.add(
            EpisodeParticulars,
            id=rows.id_at(at),
            sequence=2,
            counselor_id=now_with,
            **about,
            **site.happened(at),
            **site.on_duty(Role.COUNSELOR, on=changed_on).signs(at),
        )
        episode["counselor_id"] = now_with


def _change_day(random: Random, site: DemoSite, chart: Chart) -> date | None:
    """A day of the last months on which something changed, for a few."""
    day = site.today - timedelta(days=random.randint(0, 60))
    admitted_on = chart.current.admitted_on
    is_late_enough = admitted_on is not None and day > admitted_on + ONE_DAY
    changes = random.random() < CHANGED_SHARE and is_late_enough and chart.current.in_care
    return min(day, site.clock.service_date(site.as_of)) if changes else None


def _write_payer(
    rows: Rows, random: Random, site: DemoSite, chart: Chart, *, first: date, until: date | None
) -> None:
    payer, _, plan = random.choices(PAYERS, weights=[share for _, share, _ in PAYERS])[0]
    at = site.instant(first, CHANGE_MINUTE)
    if first > chart.history.episodes[0].requested_on:
        at += TOLD_LATER  # the desk hears of a new payer when the claim comes back
    at = site.no_later(at)
    ended_at = None if until is None else site.no_later(site.instant(until, CHANGE_MINUTE))
    rows.add(
        Coverage,
        id=rows.id_at(at),
        organization_id=site.clock.organization_id,
        patient_id=chart.id,
        payer=payer,
        plan=plan,
        member_number=f"DEMO-{chart.code}" if plan else "",
        starts_on=first,
        ends_on=until,
        end_recorded_at=ended_at,
        **site.on_duty(Role.FRONT_DESK, on=first).signs(at),
    )

"""``clinic census``: the census of any day from a terminal, and the night's counts."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime

import click

from clinic.census import queries, services
from clinic.census.facts import CensusDay, CountDifference, LevelLine
from clinic.core.errors import Refused
from clinic.core.service_dates import ONE_DAY
from clinic.sites import queries as sites
from clinic.sites.commands import json_option, reading_at, site_clock, site_option, work_at

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("census", invoke_without_command=True)
@click.option("--on", "asked", type=_DAY, help="A clinic day; today if absent.")
@site_option
@json_option
@click.pass_context
def census_group(
    context: click.Context, asked: datetime | None, site_code: str | None, *, as_json: bool
) -> None:
    """Who is in care at the end of a clinic day, and the moves that led there."""
    if context.invoked_subcommand is not None:
        return
    with reading_at(site_clock(site_code), command="census") as work:
        day = _past_day(asked, today=work.service_date)
        code = sites.site(work).code
        found = queries.census_on(work, day=day)
    if as_json:
        click.echo(json.dumps({"site": code, **found.to_json()}, indent=2))
    else:
        _print_day(found, site_code=code)


@census_group.command("verify")
@click.option("--from", "first", type=_DAY, required=True, help="The first clinic day.")
@click.option("--rebuild", is_flag=True, help="Write the counts that differ anew.")
@site_option
@json_option
def verify(first: datetime, site_code: str | None, *, rebuild: bool, as_json: bool) -> None:
    """Hold the counts written down each night against the record; exit 1 when one differs."""
    act = services.rebuild_snapshots if rebuild else services.verify_snapshots
    with work_at(site_clock(site_code), command="census verify") as work:
        found = act(work, first=first.date(), until=work.service_date + ONE_DAY)
    if as_json:
        click.echo(json.dumps([_difference(one) for one in found], indent=2))
    else:
        for one in found:
            where = f"{one.service_date} {one.axis} {one.key}"
            click.echo(f"{where}: written {one.written}, now {one.derived}")
        click.echo(f"{len(found)} numbers differ." if found else "Every count agrees.")
    sys.exit(1 if found and not rebuild else 0)


def _print_day(found: CensusDay, *, site_code: str) -> None:
    click.echo(f"{site_code}, {found.day}, end of day")
    click.echo(f"{'':<44}{'before':>7}{'admit':>7}{'in':>7}{'out':>7}{'disch':>7}{'now':>7}")
    for line in (*found.busy_levels, found.total):
        _print_line(line)
    for name, groups in (
        ("medication", found.medications),
        ("modality", found.modalities),
        ("discharge reason", found.discharge_reasons),
    ):
        for group in groups:
            click.echo(f"{name}: {group.label} {group.count}")
    click.echo(f"waiting: {found.waiting}   readmitted: {found.readmitted}")
    click.echo("Every level reconciles." if found.reconciles else "It does not reconcile.")


def _print_line(line: LevelLine) -> None:
    numbers = (
        line.yesterday,
        line.admitted,
        line.transferred_in,
        line.transferred_out,
        line.discharged,
        line.today,
    )
    mark = "" if line.reconciles else f"   expected {line.expected}"
    click.echo(f"{line.label:<44}" + "".join(f"{number:>7}" for number in numbers) + mark)


def _difference(one: CountDifference) -> dict[str, object]:
    return {
        "date": one.service_date.isoformat(),
        "axis": one.axis,
        "key": one.key,
        "written": one.written,
        "derived": one.derived,
    }


def _past_day(asked: datetime | None, *, today: date) -> date:
    day = asked.date() if asked else today
    if day > today:
        raise Refused(f"{day} has not come yet; today is {today}.")
    return day

"""``clinic import``: outside records into a site's charts, without a browser."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from clinic.core.errors import NotFound
from clinic.core.service_dates import SiteClock
from clinic.exchange import services
from clinic.exchange.facts.outcome import ImportKind, ImportOutcome, added_up
from clinic.exchange.facts.reading import ReadRefused
from clinic.exchange.facts.records import ReadTogether
from clinic.exchange.facts.trial import TrialHistory, TrialPerson
from clinic.exchange.readers import trial_history
from clinic.exchange.readers.together import read_paths
from clinic.sites import services as sites
from clinic.sites.commands import json_option, reading_at, site_clock, site_option, work_at
from clinic.sites.queries import clock_of

DAY_ZERO = datetime(2024, 1, 1, tzinfo=UTC)
"""A Monday early enough that the longest history (499 days) has ended by now."""

_MONDAY = 0


@click.group("import")
def import_group() -> None:
    """Bring outside records in. Importing the same again changes nothing.

    Exits with 1 when a file or a person was refused; the others are imported all the same.
    """


@import_group.command("fhir")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH…"
)
@site_option
@click.option("--dry-run", is_flag=True, help="Show what would happen and save nothing.")
@json_option
def import_fhir(
    *, paths: tuple[Path, ...], site_code: str | None, dry_run: bool, as_json: bool
) -> None:
    """FHIR R4: JSON bundles, and folders of them or of one NDJSON bulk export."""
    here = site_clock(site_code)
    read = _with_something(read_paths(paths), paths)
    with (reading_at if dry_run else work_at)(here, command="import fhir") as work:
        do = services.preview_records if dry_run else services.import_records
        outcome = do(work, records=read.records, files=read.files_read, refusals=read.refusals)
    _print_outcome(outcome, as_json=as_json)


@import_group.command("ctn0094")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@site_option
@click.option("--per-site", is_flag=True, help="One demo site for each masked site of the set.")
@click.option(
    "--day-zero",
    type=click.DateTime(["%Y-%m-%d"]),
    default=DAY_ZERO,
    show_default="2024-01-01",
    help="The Monday that is study day 0.",
)
@json_option
def import_ctn0094(
    *, folder: Path, site_code: str | None, per_site: bool, day_zero: datetime, as_json: bool
) -> None:
    """Treatment histories of the CTN-0094 set: FOLDER holds its eight CSV files."""
    if day_zero.weekday() != _MONDAY:
        raise click.BadParameter("is not a Monday", param_hint="--day-zero")
    here = site_clock(site_code)
    try:
        history = trial_history.read_folder(folder, day_zero=day_zero.date())
        outcome = _import_everywhere(here, history) if per_site else _import_at(here, history)
    except ReadRefused as refusal:
        outcome = ImportOutcome(ImportKind.CTN0094, files=0, refusals=(refusal,))
    _print_outcome(outcome, as_json=as_json)


def _import_at(place: SiteClock, history: TrialHistory) -> ImportOutcome:
    with work_at(place, command="import ctn0094") as work:
        return services.import_trial(work, history=history)


def _import_everywhere(like: SiteClock, history: TrialHistory) -> ImportOutcome:
    """Each masked site's part at a demo site of its own; counted as one."""
    done = [
        _import_at(_demo_site(like, masked_site), part)
        for masked_site, part in _parts(history).items()
    ]
    with reading_at(like, command="import ctn0094") as work:
        figures = services.trial_figures(work, history=history)
    return added_up(done, figures=figures)


def _with_something(read: ReadTogether, paths: tuple[Path, ...]) -> ReadTogether:
    """Folders without a single file are a mistake, not an empty import."""
    if read.files_read or read.refusals:
        return read
    named = ", ".join(path.name for path in paths)
    return replace(read, refusals=(ReadRefused(named, "", "holds no .json or .ndjson file"),))


def _parts(history: TrialHistory) -> dict[str, TrialHistory]:
    """The history of each masked site, in the order of their numbers."""
    by_site: dict[str, list[TrialPerson]] = {}
    for person in history.people:
        by_site.setdefault(person.site, []).append(person)
    return {
        site: TrialHistory(tuple(by_site[site]))
        for site in sorted(by_site, key=lambda number: (len(number), number))
    }


def _demo_site(like: SiteClock, masked_site: str) -> SiteClock:
    """The demo site that stands for a masked one; opened in the same organisation if need be."""
    code = f"trial-{masked_site or 'unknown'}"
    with work_at(like, command="import ctn0094") as work:
        try:
            return clock_of(work.session, code=code)
        except NotFound:
            return sites.open_site(
                work.session,
                organization_id=like.organization_id,
                code=code,
                name=f"Trial site {masked_site or 'unknown'} (demo)",
                time_zone=like.time_zone,
                day_starts_at=like.day_starts_at,
            )


def _print_outcome(outcome: ImportOutcome, *, as_json: bool) -> None:
    """Prints, and exits with 1 when anything was refused."""
    if as_json:
        click.echo(json.dumps(outcome.to_json(), indent=2, ensure_ascii=False))
    else:
        _print_words(outcome)
    sys.exit(1 if outcome.refusals else 0)


def _print_words(outcome: ImportOutcome) -> None:
    if outcome.is_rehearsal:
        click.echo("Nothing was saved. This is what an import would do.")
    click.echo(f"{outcome.files} files read")
    for name, value in outcome.figures.items():
        click.echo(f"  {name.replace('_', ' ')}: {_words(value)}")
    for kind, tally in outcome.tallies.items():
        told = f"{tally.added} added, {tally.changed} changed, {tally.unchanged} unchanged"
        click.echo(f"{kind.replace('_', ' ')}: {told}")
    for review in outcome.reviews:
        for reason in review.decision.reasons:
            click.echo(f"look: {reason.message}  [{reason.source}]")
    for warning in outcome.warnings:
        click.echo(f"note: {warning.file}, {warning.place}: {warning.message}")
    for refusal in outcome.refusals:
        click.echo(f"refused: {refusal}", err=True)


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items()) or "none"
    return str(value)

"""``clinic audit``: seal what is open and verify the whole record."""

from __future__ import annotations

import json
import sys

import click

from clinic.audit import queries, services
from clinic.sites.commands import json_option, site_clock, site_option, work_at


@click.group("audit")
def audit_group() -> None:
    """The tamper-evident record of who did and saw what."""


@audit_group.command("seal")
@site_option
def seal(site_code: str | None) -> None:
    """Close the open entries into a sealed batch now."""
    with work_at(site_clock(site_code), command="audit seal") as work:
        count = services.seal(work)
        last = queries.last_seal(work)
    click.echo(f"{count} entries sealed; seal {last[0]} {last[1]}" if last else "nothing to seal")


@audit_group.command("verify")
@site_option
@click.option("--anchor", help="SEQUENCE:CHAIN from a printed log, to detect a cut tail.")
@json_option
def verify(site_code: str | None, anchor: str | None, *, as_json: bool) -> None:
    """Recompute every entry and every seal; exit 1 when one does not agree."""
    kept = None
    if anchor:
        sequence, _, chain = anchor.partition(":")
        if not sequence.isdigit() or not chain:
            raise click.BadParameter("expected SEQUENCE:CHAIN", param_hint="--anchor")
        kept = (int(sequence), chain)
    with work_at(site_clock(site_code), command="audit verify") as work:
        found = queries.verify(work, anchor=kept)
    if as_json:
        click.echo(json.dumps([{"where": one.where, "what": one.what} for one in found], indent=2))
    else:
        for one in found:
            click.echo(f"{one.where}: {one.what}")
        click.echo("The audit verifies." if not found else f"{len(found)} places do not verify.")
    sys.exit(1 if found else 0)

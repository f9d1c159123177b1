"""``clinic demo``: a synthetic clinic in an empty database, and how to sign in to it."""

from __future__ import annotations

import json

import click

from clinic.demo.seeding import Size, seed_demo
from clinic.demo.sign_in import sign_in_table
from clinic.web.edge import clock


@click.command("demo")
@click.option("--patients", default=300, show_default=True, type=click.IntRange(12, 1500))
@click.option("--days", default=180, show_default=True, type=click.IntRange(30, 730))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--json", "as_json", is_flag=True, help="Counts by table and a digest of it all.")
def demo(patients: int, days: int, seed: int, *, as_json: bool) -> None:
    """Seed an empty database with a synthetic clinic whose day is half done.

    Nobody in it is real. The same numbers in the same half-hour give the same clinic, to the last
    id. An organization already in the database is left alone: the command then does nothing.
    """
    if not as_json:
        click.echo(f"Seeding {patients} patients over {days} days ...")
    rows = seed_demo(Size(patients=patients, days=days, seed=seed), now=clock())
    counts = rows.counts()
    if as_json:
        click.echo(json.dumps({"counts": counts, "digest": rows.digest()}, indent=2))
        return
    click.echo(f"{sum(counts.values()):,} rows in {len(counts)} tables.\n")
    click.echo(sign_in_table())

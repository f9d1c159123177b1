"""``clinic rewards``: repeat a draw from its receipt; run a protocol on past histories."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import BinaryIO

import click

from clinic.core.errors import Refused
from clinic.core.money import dollars
from clinic.core.rates import percent
from clinic.rewards import queries
from clinic.rewards.facts import PROTOCOL_VERSIONS, PROTOCOLS, Bar, History, Protocol, Simulation
from clinic.rewards.rules.histories import (
    TRIAL_COLUMNS,
    histories_from_csv,
    histories_from_trial,
    text_of,
)
from clinic.rewards.rules.receipts import disagreements
from clinic.rewards.rules.simulation import simulate
from clinic.sites.commands import json_option, reading_at, site_clock, site_option

BAR_LENGTH = 40
"""Characters of a bar that holds everybody."""


@click.group("rewards")
def rewards_group() -> None:
    """Contingency management from a terminal."""


@rewards_group.command("verify-draw")
@click.argument("receipt_file", type=click.File("rb"))
@json_option
def verify_draw(receipt_file: BinaryIO, *, as_json: bool) -> None:
    """Draw again from RECEIPT_FILE alone (- reads what is piped in); exit 1 when a part differs.

    The commitment must be the SHA-256 of the seed, and every slip must follow from the seed and
    the patient's choice. That the commitment is the one shown before the draw, only the patient
    can say.
    """
    found = disagreements(_read(receipt_file))
    if as_json:
        answer = {"agrees": not found, "disagreements": [one.to_json() for one in found]}
        click.echo(json.dumps(answer, indent=2))
    else:
        for one in found:
            again = "unreadable or unknown" if one.again is None else f"drawn again {one.again}"
            click.echo(f"{one.part}: the receipt says {one.found}; {again}")
        click.echo(f"{len(found)} of its parts did not agree." if found else "Every part agrees.")
    sys.exit(1 if found else 0)


@rewards_group.command("verify-ledger")
@site_option
@json_option
def verify_ledger(*, site_code: str | None, as_json: bool) -> None:
    """Hold every transfer against its audit leaf; exit 1 when one does not agree.

    ``clinic audit verify`` then shows that the leaves are those that were sealed.
    """
    with reading_at(site_clock(site_code), command="rewards verify-ledger") as work:
        found = queries.proof(work)
    faults = [{"transfer": str(one.transfer_id), "what": one.what} for one in found.faults]
    if as_json:
        click.echo(json.dumps({"transfers": found.transfers, "faults": faults}, indent=2))
    else:
        for one in faults:
            click.echo(f"transfer {one['transfer']}: {one['what']}")
        agree = f"All {found.transfers} transfers agree with the audit."
        click.echo(f"{len(faults)} transfers do not agree." if faults else agree)
    sys.exit(1 if faults else 0)


@rewards_group.command("simulate")
@click.option(
    "--protocol",
    "names",
    required=True,
    multiple=True,
    help=f"One of {', '.join(PROTOCOLS)}, or a site's own; name two to compare them.",
)
@click.option("--protocol-version", "version", type=int, help="The newest published if absent.")
@click.option(
    "--results",
    required=True,
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
    help="CSV: patient,visit,result[,bonus]; or a folder of the public CTN-0094 files.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@site_option
@json_option
def run_simulation(
    names: tuple[str, ...],
    version: int | None,
    results: Path,
    seed: int,
    site_code: str | None,
    *,
    as_json: bool,
) -> None:
    """What a protocol would have paid, had the visits of a file been its own.

    A line of the file is one visit: a patient's code, a date or a number that puts the patient's
    visits in order, N (met), P (positive), M (missed) or X (excused), and yes in the fourth column
    if the visit also earned a prize bowl's bonus draws. The same seed draws the same slips.
    """
    histories = _histories(results)
    found = [
        simulate(_protocol(name, version, site_code=site_code), histories=histories, seed=seed)
        for name in names
    ]
    if as_json:
        click.echo(json.dumps([one.to_json() for one in found], indent=2))
        return
    for one in found:
        click.echo("\n".join(_lines(one)) + "\n")


def _protocol(name: str, version: int | None, *, site_code: str | None) -> Protocol:
    """Published ones are known without a database; a site's own are asked for at the site."""
    published = PROTOCOLS.get(name) if version is None else PROTOCOL_VERSIONS.get((name, version))
    if published is not None:
        return published
    if version is None:
        raise Refused(
            f"{name} is not published. The published protocols are {', '.join(PROTOCOLS)};"
            " a site's own needs --protocol-version."
        )
    with reading_at(site_clock(site_code), command="rewards simulate") as work:
        return queries.protocol_of(work, name=name, version=version)


def _histories(results: Path) -> tuple[History, ...]:
    if results.is_dir():
        files = [results / name for name in TRIAL_COLUMNS]
        return histories_from_trial(
            {file.name: text_of(file.read_bytes()) for file in files if file.is_file()}
        )
    with click.open_file(str(results), "rb") as opened:
        return histories_from_csv(text_of(opened.read()))


def _lines(found: Simulation) -> list[str]:
    back = found.median_visits_back
    met = percent(found.met, of=found.visits)
    amounts = {
        "total": found.total_cents,
        "mean": found.mean_cents,
        "median": found.median_cents,
        "90th percentile": found.p90_cents,
        "most": found.most_cents,
    }
    paid = ", ".join(f"{name} {dollars(cents)}" for name, cents in amounts.items())
    regained = f" after {back} visits (median)" if back is not None else ""
    visits = f"{len(found.patients)} histories, {found.visits} visits, {met or 0} % met"
    return [
        f"{found.protocol.title} ({found.protocol.name}, version {found.protocol.version})",
        f"  {visits}; seed {found.seed}",
        f"  {paid}",
        f"  {found.cap_hits} stopped by a cap; {found.draws} draws",
        f"  {found.losses} levels lost, {found.regained} paid again{regained}",
        *(f"  {_bar(bar, of=len(found.patients))}" for bar in found.bars),
    ]


def _bar(bar: Bar, *, of: int) -> str:
    length = -(-bar.patients * BAR_LENGTH // of)
    paid = f"{dollars(bar.from_cents):>9} to {dollars(bar.to_cents - 1):>9}"
    return f"{paid} {bar.patients:>5} {'#' * length}".rstrip()


def _read(receipt_file: BinaryIO) -> object:
    try:
        return json.loads(receipt_file.read())
    except (ValueError, RecursionError) as error:
        raise Refused("This file is not the JSON text of a receipt.") from error

"""``clinic rewards``: recompute a prize draw from its receipt, with no database and no trust."""

from __future__ import annotations

import json
import sys
from typing import BinaryIO

import click

from clinic.core.errors import Refused
from clinic.rewards.rules.receipts import disagreements
from clinic.sites.commands import json_option


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


def _read(receipt_file: BinaryIO) -> object:
    try:
        return json.loads(receipt_file.read())
    except (ValueError, RecursionError) as error:
        raise Refused("This file is not the JSON text of a receipt.") from error

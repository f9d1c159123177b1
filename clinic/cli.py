"""The ``clinic`` command: everything an operator does without a browser.

Every command takes ``--json`` where its answer is data, and says on failure what to do.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup
from flask_migrate import upgrade

from clinic.app import create_app
from clinic.core.errors import Declined, Refused


class ClinicGroup(FlaskGroup):
    """Runs each command inside the application, and prints a refusal as a sentence."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except Refused as refusal:
            for reason in refusal.reasons:
                click.echo(f"refused: {reason}", err=True)
            sys.exit(1)
        except Declined as refusal:
            click.echo(f"refused: {refusal}", err=True)
            sys.exit(1)


def _app() -> Flask:
    return create_app()


@click.group(cls=ClinicGroup, create_app=_app, add_default_commands=False)
def main() -> None:
    """Program management for an opioid treatment program.

    Start it with `clinic serve`; the address and the demo accounts are printed.
    Settings come from CLINIC_* variables: CLINIC_DATABASE_URL, CLINIC_INSTANCE, CLINIC_ENV.
    """


@main.command("migrate")
def migrate() -> None:
    """Bring the database's schema up to this program. Safe to run again."""
    upgrade()
    click.echo("The schema is up to date.")


def as_json(value: object) -> None:
    """Print data for machines."""
    click.echo(json.dumps(value, indent=2, sort_keys=True, default=str))

"""The ``clinic`` command: everything an operator does without a browser.

Every command takes ``--json`` where its answer is data, and says on failure what to do.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext

import click
from flask import has_app_context
from sqlalchemy.exc import DBAPIError

from clinic.app import create_app
from clinic.census.commands import census_group
from clinic.cli.audit import audit_group
from clinic.cli.serve import migrate, serve
from clinic.cli.users import user_group
from clinic.core.errors import Declined, Refused
from clinic.demo.commands import demo
from clinic.exchange.commands import import_group
from clinic.rewards.commands import rewards_group
from clinic.rulebook.commands import rules_group


class ClinicGroup(click.Group):
    """Runs each command inside the application, and prints a refusal as sentences."""

    def invoke(self, context: click.Context) -> object:
        inside = nullcontext() if has_app_context() else create_app().app_context()
        try:
            with inside:
                result: object = super().invoke(context)
                return result
        except Refused as refusal:
            reasons = refusal.reasons
        except Declined as refusal:
            reasons = (str(refusal),)
        except DBAPIError as error:
            reasons = (f"the database says: {error.orig}. Is it there, and `clinic migrate` run?",)
        for reason in reasons:
            click.echo(f"refused: {reason}", err=True)
        sys.exit(1)


@click.group(cls=ClinicGroup)
def main() -> None:
    """Program management for an opioid treatment program.

    `clinic serve` starts the pages and the scheduler and prints how to sign in.

    Settings come from the environment: CLINIC_DATABASE_URL, CLINIC_INSTANCE, CLINIC_SECRET_KEY,
    CLINIC_ENV=production.
    """


for command in (
    serve,
    migrate,
    demo,
    user_group,
    audit_group,
    rules_group,
    census_group,
    import_group,
    rewards_group,
):
    main.add_command(command)

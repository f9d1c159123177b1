"""``clinic user``: let the first administrator in, or help somebody who is locked out."""

from __future__ import annotations

import json

import click

from clinic.core.errors import NotFound
from clinic.data.db import db
from clinic.sites.commands import json_option, site_clock, site_option, work_at
from clinic.staff import queries, services
from clinic.staff.facts import Role
from clinic.staff.forms import PASSWORD_LENGTH_MIN
from clinic.web import passwords

ROLE = click.Choice([role.value for role in Role])


@click.group("user")
def user_group() -> None:
    """Accounts of the people who work at a site."""


@user_group.command("list")
@site_option
@json_option
def list_users(site_code: str | None, *, as_json: bool) -> None:
    """Everybody with a role at the site."""
    with work_at(site_clock(site_code), command="user list") as work:
        members = queries.members(work)
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "username": one.username,
                        "name": one.display_name,
                        "roles": [role.value for role in one.roles],
                        "active": one.is_active,
                    }
                    for one in members
                ],
                indent=2,
            )
        )
        return
    for one in members:
        state = "" if one.is_active else "  (disabled)"
        roles = ", ".join(role.label for role in one.roles)
        click.echo(f"{one.username:<16} {one.display_name:<28} {roles}{state}")


@user_group.command("add")
@click.argument("username")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=ROLE,
)
@site_option
@click.password_option(help=f"At least {PASSWORD_LENGTH_MIN} characters; asked for if absent.")
@json_option
def add_user(
    username: str,
    name: str,
    roles: tuple[str, ...],
    site_code: str | None,
    password: str,
    *,
    as_json: bool,
) -> None:
    """Open an account for NAME, who will sign in as USERNAME."""
    hashed = _hashed(password)
    with work_at(site_clock(site_code), command="user add") as work:
        user_id = services.add_person(
            work,
            username=username,
            display_name=name,
            password_hash=hashed,
            roles=[Role(role) for role in roles],
        )
    _answer(
        {"id": str(user_id), "username": username},
        f"{name} can sign in as {username}.",
        as_json=as_json,
    )


@user_group.command("password")
@click.argument("username")
@site_option
@click.password_option(help=f"At least {PASSWORD_LENGTH_MIN} characters; asked for if absent.")
@json_option
def set_password(username: str, site_code: str | None, password: str, *, as_json: bool) -> None:
    """Give USERNAME a new password and end every session of theirs."""
    hashed = _hashed(password)
    known = queries.account(db.session(), username=username)
    if known is None:
        raise NotFound(f"there is no account {username!r}; `clinic user list` shows them")
    with work_at(site_clock(site_code), command="user password") as work:
        services.change_password(work, user_id=known.user_id, password_hash=hashed, keep=None)
    _answer(
        {"id": str(known.user_id), "username": username},
        f"{username} has a new password; all their sessions have ended.",
        as_json=as_json,
    )


def _answer(data: dict[str, str], sentence: str, *, as_json: bool) -> None:
    click.echo(json.dumps(data, indent=2) if as_json else sentence)


def _hashed(password: str) -> str:
    if len(password) < PASSWORD_LENGTH_MIN:
        raise click.BadParameter(
            f"at least {PASSWORD_LENGTH_MIN} characters", param_hint="password"
        )
    return passwords.hash_of(password)

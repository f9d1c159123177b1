"""Every form is ours, and no POST passes without the token of the page it came from."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_wtf import FlaskForm
from wtforms import FieldList, Form, FormField
from wtforms.fields.core import UnboundField

from clinic.data.db import db
from clinic.web.forms import PageForm
from tests import cast
from tests.conftest import SignIn
from tests.house.requests import doors
from tests.house.source import dotted, imports, modules, rooms


def forms() -> list[type[Form]]:
    return [
        thing
        for path in rooms("forms")
        for _name, thing in inspect.getmembers(
            importlib.import_module(dotted(path)), inspect.isclass
        )
        if issubclass(thing, Form) and thing not in {Form, FlaskForm}
    ]


def parts(form: type[Form]) -> set[type[Form]]:
    """Forms that are a group of fields inside this one, and share its token."""
    found: set[type[Form]] = set()
    for name in dir(form):
        field = getattr(form, name)
        while isinstance(field, UnboundField) and field.args:
            if field.field_class is FormField:
                found.add(field.args[0])
            field = field.args[0] if field.field_class is FieldList else None
    return found


def test_every_form_descends_from_the_page_form() -> None:
    found = forms()
    pages = {form for form in found if issubclass(form, PageForm)}
    assert len(pages) > 5
    assert set(found) - pages - set().union(*map(parts, pages)) == set()


def test_only_the_base_form_knows_flask_wtf() -> None:
    knowing = {dotted(path) for path in modules("clinic") if "flask_wtf.FlaskForm" in imports(path)}
    assert knowing == {"clinic.web.forms"}


@pytest.fixture
def guarded(app: Flask) -> Iterator[Flask]:
    app.config["WTF_CSRF_ENABLED"] = True
    yield app
    app.config["WTF_CSRF_ENABLED"] = False


def contents() -> dict[str, int]:
    """How many rows each table holds."""
    counts = {
        name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for name, table in db.metadata.tables.items()
    }
    db.session.rollback()
    return counts


def test_every_post_without_a_token_is_refused_and_changes_nothing(
    guarded: Flask, sign_in: SignIn
) -> None:
    client = sign_in(cast.ADA)
    before = contents()
    sent = {"username": "ada", "password": cast.PASSWORD, "site_id": str(cast.NORTH.id)}

    without = {door: client.post(door.path, data=sent) for door in doors(guarded, "POST")}
    wrong = {
        door: client.post(door.path, data=sent | {"csrf_token": "of another page"})
        for door in doors(guarded, "POST")
    }

    assert len(without) > 10
    statuses = {answer.status_code for answer in [*without.values(), *wrong.values()]}
    assert statuses == {400}
    assert contents() == before
    assert client.get("/account").status_code == 200


@pytest.mark.usefixtures("guarded")
def test_with_its_token_a_form_passes(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    page = client.get("/account").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]

    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303


@pytest.mark.usefixtures("guarded")
def test_a_token_of_another_session_is_refused(sign_in: SignIn) -> None:
    page = sign_in(cast.NORA).get("/account").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    client = sign_in(cast.ADA)
    client.get("/account")

    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 400
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_door_takes_another_method(house: Flask, method: str) -> None:
    assert list(doors(house, method)) == []


@pytest.mark.usefixtures("guarded")
def test_a_method_in_a_field_or_header_is_not_obeyed(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    answer = client.get("/sign-out?_method=POST", headers={"X-HTTP-Method-Override": "POST"})
    assert answer.status_code == 405

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from clinic.web.forms import OnceForm, VersionedForm, choice, given, stripped


@pytest.fixture
def outside() -> Flask:
    app = Flask("forms")
    app.config.update(SECRET_KEY="only for tests", WTF_CSRF_ENABLED=False)
    return app


class Note(OnceForm):
    text = StringField()


@pytest.mark.parametrize(
    ("typed", "arrived"), [("  a b  ", "a b"), ("a\x00b", "ab"), (5, 5), (None, None)]
)
def test_text_arrives_without_blanks_around_it_and_without_nul(
    typed: object, arrived: object
) -> None:
    assert stripped(typed) == arrived


def test_each_page_has_a_key_of_its_own_that_is_no_part_of_the_request(outside: Flask) -> None:
    with outside.test_request_context():
        first, second = Note(formdata=None), Note(formdata=None)
        assert first.idempotency_key.data != second.idempotency_key.data
        sent = Note(formdata=MultiDict({"text": " x ", "idempotency_key": "k1"}))
        assert sent.validate()
        assert sent.request_values() == {"text": "x"}


@pytest.mark.parametrize("key", ["", "k" * 81])
def test_a_form_without_a_proper_key_is_refused(outside: Flask, key: str) -> None:
    with outside.test_request_context():
        assert not Note(formdata=MultiDict({"idempotency_key": key})).validate()


def test_a_version_is_a_number(outside: Flask) -> None:
    with outside.test_request_context():
        assert VersionedForm(formdata=MultiDict({"version": "3"})).version.data == 3
        assert not VersionedForm(formdata=MultiDict({"version": "three"})).validate()
        assert not VersionedForm(formdata=MultiDict({})).validate()


def test_a_required_field_that_is_empty_is_a_bug() -> None:
    assert given(0) == 0
    with pytest.raises(ValueError, match="arrived empty"):
        given(None)


def test_a_choice_has_a_value_and_a_label() -> None:
    assert list(choice("nurse", "Nurse"))[:2] == ["nurse", "Nurse"]

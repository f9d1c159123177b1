"""The form every form descends from: CSRF always, stripped text, and one key for one act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, PasswordField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from clinic.data.types import new_id

KEY_LENGTH_MAX = 80
Value = TypeVar("Value")


def stripped(value: object) -> object:
    """WTForms filter: text without surrounding blanks and without NUL."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


def given(value: Value | None) -> Value:
    """What a required field of a valid form holds: validators promise it, types can't see it."""
    if value is None:
        raise ValueError("a required field arrived empty through validation")
    return value


def choice(value: str, label: str) -> Any:
    """One option of a select: what it sends and what people read."""
    return SelectChoice(value, label)


class ChecksField(SelectMultipleField):
    """Several of a few, each with a box of its own: nobody has to know of Ctrl-click."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PageForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """A form of one page. Every text arrives stripped, a password as it was typed."""

    class Meta:
        def bind_field(self, form: PageForm, unbound_field: Any, options: dict[str, Any]) -> Any:
            filters: list[Callable[[Any], Any]] = [*unbound_field.kwargs.get("filters", ())]
            if not issubclass(unbound_field.field_class, PasswordField):
                filters.insert(0, stripped)
            return unbound_field.bind(form=form, filters=filters, **options)


class OnceForm(PageForm):
    """A form that moves a dose, money, stock or a booking: sent twice, it acts once.

    ``idempotency_key`` is made when the page is shown and travels with every retry.
    """

    idempotency_key = HiddenField(
        default=lambda: new_id().hex, validators=[DataRequired(), Length(max=KEY_LENGTH_MAX)]
    )

    def request_values(self) -> dict[str, Any]:
        """What was asked, for telling a retry from a different request under the same key.

        Without secrets: a digest of six digits would give them away.
        """
        return {
            field.short_name: str(field.data)
            for field in self
            if field.short_name not in {"csrf_token", "idempotency_key"}
            and not isinstance(field, PasswordField)
        }


class VersionedForm(PageForm):
    """A form that edits a row: it sends back the version it showed."""

    version = IntegerField(widget=HiddenInput(), validators=[DataRequired()])

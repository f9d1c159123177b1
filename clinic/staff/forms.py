"""What people type to sign in, and what an administrator types to let them."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, Regexp, ValidationError

from clinic.staff.facts import Role
from clinic.staff.rules import may_be_pin
from clinic.web.forms import ChecksField, OnceForm, PageForm, choice

PASSWORD_LENGTH_MIN = 12
"""Length, no composition rules. Source: OWASP ASVS 5.0 V6; NIST SP 800-63B 5.1.1."""

_ROLES = [choice(role.value, role.label) for role in Role if role is not Role.PATIENT]


class SignInForm(PageForm):
    username = StringField("Username", validators=[DataRequired(), Length(max=80)])
    password = PasswordField("Password", validators=[DataRequired(), Length(max=200)])
    kept = HiddenField()


class UnlockForm(PageForm):
    password = PasswordField("PIN or password", validators=[DataRequired(), Length(max=200)])


class PinForm(PageForm):
    """The password stands beside a new PIN: a screen left alone must not change who signs."""

    password = PasswordField("Your password", validators=[DataRequired(), Length(max=200)])
    pin = PasswordField(
        "PIN",
        validators=[DataRequired(), Length(max=20)],
        description="Six digits, not a row and no pattern. You sign with it at the window.",
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    pin_again = PasswordField(
        "PIN again",
        validators=[DataRequired(), EqualTo("pin", message="The two do not match.")],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )

    def validate_pin(self, field: PasswordField) -> None:
        """WTForms hook. Raises: ValidationError with what is wrong with the digits."""
        reasons = may_be_pin(field.data or "").reasons
        if reasons:
            raise ValidationError(" ".join(reason.message for reason in reasons))


class PersonForm(PageForm):
    display_name = StringField("Name", validators=[DataRequired(), Length(max=200)])
    username = StringField(
        "Username",
        validators=[
            DataRequired(),
            Length(max=80),
            Regexp(r"[a-z][a-z0-9._-]*$", message="Small letters, digits, dots and dashes."),
        ],
    )
    password = PasswordField(
        "First password",
        validators=[DataRequired(), Length(min=PASSWORD_LENGTH_MIN, max=200)],
        description=f"At least {PASSWORD_LENGTH_MIN} characters.",
    )
    roles = ChecksField("Roles", choices=_ROLES, validators=[DataRequired()])


class RolesForm(PageForm):
    roles = ChecksField("Roles", choices=_ROLES, validators=[DataRequired()])


class PasswordForm(PageForm):
    current = PasswordField("Current password", validators=[DataRequired(), Length(max=200)])
    new = PasswordField(
        "New password", validators=[DataRequired(), Length(min=PASSWORD_LENGTH_MIN, max=200)]
    )
    again = PasswordField(
        "New password again",
        validators=[DataRequired(), EqualTo("new", message="The two do not match.")],
    )


class SecondPersonForm(OnceForm):
    """A form that two people sign: whoever is signed in, and the one named here.

    The signature is no part of the request that is remembered.
    """

    witness = StringField(
        "Witness's username",
        validators=[DataRequired(), Length(max=80)],
        render_kw={"autocomplete": "off"},
    )
    witness_password = PasswordField(
        "Witness's PIN or password",
        validators=[DataRequired(), Length(max=200)],
        description="The second person signs here, on this screen.",
        render_kw={"autocomplete": "off"},
    )

    def request_values(self) -> dict[str, Any]:
        return {k: v for k, v in super().request_values().items() if k != "witness_password"}

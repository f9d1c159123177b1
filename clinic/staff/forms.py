"""What people type to sign in, and what an administrator types to let them."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, Regexp

from clinic.staff.facts import Role
from clinic.web.forms import ChecksField, PageForm, choice

PASSWORD_LENGTH_MIN = 12
"""Length, no composition rules. Source: OWASP ASVS 5.0 V6; NIST SP 800-63B 5.1.1."""

_ROLES = [choice(role.value, role.label) for role in Role if role is not Role.PATIENT]


class SignInForm(PageForm):
    username = StringField("Username", validators=[DataRequired(), Length(max=80)])
    password = PasswordField("Password", validators=[DataRequired(), Length(max=200)])
    kept = HiddenField()


class UnlockForm(PageForm):
    password = PasswordField("Password", validators=[DataRequired(), Length(max=200)])


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

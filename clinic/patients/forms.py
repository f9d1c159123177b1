"""What the desk types of a person, and what anybody puts on the banner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from clinic.patients.facts import (
    AlertSeverity,
    Identifier,
    Identity,
    PatientFacts,
    PayerKind,
    Sex,
)
from clinic.web.forms import PageForm, VersionedForm, choice

_NAME_MAX = Length(max=200)
_WORD_MAX = Length(max=80)
_TEXTS = (
    "family_name",
    "given_names",
    "preferred_name",
    "telephone",
    "email",
    "address",
    "postal_code",
)


class ParticularsFields:
    """The fields that registering and correcting share."""

    family_name = StringField(
        "Family name",
        validators=[DataRequired(), _NAME_MAX],
        description="Somebody with one name only: it goes here.",
    )
    given_names = StringField("Given names", validators=[Optional(), _NAME_MAX])
    preferred_name = StringField("Preferred name", validators=[Optional(), _NAME_MAX])
    birth_date = DateField("Date of birth", validators=[DataRequired()])
    sex = RadioField(
        "Sex as recorded",
        choices=[choice(sex.value, sex.label) for sex in Sex],
        validators=[DataRequired()],
    )
    telephone = StringField("Telephone", validators=[Optional(), _WORD_MAX])
    email = StringField("E-mail", validators=[Optional(), _NAME_MAX])
    address = StringField("Address", validators=[Optional(), _NAME_MAX])
    postal_code = StringField("Postal code", validators=[Optional(), _WORD_MAX])
    is_pregnant = BooleanField("Pregnant")

    data: Mapping[str, Any]

    def particulars(self) -> dict[str, Any]:
        """What was typed, in the words of ``services.register`` and ``services.correct``."""
        typed = self.data
        return {
            **{field: typed[field] or "" for field in _TEXTS},
            "birth_date": typed["birth_date"],
            "sex": Sex(typed["sex"]),
            "is_pregnant": typed["is_pregnant"],
        }


class RegistrationForm(ParticularsFields, PageForm):
    identifier_system = StringField(
        "Whose number",
        validators=[Optional(), _NAME_MAX],
        description="Medicaid, driver's licence, another clinic's record.",
    )
    identifier_value = StringField("Number", validators=[Optional(), _NAME_MAX])
    despite_duplicates = BooleanField("I have looked: this is somebody else")

    def identifiers(self) -> list[Identifier]:
        system, value = self.data["identifier_system"], self.data["identifier_value"]
        return [Identifier(system, value)] if system and value else []

    def identity(self) -> Identity:
        return Identity(
            family_name=self.data["family_name"],
            given_names=self.data["given_names"] or "",
            birth_date=self.data["birth_date"],
            identifiers=frozenset(self.identifiers()),
        )


class CorrectionForm(ParticularsFields, VersionedForm):
    @classmethod
    def of(cls, patient: PatientFacts) -> CorrectionForm:
        """The form as it is first shown, with what is known now."""
        return cls(
            formdata=None,
            version=patient.version,
            family_name=patient.name.family_name,
            given_names=patient.name.given_names,
            preferred_name=patient.name.preferred_name,
            birth_date=patient.birth_date,
            sex=patient.sex.value,
            telephone=patient.telephone,
            email=patient.email,
            address=patient.address,
            postal_code=patient.postal_code,
            is_pregnant=patient.is_pregnant,
        )


class AllergyForm(PageForm):
    substance = StringField("Substance", validators=[DataRequired(), _NAME_MAX])
    reaction = StringField("Reaction", validators=[Optional(), _NAME_MAX])


class AlertForm(PageForm):
    severity = SelectField(
        "How loud",
        choices=[choice(severity.value, severity.label) for severity in AlertSeverity],
        default=AlertSeverity.ATTENTION.value,
    )
    text = StringField("What everybody must see", validators=[DataRequired(), _NAME_MAX])


class IdentifierForm(PageForm):
    system = StringField("Whose number", validators=[DataRequired(), _NAME_MAX])
    value = StringField("Number", validators=[DataRequired(), _NAME_MAX])


class PhotoForm(PageForm):
    photo = FileField(
        "Picture", validators=[FileRequired()], description="JPEG or PNG, at most 2 MB."
    )


class CoverageForm(PageForm):
    payer = SelectField(
        "Who pays first", choices=[choice(payer.value, payer.label) for payer in PayerKind]
    )
    starts_on = DateField("From", validators=[DataRequired()])
    plan = StringField("Plan", validators=[Optional(), _NAME_MAX])
    member_number = StringField("Member number", validators=[Optional(), _WORD_MAX])


class CoverageEndForm(PageForm):
    ends_on = DateField(
        "First day without it", validators=[DataRequired()], description="Nobody else pays then."
    )

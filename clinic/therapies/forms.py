"""The questions a course begins with: the same for every treatment, then those of its own gates."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TimeField,
)
from wtforms.validators import DataRequired as Required
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from clinic.scheduling.facts import Need, ResourceKind, ResourceName
from clinic.therapies.facts import (
    BloodPressure,
    BodyMassIndex,
    Gate,
    LegalBasis,
    MinorNeedsGuardian,
    Modality,
    OnRecord,
    OpioidClass,
    OpioidFree,
    Owner,
    Pregnancy,
    SafetyScreen,
    Setting,
    StartFacts,
    Weekday,
)
from clinic.therapies.rules.gates import GUARDIAN_CONSENT
from clinic.web.forms import ChecksField, OnceForm, VersionedForm, choice

CONSENT, RECORD, ANSWER, LEGAL, RESOURCE = "consent_", "record_", "answer_", "legal_", "resource_"
_YES_NO = [choice("yes", "Yes"), choice("no", "No")]
_PRESSURE = [Optional(), NumberRange(min=30, max=300)]


class CourseForm(OnceForm):
    """When and where a course takes place. ``course_form`` adds what the treatment asks."""

    starts_on = DateField("Starts on or after", validators=[InputRequired()])
    acknowledged = BooleanField("I have looked at what is asked above and decide to start")

    @property
    def setting_chosen(self) -> Setting | None:
        return Setting(self["setting"].data) if "setting" in self else None

    @property
    def weekdays_chosen(self) -> tuple[Weekday, ...]:
        chosen = self["weekdays"].data if "weekdays" in self else ()
        return tuple(Weekday(int(each)) for each in chosen or ())

    @property
    def resource_ids(self) -> tuple[UUID, ...]:
        return tuple(UUID(field.data) for field in self._group(RESOURCE) if field.data)

    @property
    def wall_time(self) -> Any:
        return self["at"].data if "at" in self else None

    def fields_of(self, *prefixes: str) -> list[Field]:
        """The fields of one group of questions, for the page."""
        return [field for prefix in prefixes for field in self._group(prefix)]

    def facts(self) -> StartFacts:
        """What was answered, for the gates; a question left open stays unknown."""
        return StartFacts(
            consents=self._ticked(CONSENT),
            on_record=self._ticked(RECORD),
            legal_bases=frozenset(LegalBasis(each) for each in self._ticked(LEGAL)),
            answers={
                field.name.removeprefix(ANSWER): field.data == "yes"
                for field in self._group(ANSWER)
                if field.data
            },
            pregnant=self._yes("pregnant"),
            systolic_mmhg=self._value("systolic_mmhg"),
            diastolic_mmhg=self._value("diastolic_mmhg"),
            opioid_class=OpioidClass(opioid) if (opioid := self._value("opioid_class")) else None,
            days_since_last_opioid=self._value("days_since_last_opioid"),
            naloxone_challenge_negative=self._yes("naloxone_challenge_negative"),
            body_mass_index=self._value("body_mass_index"),
        )

    def _group(self, prefix: str) -> list[Field]:
        return [field for field in self if field.name.startswith(prefix)]

    def _ticked(self, prefix: str) -> frozenset[str]:
        return frozenset(
            field.name.removeprefix(prefix) for field in self._group(prefix) if field.data
        )

    def _value(self, name: str) -> Any:
        return self[name].data if name in self else None

    def _yes(self, name: str) -> bool | None:
        answer = self._value(name)
        return answer == "yes" if answer else None


class EndForm(VersionedForm, OnceForm):
    why = StringField("Why it ends", validators=[Required(), Length(max=200)])


class ReferralForm(OnceForm):
    referred_to = StringField("Referred to", validators=[Required(), Length(max=200)])
    reason = StringField("Why", validators=[Required(), Length(max=200)])


def course_form(
    entry: Modality, *, needs: Collection[Need], names: Sequence[ResourceName], is_minor: bool
) -> type[CourseForm]:
    """The form of one treatment: its dates, its consents, and a field for each fact its gates ask.

    ``needs`` are offered as a choice among ``names``, or left to the house.
    """
    fields: dict[str, Any] = dict(_sessions(entry))
    for number, need in enumerate(needs):
        fields[f"{RESOURCE}{number}"] = _resource(need, names)
    for form in entry.consents:
        fields[CONSENT + form.code] = BooleanField(form.title, description=form.source)
    for basis in entry.legal_basis.any_of if entry.legal_basis else ():
        fields[LEGAL + basis] = BooleanField(basis.replace("_", " ").capitalize())
    for gate in entry.gates:
        if is_minor or not isinstance(gate, MinorNeedsGuardian):
            fields.update(_asked_by(gate))
    return type(f"{entry.code}_form", (CourseForm,), fields)


def _sessions(entry: Modality) -> Iterator[tuple[str, Any]]:
    if entry.owned_by is not Owner.THERAPIES or not entry.phases:
        return
    yield "at", TimeField("Time of day", validators=[InputRequired()])
    yield (
        "weekdays",
        ChecksField(
            "Weekdays",
            choices=[choice(str(day.value), day.name.capitalize()) for day in Weekday],
            validators=[Optional()],
            description="None: those of the treatment.",
        ),
    )
    if len(entry.settings) > 1:
        yield (
            "setting",
            RadioField(
                "Where",
                choices=[
                    choice(each.value, each.replace("_", " ").capitalize())
                    for each in entry.settings
                ],
                default=entry.settings[0].value,
            ),
        )


def _resource(need: Need, names: Sequence[ResourceName]) -> Any:
    fitting = [
        choice(str(each.id), each.name)
        for each in names
        if each.kind is need.kind and need.skill in each.skills and each.is_active
    ]
    open_choice = "Whoever is free" if need.kind is ResourceKind.STAFF else "Any that is free"
    return SelectField(
        need.label[:1].upper() + need.label[1:],
        choices=[choice("", open_choice), *fitting],
        validators=[Optional()],
    )


def _asked_by(gate: Gate) -> dict[str, Any]:  # noqa: PLR0911 - one arm a gate
    match gate:
        case MinorNeedsGuardian():
            title = "Consent of a parent, guardian or responsible adult"
            return {CONSENT + GUARDIAN_CONSENT: BooleanField(title, description=gate.source)}
        case OnRecord():
            title = gate.title[:1].upper() + gate.title[1:]
            return {RECORD + gate.item: BooleanField(title, description=gate.source)}
        case SafetyScreen():
            return {ANSWER + each.code: _yes_no(each.text) for each in gate.questions}
        case Pregnancy():
            return {"pregnant": _yes_no("Pregnant?")}
        case BloodPressure():
            return {
                "systolic_mmhg": IntegerField("Systolic", validators=_PRESSURE),
                "diastolic_mmhg": IntegerField("Diastolic", validators=_PRESSURE),
            }
        case OpioidFree():
            return _last_opioid()
        case BodyMassIndex():
            limits = NumberRange(min=Decimal(8), max=Decimal(100))
            index = DecimalField("Body mass index", validators=[Optional(), limits])
            return {"body_mass_index": index}
        case _:
            return {}


def _last_opioid() -> dict[str, Any]:
    words = [choice(each.value, each.replace("_", " ").capitalize()) for each in OpioidClass]
    return {
        "opioid_class": SelectField(
            "Last opioid", choices=[choice("", "Not known"), *words], validators=[Optional()]
        ),
        "days_since_last_opioid": IntegerField(
            "Days since the last opioid", validators=[Optional(), NumberRange(min=0, max=3650)]
        ),
        "naloxone_challenge_negative": _yes_no("Naloxone challenge negative?"),
    }


def _yes_no(text: str) -> Any:
    return RadioField(text, choices=_YES_NO, validators=[Optional()])

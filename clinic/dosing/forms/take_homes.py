"""What is keyed about take-homes: decisions, pick-up days, bottles, callbacks, emergencies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from clinic.dosing.facts import CriteriaOutcome, ExceptionKind, TakeHomeCriterion
from clinic.dosing.facts.pickups import CriterionFinding
from clinic.dosing.forms.asked import AskedForm
from clinic.dosing.rules.callbacks import Found
from clinic.staff.forms import SecondPersonForm
from clinic.web.forms import ChecksField, OnceForm, choice, given

DOSES_MAX = 62
BOTTLES_MAX = 200
MET, NOT_MET = "met", "not_met"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ONE_DAY = timedelta(days=1)


def _answer(criterion: TakeHomeCriterion) -> RadioField:
    return RadioField(
        criterion.label.capitalize(),
        choices=[choice(MET, "Met"), choice(NOT_MET, "Not met")],
        validators=[InputRequired(message="Say whether it is met.")],
    )


def _finding() -> StringField:
    return StringField("What was found", validators=[DataRequired(), Length(max=300)])


class CriteriaForm(OnceForm):
    """The six criteria, each with an answer and a finding. Source: 42 CFR 8.12(i)(2)."""

    no_condition_raising_risk = _answer(TakeHomeCriterion.NO_CONDITION_RAISING_RISK)
    no_condition_raising_risk_finding = _finding()
    regular_attendance = _answer(TakeHomeCriterion.REGULAR_ATTENDANCE)
    regular_attendance_finding = _finding()
    no_serious_behavior_problem = _answer(TakeHomeCriterion.NO_SERIOUS_BEHAVIOR_PROBLEM)
    no_serious_behavior_problem_finding = _finding()
    no_recent_diversion = _answer(TakeHomeCriterion.NO_RECENT_DIVERSION)
    no_recent_diversion_finding = _finding()
    safe_transport_and_storage = _answer(TakeHomeCriterion.SAFE_TRANSPORT_AND_STORAGE)
    safe_transport_and_storage_finding = _finding()
    other_practitioner_criterion = _answer(TakeHomeCriterion.OTHER_PRACTITIONER_CRITERION)
    other_practitioner_criterion_finding = _finding()
    outcome = RadioField(
        "Decision",
        choices=[
            choice(CriteriaOutcome.GRANTED.value, "Grant"),
            choice(CriteriaOutcome.REFUSED.value, "Do not grant"),
        ],
        validators=[InputRequired()],
    )
    ceiling_doses = IntegerField(
        "Most doses in hand",
        validators=[Optional(), NumberRange(1, DOSES_MAX)],
        description="Regular doses. Closed days come on top.",
    )
    rationale = TextAreaField("Basis", validators=[DataRequired(), Length(min=10, max=2000)])
    valid_from = DateField("Valid from", validators=[InputRequired()])
    review_by = DateField(
        "Review by", validators=[Optional()], description="Left empty: the site's rhythm."
    )

    @property
    def findings(self) -> list[CriterionFinding]:
        return [
            CriterionFinding(
                criterion=one,
                met=self[one.value].data == MET,
                finding=self[f"{one.value}_finding"].data or "",
            )
            for one in TakeHomeCriterion
        ]

    def as_decision(self) -> dict[str, Any]:
        """The arguments of ``services.decide``."""
        return {
            "findings": self.findings,
            "outcome": CriteriaOutcome(self.outcome.data),
            "rationale": self.rationale.data or "",
            "ceiling_doses": self.ceiling_doses.data or 0,
            "valid_from": given(self.valid_from.data),
            "review": self.review_by.data,
        }


class ReasonForm(OnceForm):
    reason = StringField("Why", validators=[DataRequired(), Length(min=3, max=200)])


class ExceptionForm(OnceForm):
    kind = SelectField("Kind", choices=[choice(one.value, one.label) for one in ExceptionKind])
    doses = IntegerField("Doses", validators=[InputRequired(), NumberRange(1, DOSES_MAX)])
    starts_on = DateField("First day", validators=[InputRequired()])
    last_on = DateField("Last day", validators=[InputRequired()])
    source = StringField(
        "Approved by",
        validators=[DataRequired(), Length(max=200)],
        description="SMA-168 number and date, or the state's approval.",
    )
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])

    def as_exception(self) -> dict[str, Any]:
        """The arguments of ``services.allow_exception``; people name a last day."""
        last: date = given(self.last_on.data)
        return {
            "kind": ExceptionKind(self.kind.data),
            "doses": given(self.doses.data),
            "starts_on": given(self.starts_on.data),
            "ends_on": date.fromordinal(last.toordinal() + 1) if last < date.max else last,
            "source": self.source.data or "",
            "reason": self.reason.data or "",
        }


class ScheduleForm(OnceForm):
    weekdays = ChecksField(
        "Comes on",
        choices=[choice(str(number), day) for number, day in enumerate(WEEKDAYS)],
        validators=[DataRequired(message="Choose at least one weekday.")],
    )
    valid_from = DateField("From", validators=[InputRequired()])
    storage_taught = BooleanField("Safe transport and storage taught")
    lockbox_seen = BooleanField("Lockbox seen")
    later_portions_home = BooleanField(
        "Later portions of a split dose go home on visit days",
        description="The first portion is taken here; each later one is a bottle for the day.",
    )
    note = StringField("Note", validators=[Optional(), Length(max=200)])


class PrepareForm(AskedForm):
    """Fill what is due; the questions of the decision travel with it."""


class BottlesForm(OnceForm):
    """Bottles by their codes: ticked, or scanned one after another into ``scanned``."""

    codes = ChecksField("Bottles", choices=[], validate_choice=False)
    scanned = StringField(
        "Scan", validators=[Optional(), Length(max=2000)], render_kw={"autocomplete": "off"}
    )

    def offer(self, codes: list[tuple[str, str]]) -> None:
        """One box for each bottle: its code and what people read."""
        self.codes.choices = [choice(code, label) for code, label in codes]

    @property
    def wanted(self) -> list[str]:
        scanned = (self.scanned.data or "").replace(",", " ").split()
        return list(dict.fromkeys([*(self.codes.data or ()), *scanned]))


class ReturnForm(BottlesForm):
    full = ChecksField("Brought back full", choices=[], validate_choice=False)

    def offer(self, codes: list[tuple[str, str]]) -> None:
        super().offer(codes)
        self.full.choices = self.codes.choices


class LostForm(OnceForm):
    how = RadioField(
        "What happened",
        choices=[choice("lost", "Lost"), choice("stolen", "Stolen")],
        validators=[InputRequired()],
    )
    account = StringField(
        "What the patient says", validators=[DataRequired(), Length(min=10, max=200)]
    )


class LossAnswerForm(OnceForm):
    replaced = RadioField(
        "Decision",
        choices=[choice("no", "Not replaced"), choice("yes", "The date may be covered again")],
        validators=[InputRequired()],
    )
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])


class DestroyForm(SecondPersonForm):
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])


class CallbackForm(OnceForm):
    told_how = StringField("Told how and when", validators=[DataRequired(), Length(max=200)])
    reason = StringField("Why this patient", validators=[Optional(), Length(max=200)])


class DrawForm(OnceForm):
    patients_wanted = IntegerField(
        "Patients", default=1, validators=[InputRequired(), NumberRange(1, 50)]
    )


class CountForm(OnceForm):
    sealed = IntegerField(
        "Sealed bottles", validators=[InputRequired(), NumberRange(0, BOTTLES_MAX)]
    )
    empties = IntegerField(
        "Empty bottles", validators=[InputRequired(), NumberRange(0, BOTTLES_MAX)]
    )
    seals_whole = BooleanField("Every seal whole, every volume right")
    labels_right = BooleanField("Every label there and this patient's")
    dose_taken_today = BooleanField("Today's bottle already taken")
    note = StringField("Note", validators=[Optional(), Length(max=200)])

    @property
    def found(self) -> Found:
        return Found(
            sealed=given(self.sealed.data),
            empties=given(self.empties.data),
            seals_whole=bool(self.seals_whole.data),
            labels_right=bool(self.labels_right.data),
        )


class EmergencyForm(SecondPersonForm):
    first_on = DateField("First closed day", validators=[InputRequired()])
    last_on = DateField("Last closed day", validators=[InputRequired()])
    reason = TextAreaField(
        "Reason", validators=[DataRequired(), Length(min=10, max=500)], render_kw={"rows": 2}
    )

    @property
    def days(self) -> list[date]:
        return days_between(self.first_on.data, self.last_on.data)


def days_between(first: date | None, last: date | None) -> list[date]:
    """Every day from the first to the last; none when they are the wrong way round or too far."""
    if first is None or last is None or not 0 <= (last - first).days < DOSES_MAX:
        return []
    return [first + ONE_DAY * number for number in range((last - first).days + 1)]

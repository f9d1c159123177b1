"""What people type to refer a patient, and to move one to another state of care."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from clinic.core.service_dates import SiteClock
from clinic.programs.facts import (
    RESIDENTIAL,
    CareState,
    DischargeReason,
    Particulars,
    ReferralSource,
)
from clinic.web.forms import PageForm, choice

_NOTE_MAX = Length(max=2000)


def _instant(site: SiteClock, wall_time: Any) -> Any:
    return site.instant(wall_time.date(), wall_time.time()) if wall_time else None


class ReferralForm(PageForm):
    referral_source = SelectField(
        "Referred by",
        choices=[choice(source.value, source.label) for source in ReferralSource],
    )
    requested_at = DateTimeLocalField(
        "Asked for treatment at",
        validators=[Optional()],
        description="Leave empty for now. Waiting counts from here.",
    )
    injects = BooleanField("Injects drugs")
    pregnant = BooleanField("Pregnant")

    def asked(self, site: SiteClock) -> dict[str, Any]:
        """What was typed, in the words of ``services.refer``."""
        return {
            "referral_source": ReferralSource(self.data["referral_source"]),
            "requested_at": _instant(site, self.data["requested_at"]),
            "injects": self.data["injects"],
            "pregnant": self.data["pregnant"],
        }


class MoveForm(PageForm):
    """One move. Fields that its target has no use for are dropped when it is made."""

    expected_sequence = IntegerField(
        widget=HiddenInput(), validators=[DataRequired(), NumberRange(min=1, max=2**31 - 1)]
    )
    discharge_reason = SelectField(
        "Reason of discharge",
        choices=[choice("", "Choose one")]
        + [choice(reason.value, reason.label) for reason in DischargeReason],
        validators=[DataRequired()],
    )
    planned_days = IntegerField(
        "Planned stay",
        validators=[DataRequired(), NumberRange(min=1, max=999)],
        render_kw={"data-unit": "days"},
    )
    occurred_at = DateTimeLocalField(
        "When",
        validators=[Optional()],
        description="Leave empty for now; a time in the past is fine, one to come is not.",
    )
    note = TextAreaField("Why", validators=[DataRequired(), _NOTE_MAX])

    @classmethod
    def towards(cls, target: CareState, **values: Any) -> MoveForm:
        """The form with the fields this target needs; ``values`` as any form takes them."""
        form = cls(**values)
        if target is not CareState.DISCHARGED:
            del form.discharge_reason
        if target not in RESIDENTIAL:
            del form.planned_days
        return form

    def asked(self, site: SiteClock) -> dict[str, Any]:
        """What was typed, in the words of ``services.move``."""
        reason = self.data.get("discharge_reason")
        return {
            "note": self.data["note"],
            "planned_days": self.data.get("planned_days"),
            "discharge_reason": DischargeReason(reason) if reason else None,
            "occurred_at": _instant(site, self.data["occurred_at"]),
        }


class ParticularsForm(PageForm):
    """Who counsels, where the patient stays, and what gives priority."""

    expected_sequence = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=0, max=2**31 - 1)]
    )
    counselor = SelectField("Counselor", validators=[Optional()])
    unit = StringField(
        "Unit or building",
        validators=[Optional(), Length(max=80)],
        description="Where the patient stays or comes to; empty when the site has one.",
    )
    injects = BooleanField("Injects drugs")
    pregnant = BooleanField("Pregnant")
    occurred_at = DateTimeLocalField(
        "Since", validators=[Optional()], description="Leave empty for now."
    )

    @classmethod
    def of(cls, counselors: Iterable[tuple[UUID, str]], **values: Any) -> ParticularsForm:
        """The form with the counselors there are; ``values`` as any form takes them."""
        form = cls(**values)
        form.counselor.choices = [
            choice("", "Nobody"),
            *(choice(str(user_id), name) for user_id, name in counselors),
        ]
        return form

    def asked(self, site: SiteClock) -> dict[str, Any]:
        """What was typed, in the words of ``services.change_particulars``."""
        typed = self.data
        return {
            "expected_sequence": typed["expected_sequence"],
            "to": Particulars(
                counselor_id=UUID(typed["counselor"]) if typed["counselor"] else None,
                unit=typed["unit"] or "",
                injects=typed["injects"],
                pregnant=typed["pregnant"],
            ),
            "occurred_at": _instant(site, typed["occurred_at"]),
        }

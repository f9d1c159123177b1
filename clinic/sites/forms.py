"""What an administrator changes about a site."""

from __future__ import annotations

from wtforms import DateField, SelectField, StringField, TimeField
from wtforms.validators import DataRequired, Length, Optional

from clinic.sites.facts import ClosureKind
from clinic.web.forms import PageForm, VersionedForm, choice

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class SiteForm(VersionedForm):
    name = StringField("Name", validators=[DataRequired(), Length(max=200)])
    address = StringField("Address", validators=[Length(max=200)])
    telephone = StringField("Telephone", validators=[Length(max=80)])


class ClosureForm(PageForm):
    closed_on = DateField("Closed on", validators=[DataRequired()])
    kind = SelectField(
        "Kind", choices=[choice(kind.value, kind.value.capitalize()) for kind in ClosureKind]
    )
    reason = StringField("Reason", validators=[DataRequired(), Length(max=200)])


class HoursForm(PageForm):
    """Opening and closing time of each weekday; both empty means closed."""


for _number, _name in enumerate(WEEKDAYS):
    setattr(HoursForm, f"opens_{_number}", TimeField(f"{_name} from", validators=[Optional()]))
    setattr(HoursForm, f"closes_{_number}", TimeField(f"{_name} to", validators=[Optional()]))


class SettingForm(PageForm):
    setting = StringField(
        "Setting",
        validators=[DataRequired(), Length(max=80)],
        description="As `clinic rules list` names it, for example missed_doses.hold_after_missed.",
    )
    value = StringField("Value", validators=[DataRequired(), Length(max=80)])
    starts_on = DateField("From", validators=[DataRequired()])
    source = StringField("Source", validators=[DataRequired(), Length(max=200)])

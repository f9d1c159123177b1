"""How an address asks for a day of the census, or for the names behind a number."""

from __future__ import annotations

from wtforms import BooleanField, DateField, EmailField, StringField
from wtforms.validators import InputRequired, Length, Regexp, ValidationError

from clinic.census.facts import Axis
from clinic.core.errors import NotFound
from clinic.web.forms import PageForm, VersionedForm
from clinic.web.pages import local_path

MAILBOX = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
"""The plain form of an address; what no mail server of ours can reach is not taken."""
NO_ADDRESS = "That is not an e-mail address."


class DayForm(PageForm):
    """Go to a day."""

    on = DateField("Day")


def read_axis(text: str | None) -> Axis:
    """What is to be named; everybody in care when nothing is said.

    Raises: NotFound when the census counts no such thing.
    """
    try:
        return Axis(text or Axis.IN_CARE)
    except ValueError:
        raise NotFound("axis") from None


class SubscribeForm(PageForm):
    """The address at which the morning report is wanted."""

    email = EmailField(
        "E-mail address",
        validators=[InputRequired(), Length(max=200), Regexp(MAILBOX, message=NO_ADDRESS)],
        description="Yours at work. The letter has counts only and names nobody.",
    )


class SaveViewForm(PageForm):
    """Keep an address of the census under a name."""

    name = StringField("Name", validators=[InputRequired(), Length(max=80)])
    address = StringField(
        "Address",
        validators=[InputRequired(), Length(max=2000)],
        description="A page of the census, as the browser shows it, from /census on.",
    )
    is_shared = BooleanField("Share it with everybody at this site")

    def validate_address(self, field: StringField) -> None:
        local = local_path(field.data, otherwise="")
        if local != "/census" and not local.startswith(("/census/", "/census?")):
            raise ValidationError("This is no page of the census.")


class ChangeViewForm(VersionedForm):
    """Rename a saved view, share it or no longer."""

    name = StringField("Name", validators=[InputRequired(), Length(max=80)])
    is_shared = BooleanField("Share it with everybody at this site")


class RemoveViewForm(VersionedForm):
    """Let a saved view go."""

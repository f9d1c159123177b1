"""What is written down with an injection."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from clinic.dosing.facts import BodySite
from clinic.dosing.forms.asked import AskedForm
from clinic.stock.facts import Pack
from clinic.web.forms import choice, given


class InjectionForm(AskedForm):
    order_number = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    body_site = SelectField("Body site", choices=[choice(one.value, one.label) for one in BodySite])
    lot = StringField("Lot", validators=[DataRequired(), Length(max=200)])
    expires_on = DateField("Expires", validators=[InputRequired()])
    rems_note = StringField(
        "REMS",
        validators=[Optional(), Length(max=200)],
        description="Buprenorphine: certified setting, given by staff, never handed over.",
    )

    def read_off(self, packs: tuple[tuple[Pack, int], ...] | None) -> None:
        """Begin with the lot of the one that is open at the window."""
        if packs and not self.lot.data:
            self.lot.data = packs[0][0].lot

    def as_injection(self) -> dict[str, Any]:
        """The arguments of ``services.give_injection``."""
        return {
            "order_number": given(self.order_number.data),
            "body_site": BodySite(self.body_site.data),
            "lot": self.lot.data or "",
            "expires_on": given(self.expires_on.data),
            "rems_note": self.rems_note.data or "",
            "confirmed": self.confirmed.data or (),
        }

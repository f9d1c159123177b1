"""Enrolling in a protocol."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import RadioField
from wtforms.validators import InputRequired

from clinic.rewards.facts import Protocol
from clinic.web.forms import PageForm, choice


class EnrolForm(PageForm):
    protocol = RadioField(
        "Protocol",
        choices=[],
        validate_choice=False,
        validators=[InputRequired("Choose a protocol.")],
        description=(
            "Whoever is running stays on the version they started with. Paying for opioid-free"
            " tests needs the medical director: lost tolerance raises the risk of overdose"
            " (SAMHSA, January 2025)."
        ),
    )

    def offer(self, protocols: Iterable[Protocol]) -> EnrolForm:
        """Show what may be started now; the service looks again."""
        self.protocol.choices = [choice(one.name, one.title) for one in protocols]
        return self

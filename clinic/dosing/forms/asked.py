"""Questions a decision asks before it lets somebody go on."""

from __future__ import annotations

from wtforms import (
    SelectMultipleField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from clinic.core.decision import Decision, Effect
from clinic.dosing.facts import ANSWERED_ELSEWHERE, TYPED_AGAIN
from clinic.web.forms import OnceForm, choice


class AskedForm(OnceForm):
    """A form that answers the questions of a decision, each by its code."""

    confirmed = SelectMultipleField(
        "I have looked at this",
        choices=[],
        validate_choice=False,  # a code nobody asked for answers nothing
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def ask(self, decision: Decision) -> None:
        """Offer one box for each question that a tick answers."""
        self.confirmed.choices = [
            choice(reason.code, reason.message)
            for reason in decision.reasons
            if reason.effect is Effect.ASK and reason.code not in TYPED_AGAIN | ANSWERED_ELSEWHERE
        ]

"""Enrolling in a protocol."""

from __future__ import annotations

from wtforms import RadioField

from clinic.rewards.facts import PROTOCOLS
from clinic.web.forms import PageForm, choice


class EnrolForm(PageForm):
    protocol = RadioField(
        "Protocol",
        choices=[choice(code, protocol.title) for code, protocol in PROTOCOLS.items()],
        description=(
            "For tests negative for stimulants. Paying for opioid-free tests is not offered:"
            " lost tolerance raises the risk of overdose (SAMHSA, January 2025)."
        ),
    )

"""Screens of use: how much is drunk, and what drugs have done."""

from __future__ import annotations

from clinic.assessments.facts.instruments import LOINC, Band, Choice, Code, Instrument, Item

AUDIT_C_SOURCE = "AUDIT-C, Bush et al. 1998; from 3 in women, Bradley et al. 2003"
DAST_10_SOURCE = "DAST-10, Skinner 1982"


def _choices(*labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(score, label) for score, label in enumerate(labels))


AUDIT_C = Instrument(
    id="audit_c",
    version="1998",
    label="AUDIT-C",
    purpose="Alcohol use, last year",
    items=(
        Item(
            "often",
            "How often is alcohol drunk?",
            _choices(
                "never",
                "monthly or less",
                "2-4 times a month",
                "2-3 times a week",
                "4 or more times a week",
            ),
        ),
        Item(
            "amount",
            "Drinks on a day of drinking",
            _choices("none, 1 or 2", "3 or 4", "5 or 6", "7 to 9", "10 or more"),
        ),
        Item(
            "heavy",
            "How often six or more at once?",
            _choices("never", "less than monthly", "monthly", "weekly", "daily or almost"),
        ),
    ),
    bands=(
        Band(0, "below_threshold", "ok"),
        Band(3, "risk_in_women", "info"),
        Band(4, "risk", "attention"),
    ),
    source=AUDIT_C_SOURCE,
    code=Code(LOINC, "75626-2"),
)

_YES_SCORES = _choices("no", "yes")
_NO_SCORES = _choices("yes", "no")

DAST_10 = Instrument(
    id="dast_10",
    version="1982",
    label="DAST-10",
    purpose="Harm from drugs other than alcohol, last year",
    items=tuple(
        Item(name, label, choices)
        for name, label, choices in (
            ("non_medical", "Used drugs without a medical need?", _YES_SCORES),
            ("several", "More than one drug at a time?", _YES_SCORES),
            ("can_stop", "Always able to stop when wanted?", _NO_SCORES),
            ("blackouts", "Blackouts or flashbacks?", _YES_SCORES),
            ("guilt", "Felt bad or guilty about it?", _YES_SCORES),
            ("complaints", "Did partner or parents complain?", _YES_SCORES),
            ("neglect", "Neglected the family?", _YES_SCORES),
            ("illegal", "Broke the law to get drugs?", _YES_SCORES),
            ("withdrawal", "Withdrawal when stopping?", _YES_SCORES),
            ("medical", "Medical problems from use?", _YES_SCORES),
        )
    ),
    bands=(
        Band(0, "none", "ok"),
        Band(1, "low", "info"),
        Band(3, "moderate", "attention"),
        Band(6, "substantial", "attention"),
        Band(9, "severe", "stop"),
    ),
    source=DAST_10_SOURCE,
    code=Code(LOINC, "82667-7"),
)

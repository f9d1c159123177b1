"""The protocol editor, what becomes of a version, the override, and the laboratory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)
from wtforms.widgets import HiddenInput

from clinic.core.money import cents_from_text, dollars
from clinic.rewards.facts import (
    VA_BOWL,
    EditorTerms,
    EscalatingProtocol,
    PrizeProtocol,
    PrizeSlip,
    Protocol,
    SecondSlip,
    SlipKind,
    SlipTerms,
    Target,
)
from clinic.rewards.rules.definitions import site_bowl
from clinic.web.forms import OnceForm, PageForm, choice, given

_TERMS = EditorTerms()
_COUNTING = {"inputmode": "numeric"}
_NOT_DOLLARS = "Type dollars and cents, such as 2.50."
_FINAL_MAX = 60


def _count(label: str, *, default: int, least: int = 0, most: int, about: str = "") -> Any:
    return IntegerField(
        label,
        default=default,
        validators=[
            InputRequired("Type a whole number."),
            NumberRange(least, most, f"A whole number from {least} to {most:,}."),
        ],
        description=about,
        render_kw=_COUNTING,
    )


def _dollars(label: str, *, default: str = "0.00", about: str = "") -> Any:
    return StringField(
        label,
        default=default,
        validators=[InputRequired(_NOT_DOLLARS), Length(max=12), _is_dollars],
        description=about,
        render_kw={"inputmode": "decimal"},
    )


def _is_dollars(_form: PageForm, field: StringField) -> None:
    try:
        cents = cents_from_text(given(field.data))
    except ValueError as error:
        raise ValidationError(_NOT_DOLLARS) from error
    if cents > _TERMS.amount_max_cents:
        raise ValidationError(f"An amount is $0.00 to {dollars(_TERMS.amount_max_cents)}.")


def _cents(field: StringField) -> int:
    return cents_from_text(given(field.data))


class ProtocolForm(OnceForm):
    """Every parameter of a protocol, of both kinds; only the chosen kind's are looked at."""

    based_on = IntegerField(default=0, widget=HiddenInput(), validators=[NumberRange(0)])
    """The latest version of this name when the page was shown; 0 for a new name."""
    name = StringField(
        "Short name",
        validators=[DataRequired(), Length(max=40)],
        description="Small letters, digits and _; stays the same over all versions.",
    )
    title = StringField("Title", validators=[DataRequired(), Length(max=150)])
    target = RadioField(
        "Pays for",
        choices=[choice(one.value, one.label) for one in Target],
        default=Target.STIMULANT_NEGATIVE.value,
        description="Opioid-negative samples only with the medical director's override.",
    )
    kind = RadioField(
        "Pays with",
        choices=[choice("escalating", "Money"), choice("prize", "Draws from a bowl")],
        default="escalating",
    )
    scheduled_visits = _count("Visits", default=24, least=1, most=_TERMS.visits_max)
    yearly_cap = StringField(
        "Cap a calendar year",
        validators=[Optional(), Length(max=12)],
        description="Empty: none of the protocol's own.",
        render_kw={"inputmode": "decimal"},
    )
    outpatient_only = BooleanField("For outpatients only")
    negatives_per_step = _count(
        "Met visits per step",
        default=1,
        least=1,
        most=_TERMS.visits_max,
        about="So many in a row before the next pays more.",
    )
    recovers_on_negative = _count(
        "Level regained on",
        default=0,
        most=_TERMS.visits_max,
        about="Which met visit in a row after a slip pays the earlier level again; 0: none.",
    )
    positive_resets = BooleanField("A visit that did not meet the target sets back", default=True)
    missed_resets = BooleanField("An unexcused absence sets back", default=True)
    excused_resets = BooleanField("An excused absence sets back")
    second_slip = RadioField(
        "After a second slip",
        choices=[choice(one.value, one.label) for one in SecondSlip],
        default=SecondSlip.KEEPS_HIGHEST.value,
    )
    first = _dollars("First visit", default="2.50")
    step = _dollars("Each step more", default="1.25")
    bonus = _dollars("Bonus")
    bonus_every = _count("Bonus after", default=0, most=_TERMS.visits_max, about="in a row; 0: no")
    final_visits = StringField(
        "Flat last visits",
        validators=[Optional(), Length(max=600)],
        description=(
            "Amounts of the last visits, each by itself: 15.00 x6, 10.00 x5, 21.00. Empty: none."
        ),
    )
    first_draws = _count("First draws", default=1, least=1, most=_TERMS.draws_max)
    draw_cap = _count("Most draws a visit", default=8, least=1, most=_TERMS.draws_max)
    bonus_draws = _count(
        "Bonus draws",
        default=0,
        most=_TERMS.draws_max,
        about="When also negative for opioids and cannabis: needs the override, too.",
    )
    good_job_count = _count("Good job slips", default=250, most=_TERMS.slips_max)
    good_job_value = _dollars("Worth, good job")
    small_count = _count("Small slips", default=209, most=_TERMS.slips_max)
    small_value = _dollars("Worth, small", default="1.00")
    large_count = _count("Large slips", default=40, most=_TERMS.slips_max)
    large_value = _dollars("Worth, large", default="20.00")
    jumbo_count = _count("Jumbo slips", default=1, most=_TERMS.slips_max)
    jumbo_value = _dollars("Worth, jumbo", default="100.00")
    puts_back = BooleanField("A drawn slip goes back before the next draw", default=True)
    met_percent = _count(
        "Visits met",
        default=50,
        most=100,
        about="For the expected cost: percent of visits that meet the target.",
    )
    why = TextAreaField(
        "What this version is for, and where its numbers are from",
        validators=[DataRequired(), Length(max=1000)],
        render_kw={"rows": 2},
    )

    def validate_yearly_cap(self, field: StringField) -> None:
        try:
            cents_from_text(given(field.data))
        except ValueError as error:
            raise ValidationError(_NOT_DOLLARS) from error

    def validate_final_visits(self, field: StringField) -> None:
        _amounts(field.data or "")

    @property
    def definition(self) -> Protocol:
        """What was typed, as a protocol; name, title and reason may be missing, nothing else."""
        common: dict[str, Any] = {
            "name": self.name.data or "",
            "version": 1,
            "title": self.title.data or "",
            "target": Target(self.target.data),
            "scheduled_visits": self.scheduled_visits.data,
            "negatives_per_step": self.negatives_per_step.data,
            "recovers_on_negative": self.recovers_on_negative.data,
            "yearly_cap_cents": _cents(self.yearly_cap) if self.yearly_cap.data else None,
            "outpatient_only": self.outpatient_only.data,
            "source": self.why.data or "the site's own",
            "slips": SlipTerms(
                positive_resets=self.positive_resets.data,
                missed_resets=self.missed_resets.data,
                excused_resets=self.excused_resets.data,
                second_slip=SecondSlip(self.second_slip.data),
            ),
        }
        if self.kind.data == "prize":
            return PrizeProtocol(
                **common,
                first_draws=self.first_draws.data,
                draw_cap=self.draw_cap.data,
                bonus_draws=self.bonus_draws.data,
                bowl=site_bowl(tuple(self._slips()), puts_back=self.puts_back.data)
                if self._is_changed()
                else VA_BOWL,
            )
        return EscalatingProtocol(
            **common,
            first_cents=_cents(self.first),
            step_cents=_cents(self.step),
            bonus_cents=_cents(self.bonus),
            bonus_every=self.bonus_every.data,
            final_visits_cents=_amounts(self.final_visits.data or ""),
        )

    @property
    def bowl_fields(self) -> list[tuple[IntegerField, StringField]]:
        """How many slips of each kind, and what one is worth."""
        return [(self[f"{slip.value}_count"], self[f"{slip.value}_value"]) for slip in PrizeSlip]

    def _slips(self) -> list[SlipKind]:
        return [
            SlipKind(slip, self[f"{slip.value}_count"].data, _cents(self[f"{slip.value}_value"]))
            for slip in PrizeSlip
        ]

    def _is_changed(self) -> bool:
        return tuple(self._slips()) != VA_BOWL.slips or not self.puts_back.data


def typed(protocol: Protocol) -> dict[str, Any]:
    """A protocol as the editor's fields show it."""
    values: dict[str, Any] = {
        "title": protocol.title,
        "target": protocol.target.value,
        "kind": "prize" if isinstance(protocol, PrizeProtocol) else "escalating",
        "scheduled_visits": protocol.scheduled_visits,
        "yearly_cap": _typed(protocol.yearly_cap_cents) if protocol.yearly_cap_cents else "",
        "outpatient_only": protocol.outpatient_only,
        "negatives_per_step": protocol.negatives_per_step,
        "recovers_on_negative": protocol.recovers_on_negative,
        "positive_resets": protocol.slips.positive_resets,
        "missed_resets": protocol.slips.missed_resets,
        "excused_resets": protocol.slips.excused_resets,
        "second_slip": protocol.slips.second_slip.value,
    }
    if isinstance(protocol, EscalatingProtocol):
        return values | {
            "first": _typed(protocol.first_cents),
            "step": _typed(protocol.step_cents),
            "bonus": _typed(protocol.bonus_cents),
            "bonus_every": protocol.bonus_every,
            "final_visits": ", ".join(_typed(cents) for cents in protocol.final_visits_cents),
        }
    for kind in protocol.bowl.slips:
        values[f"{kind.slip.value}_count"] = kind.count
        values[f"{kind.slip.value}_value"] = _typed(kind.value_cents)
    return values | {
        "puts_back": protocol.bowl.puts_back,
        "first_draws": protocol.first_draws,
        "draw_cap": protocol.draw_cap,
        "bonus_draws": protocol.bonus_draws,
    }


def _typed(cents: int) -> str:
    return dollars(cents).removeprefix("$").replace(",", "")


def _amounts(text: str) -> tuple[int, ...]:
    """``15.00 x2, 21.00`` as cents. Raises: ValidationError for anything else."""
    found: list[int] = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        amount, _, times = part.lower().partition("x")
        try:
            count = int(times) if times.strip() else 1
            cents = cents_from_text(amount)
        except ValueError as error:
            raise ValidationError(
                "Type amounts with commas between, such as 15.00 x6, 10.00."
            ) from error
        if not 1 <= count <= _FINAL_MAX - len(found) or cents > _TERMS.amount_max_cents:
            raise ValidationError(
                f"At most {_FINAL_MAX} amounts, each up to {dollars(_TERMS.amount_max_cents)}."
            )
        found += [cents] * count
    return tuple(found)


class StepForm(OnceForm):
    """Switch a version on, or retire it."""

    reason = StringField("Reason", validators=[DataRequired(), Length(max=500)])


class OverrideForm(OnceForm):
    """The medical director's word on an opioid target."""

    is_note_confirmed = BooleanField(
        "I have read this note, and it has been weighed for our patients.",
        validators=[InputRequired("Confirm that you have read the safety note.")],
    )
    reason = TextAreaField("Why this is right here", validators=[DataRequired(), Length(max=1000)])


class LaboratoryForm(PageForm):
    """Which protocols to run on what. The choices of protocols are the view's."""

    protocol = SelectField("Protocol", validators=[InputRequired()])
    compare = SelectField("Beside it", validators=[Optional()])
    seed = IntegerField(
        "Seed of the draws",
        default=1,
        validators=[InputRequired("Type a whole number."), NumberRange(0, 2**31)],
        description="The same seed draws the same slips.",
        render_kw=_COUNTING,
    )
    results = FileField("Results file", description="CSV: patient,visit,result,bonus")

    def offer(self, protocols: Iterable[Protocol]) -> LaboratoryForm:
        """Show what can be run, published and drafted."""
        choices = [choice(key_of(one), f"{one.title}, version {one.version}") for one in protocols]
        self.protocol.choices = choices
        self.compare.choices = [choice("", "nothing"), *choices]
        return self

    @property
    def asked(self) -> dict[str, Any]:
        """What was chosen, as an address or another form takes it."""
        return {
            "protocol": self.protocol.data,
            "compare": self.compare.data,
            "seed": self.seed.data,
        }


def key_of(protocol: Protocol) -> str:
    """A protocol's name and version in one word, for choosing it in a form."""
    return f"{protocol.name}:{protocol.version}"

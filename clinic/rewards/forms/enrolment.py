"""Enrolling in a protocol."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from clinic.rewards.facts import FundingSource, Protocol
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

    funding = SelectField(
        "Paid by",
        choices=[],
        validate_choice=False,
        validators=[Optional()],
        description="As usual: who pays for this protocol, else in general. One source, for good.",
    )

    def offer(
        self, protocols: Iterable[Protocol], *, sources: Iterable[FundingSource] = ()
    ) -> EnrolForm:
        """Show what may be started now and who may pay; the service looks again."""
        self.protocol.choices = [choice(one.name, one.title) for one in protocols]
        self.funding.choices = [
            choice("", "As usual"),
            *(choice(str(one.id), _paying(one)) for one in sources),
        ]
        return self

    def validate_funding(self, field: SelectField) -> None:
        """WTForms hook. Raises: ValidationError for what is no source's id."""
        try:
            UUID(field.data)
        except ValueError as error:
            raise ValidationError("Choose a source from the list.") from error

    @property
    def funding_source_id(self) -> UUID | None:
        return UUID(self.funding.data) if self.funding.data else None


def _paying(source: FundingSource) -> str:
    return f"{source.name} (only {source.pays_for})" if source.pays_for else source.name

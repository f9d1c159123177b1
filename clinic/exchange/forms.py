"""Which files to take in, and what to make of a day with two doses."""

from __future__ import annotations

from typing import Any

from wtforms import MultipleFileField, RadioField, ValidationError
from wtforms.validators import InputRequired

from clinic.core.units import mg
from clinic.exchange.facts.outcome import possible_answers
from clinic.exchange.readers.archive import SUFFIXES, OutsideFile, is_readable, own_name
from clinic.web.forms import OnceForm, PageForm, VersionedForm

NO_DOSE = "none"


class UploadForm(PageForm):
    """Files of a browser. One left empty arrives as a file without a name."""

    files = MultipleFileField(
        "FHIR files",
        description="JSON bundles, or the NDJSON files of one bulk export. Several at once.",
    )

    def validate_files(self, field: MultipleFileField) -> None:
        names = [own_name(file.filename) for file in _sent(field)]
        if not names:
            raise ValidationError("Choose at least one file.")
        wrong = [name for name in names if not is_readable(name)]
        if wrong:
            kinds = " or ".join(SUFFIXES)
            raise ValidationError(f"{', '.join(wrong)}: the name must end in {kinds}.")

    def outside_files(self) -> list[OutsideFile]:
        """What was sent. Shape: in the order chosen."""
        return [OutsideFile(own_name(file.filename), file.read()) for file in _sent(self.files)]


def _sent(field: MultipleFileField) -> list[Any]:
    return [file for file in field.data or () if getattr(file, "filename", "")]


class SettleForm(VersionedForm, OnceForm):
    """One of the doses, their sum as a split dose, or none."""

    dose = RadioField("What was given that day?", validators=[InputRequired()])

    @property
    def dose_ug(self) -> int | None:
        return None if self.dose.data == NO_DOSE else int(self.dose.data)


def settle_form(doses_ug: tuple[int, ...], *, version: int | None = None) -> SettleForm:
    """The form for one day's question; with ``version`` as it is first shown."""
    form = SettleForm(formdata=None, version=version) if version is not None else SettleForm()
    choices = [(str(each), f"{mg(each)} mg") for each in possible_answers(doses_ug)]
    choices[-1] = (choices[-1][0], f"{choices[-1][1]}, a split dose")
    form.dose.choices = [*choices, (NO_DOSE, "No dose")]
    return form

"""What the query page can be asked: kinds of row, their fields, comparisons, and the answer.

Everything that may be asked stands here by name. Nothing a reader sends reaches the database but
a field of this list and a legal value of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from clinic.dosing.facts import BottleKind, BottleState, DoseOrigin
from clinic.patients.facts import Sex
from clinic.programs.facts import CareState, DischargeReason, ReferralSource
from clinic.scheduling.facts import BookingStatus, Setting, VisitKind
from clinic.stock.facts import Form, Medication
from clinic.therapies.catalogue import CATALOGUE
from clinic.toxicology.facts import Analyte, Reading

Value: TypeAlias = str | bool | int | date
Cell: TypeAlias = str | int | float | None

ROWS_MAX = 500
"""As many lines as a page shows; a longer answer says that it was cut."""
ANSWER_WITHIN_SECONDS = 1.0
"""A page is not kept waiting longer; what takes more becomes a report."""
GROUPS_MAX = 2
PATIENTS = "Patients"
"""Heads the column of every counted answer that says how many people a line is about."""


class RowKind(StrEnum):
    """What one row of an answer is."""

    PATIENTS = "patients"
    EPISODES = "episodes"
    DOSES = "doses"
    BOOKINGS = "bookings"
    RESULTS = "results"
    REWARD_VISITS = "reward_visits"
    BOTTLES = "bottles"

    @property
    def label(self) -> str:
        return {
            RowKind.RESULTS: "Test results",
            RowKind.BOTTLES: "Bottles taken home",
        }.get(self, self.value.replace("_", " ").capitalize())


class FieldType(StrEnum):
    CHOICE = "choice"
    DATE = "date"
    NUMBER = "number"
    YES_NO = "yes_no"


class Comparison(StrEnum):
    """How a field is held against a value. The later bound of a date is left out."""

    IS = "is"
    IS_NOT = "not"
    FROM = "from"
    BEFORE = "before"
    AT_LEAST = "min"
    AT_MOST = "max"

    @property
    def label(self) -> str:
        return {
            Comparison.IS_NOT: "is not",
            Comparison.AT_LEAST: "at least",
            Comparison.AT_MOST: "at most",
        }.get(self, self.value)


class Grouping(StrEnum):
    """By what part of a field rows are put together."""

    VALUE = "value"
    MONTH = "month"
    YEAR = "year"


class Show(StrEnum):
    """What is told of each group."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"

    @property
    def label(self) -> str:
        return self.value.capitalize()


COMPARISONS: Mapping[FieldType, tuple[Comparison, ...]] = MappingProxyType(
    {
        FieldType.CHOICE: (Comparison.IS, Comparison.IS_NOT),
        FieldType.YES_NO: (Comparison.IS,),
        FieldType.DATE: (Comparison.FROM, Comparison.BEFORE),
        FieldType.NUMBER: (Comparison.AT_LEAST, Comparison.AT_MOST),
    }
)
YES_NO = (("yes", "Yes"), ("no", "No"))
AGES: Mapping[int, str] = MappingProxyType(
    {
        0: "Under 18",
        18: "18-24",
        25: "25-34",
        35: "35-44",
        45: "45-54",
        55: "55-64",
        65: "65 and over",
    }
)
"""Ages by the least of each band."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field a question may name.

    Units: a number is stored ``scale`` times as large as people write it; a whole number in the
    database, so that no comparison rounds.
    """

    name: str
    label: str
    type: FieldType
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    scale: int = 1
    lists_only: bool = False
    """Shown and grouped by, but has no fixed list of values to filter by."""

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return () if self.lists_only else COMPARISONS[self.type]

    @property
    def groups(self) -> tuple[Grouping, ...]:
        if self.type is FieldType.DATE:
            return (Grouping.MONTH, Grouping.YEAR)
        return () if self.type is FieldType.NUMBER else (Grouping.VALUE,)

    def reads(self, value: object) -> Cell:
        """A stored value in the words of the page."""
        if value is None:
            return None
        if self.type is FieldType.YES_NO:
            return "Yes" if value else "No"
        if self.type is FieldType.NUMBER:
            return plain_number(Decimal(str(value)) / self.scale)
        return dict(self.choices).get(str(value), str(value))


def plain_number(number: Decimal) -> int | float:
    """A number as a spreadsheet takes it: whole where it is whole."""
    return int(number) if number == number.to_integral_value() else float(number)


@dataclass(frozen=True, slots=True)
class Filter:
    field: Field
    comparison: Comparison
    value: Value

    @property
    def key(self) -> str:
        return f"{self.field.name}.{self.comparison}"


@dataclass(frozen=True, slots=True)
class GroupBy:
    field: Field
    part: Grouping = Grouping.VALUE

    @property
    def key(self) -> str:
        name = self.field.name
        return name if self.part is Grouping.VALUE else f"{name}.{self.part}"

    @property
    def label(self) -> str:
        if self.part is Grouping.VALUE:
            return self.field.label
        return f"{self.field.label}, by {self.part}"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked. ``of`` is the number added up, when something is."""

    rows: RowKind
    filters: tuple[Filter, ...] = ()
    groups: tuple[GroupBy, ...] = ()
    show: Show = Show.COUNT
    of: Field | None = None

    @property
    def lists_rows(self) -> bool:
        """Nothing is put together: every row is somebody's."""
        return not self.groups and self.show is Show.COUNT

    def pairs(self) -> list[tuple[str, str]]:
        """The question as an address holds it; reading them gives the same question."""
        found = [("rows", self.rows.value)]
        found += [(one.key, written(one.value, one.field)) for one in self.filters]
        found += [("group", group.key) for group in self.groups]
        if self.show is not Show.COUNT:
            found.append(("show", self.show.value))
        if self.of is not None:
            found.append(("of", self.of.name))
        return found

    def in_words(self) -> str:
        """The question as people would say it: ``Doses: medication is Methadone, by form``."""
        parts = [
            f"{one.field.label.lower()} {one.comparison.label} {_spoken(one)}"
            for one in self.filters
        ]
        parts += [f"by {group.label.lower()}" for group in self.groups]
        if self.of is not None:
            parts.append(f"{self.show} of {self.of.label.lower()}")
        return f"{self.rows.label}: {', '.join(parts)}" if parts else self.rows.label


def written(value: Value, field: Field) -> str:
    """A value as an address holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.type is FieldType.NUMBER and isinstance(value, int):
        return f"{(Decimal(value) / field.scale).normalize():f}"
    return str(value)


def _spoken(one: Filter) -> str:
    text = written(one.value, one.field)
    choices = one.field.choices or (YES_NO if one.field.type is FieldType.YES_NO else ())
    return dict(choices).get(text, text)


@dataclass(frozen=True, slots=True)
class Answer:
    """A table. ``people`` says whose each row is, when rows are not put together.

    Shape: ``withheld`` counts the groups of too few patients to show; ``is_cut`` says that there
    was more than ``ROWS_MAX``.
    """

    labels: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    people: tuple[str, ...] = ()
    is_cut: bool = False
    withheld: int = 0


def _choices(words: Iterable[StrEnum]) -> tuple[tuple[str, str], ...]:
    return tuple((word.value, _label(word)) for word in words)


def _label(word: StrEnum) -> str:
    label = getattr(word, "label", None)
    return label if isinstance(label, str) else word.value.replace("_", " ").capitalize()


def _choice(name: str, label: str, words: Iterable[StrEnum]) -> Field:
    return Field(name, label, FieldType.CHOICE, _choices(words))


_PERSON = (
    _choice("sex", "Sex", Sex),
    Field(
        "age", "Age", FieldType.CHOICE, tuple((str(least), text) for least, text in AGES.items())
    ),
    Field("pregnant", "Pregnant", FieldType.YES_NO),
)
_DAY = Field("date", "Date", FieldType.DATE)
_DOSE = Field("dose_mg", "Dose", FieldType.NUMBER, unit="mg", scale=1000)
_MEDICATION = _choice("medication", "Medication", Medication)
_TREATMENTS = _choices(VisitKind) + tuple(
    (code, entry.name) for code, entry in sorted(CATALOGUE.items())
)

FIELDS: Mapping[RowKind, tuple[Field, ...]] = MappingProxyType(
    {
        RowKind.PATIENTS: (
            *_PERSON,
            Field("in_care", "Open episode", FieldType.YES_NO),
            Field("episodes", "Episodes", FieldType.NUMBER),
            Field("birth_date", "Date of birth", FieldType.DATE),
        ),
        RowKind.EPISODES: (
            Field("date", "Asked for care", FieldType.DATE),
            _choice("state", "Stands at", CareState),
            Field("is_open", "Open", FieldType.YES_NO),
            Field("closed", "Closed", FieldType.DATE),
            _choice("reason", "Discharge reason", DischargeReason),
            _choice("referral", "Referred by", ReferralSource),
            Field("injects", "Injects", FieldType.YES_NO),
            Field("number", "Number of the episode", FieldType.NUMBER),
            *_PERSON,
        ),
        RowKind.DOSES: (
            _DAY,
            _MEDICATION,
            _choice("form", "Form", Form),
            _DOSE,
            _choice("origin", "Recorded at", DoseOrigin),
            *_PERSON,
        ),
        RowKind.BOOKINGS: (
            _DAY,
            _choice("status", "Status", BookingStatus),
            Field("treatment", "Treatment", FieldType.CHOICE, _TREATMENTS),
            _choice("setting", "Setting", Setting),
            *_PERSON,
        ),
        RowKind.RESULTS: (
            _DAY,
            _choice("analyte", "Analyte", Analyte),
            _choice("reading", "Reading", Reading),
            *_PERSON,
        ),
        RowKind.REWARD_VISITS: (
            _DAY,
            Field("protocol", "Protocol", FieldType.CHOICE, lists_only=True),
            Field(
                "outcome",
                "Outcome",
                FieldType.CHOICE,
                (("N", "Negative"), ("P", "Positive"), ("M", "Missed"), ("X", "Excused")),
            ),
            Field("amount", "Amount", FieldType.NUMBER, unit="dollars", scale=100),
            *_PERSON,
        ),
        RowKind.BOTTLES: (
            Field("date", "Handed out", FieldType.DATE),
            Field("take_on", "To take on", FieldType.DATE),
            _MEDICATION,
            _DOSE,
            _choice("kind", "Kind", BottleKind),
            _choice("state", "State", BottleState),
            *_PERSON,
        ),
    }
)
"""Every field of every kind of row, in the order they are shown."""

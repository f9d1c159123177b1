"""Turns the JSON a rule is asked with into typed values, in order, and names the first fault.

The order in which an adapter reads its fields is the order in which faults are reported. ``null``
is the same as a missing field; a field nobody reads is a fault too, because a misspelled option
would otherwise silently take its default.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Self, TypeVar

from clinic.core.errors import Refused

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DECIMAL = re.compile(r"-?[0-9]{1,50}(?:\.[0-9]{1,50})?")

_SETTINGS = "settings"

Choice = TypeVar("Choice", bound=Enum)


class FaultCode(StrEnum):
    INCOMPLETE = "INCOMPLETE"
    """A required field is missing."""
    INVALID = "INVALID"
    """A value of the wrong type, outside its range or list, or in an impossible order."""


class Unreadable(Exception):
    """The input cannot be used; ``item`` is the bare name of the field to blame."""

    def __init__(self, code: FaultCode, item: str) -> None:
        self.code = code
        self.item = item
        super().__init__(f"{code.value}: {item}")


def incomplete(item: str) -> Unreadable:
    return Unreadable(FaultCode.INCOMPLETE, item)


def invalid(item: str) -> Unreadable:
    return Unreadable(FaultCode.INVALID, item)


@contextmanager
def charged_to(item: str) -> Iterator[None]:
    """Blame a field for what the rule cannot compute from it, such as a date off the calendar."""
    try:
        yield
    except (OverflowError, Refused) as cause:
        raise invalid(item) from cause


class Fields:
    """The fields of one JSON object, each read once by name and type."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}
        self._read: set[str] = set()
        self._within: list[Fields] = []
        self._settings: Fields | None = None

    @classmethod
    def of(cls, value: object, *, name: str) -> Self:
        """Raises: Unreadable when the value is not an object."""
        if not isinstance(value, dict):
            raise invalid(name)
        return cls(value)

    def has(self, name: str) -> bool:
        return name in self._values

    def close(self) -> None:
        """Raises: Unreadable when a field, or a setting, is there that the rule does not know."""
        for inner in (*self._within, self.settings()):
            inner.refuse_unread()
        self.refuse_unread()

    def settings(self) -> Fields:
        """The site settings overridden for this case; every one of them is optional."""
        if self._settings is None:
            self._settings = self.inner(_SETTINGS) if self.has(_SETTINGS) else Fields({})
        return self._settings

    def inner(self, name: str) -> Fields:
        within = Fields.of(self._value(name), name=name)
        self._within.append(within)
        return within

    def objects(self, name: str) -> Iterator[Fields]:
        """Each object of a list, in order; a fault inside is named by the inner field alone."""
        for element in self._list(name):
            within = Fields.of(element, name=name)
            self._within.append(within)
            yield within

    def count(
        self,
        name: str,
        *,
        default: int | None = None,
        at_least: int = 0,
        at_most: int | None = None,
    ) -> int:
        if default is not None and not self.has(name):
            return default
        value = self._value(name)
        if type(value) is not int or value < at_least:
            raise invalid(name)
        if at_most is not None and value > at_most:
            raise invalid(name)
        return value

    def optional_count(self, name: str, *, at_least: int = 0) -> int | None:
        return self.count(name, at_least=at_least) if self.has(name) else None

    def one_of(self, name: str, *, legal: Collection[int]) -> int:
        value = self.count(name)
        if value not in legal:
            raise invalid(name)
        return value

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        if default is not None and not self.has(name):
            return default
        value = self._value(name)
        if not isinstance(value, bool):
            raise invalid(name)
        return value

    def text(self, name: str) -> str:
        value = self._value(name)
        if not isinstance(value, str) or not value.strip():
            raise invalid(name)
        return value

    def letters(self, name: str, *, of: type[Choice]) -> tuple[Choice, ...]:
        """A text that holds one letter per element; it may be empty."""
        value = self._value(name)
        if not isinstance(value, str):
            raise invalid(name)
        return tuple(_member(name, letter, of=of) for letter in value)

    def choice(
        self,
        name: str,
        *,
        of: type[Choice],
        among: Collection[Choice] | None = None,
        default: Choice | None = None,
    ) -> Choice:
        if default is not None and not self.has(name):
            return default
        member = _member(name, self._value(name), of=of)
        if among is not None and member not in among:
            raise invalid(name)
        return member

    def choices(self, name: str, *, of: type[Choice], optional: bool = False) -> tuple[Choice, ...]:
        if optional and not self.has(name):
            return ()
        return tuple(_member(name, element, of=of) for element in self._list(name))

    def day(self, name: str, *, not_before: date | None = None) -> date:
        day = _date(name, self._value(name))
        if not_before is not None and day < not_before:
            raise invalid(name)
        return day

    def optional_day(self, name: str, *, not_before: date | None = None) -> date | None:
        return self.day(name, not_before=not_before) if self.has(name) else None

    def days(self, name: str, *, optional: bool = False) -> tuple[date, ...]:
        if optional and not self.has(name):
            return ()
        return tuple(_date(name, element) for element in self._list(name))

    def moment(self, name: str) -> datetime:
        value = self._value(name)
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise invalid(name)
        try:
            return datetime.fromisoformat(value)
        except ValueError as cause:
            raise invalid(name) from cause

    def decimal(
        self, name: str, *, default: Decimal | None = None, above_zero: bool = False
    ) -> Decimal:
        """A quantity of 0 or more, written as text with every digit that counts."""
        if default is not None and not self.has(name):
            return default
        value = self._value(name)
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise invalid(name)
        number = Decimal(value)
        if number < 0 or (above_zero and number == 0):
            raise invalid(name)
        return number

    def _value(self, name: str) -> object:
        self._read.add(name)
        if not self.has(name):
            raise incomplete(name)
        return self._values[name]

    def _list(self, name: str) -> list[object]:
        value = self._value(name)
        if not isinstance(value, list):
            raise invalid(name)
        return value

    def refuse_unread(self) -> None:
        for name in self._values:
            if name not in self._read:
                raise invalid(name)


def _member(name: str, value: object, *, of: type[Choice]) -> Choice:
    if isinstance(value, str):
        for member in of:
            if member.value == value:
                return member
    raise invalid(name)


def _date(name: str, value: object) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise invalid(name)
    try:
        return date.fromisoformat(value)
    except ValueError as cause:
        raise invalid(name) from cause

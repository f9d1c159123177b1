"""A JSON object together with where it stands, so that every refusal can name its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from clinic.exchange.facts.reading import ReadLimits, ReadRefused

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON object of a file.

    Every reader below answers None or nothing for an absent key and raises ReadRefused for a
    value of the wrong kind.
    """

    fields: dict[str, object]
    file: str
    place: str
    limits: ReadLimits

    def refusal(self, reason: str, *, key: str = "") -> ReadRefused:
        return ReadRefused(self.file, self.place_of(key), reason)

    def place_of(self, key: str) -> str:
        return f"{self.place}/{key}" if key else self.place

    def has(self, key: str) -> bool:
        return self.fields.get(key) is not None

    def child(self, key: str) -> Node | None:
        value = self.fields.get(key)
        return None if value is None else self._node(value, self.place_of(key))

    def children(self, key: str) -> tuple[Node, ...]:
        return tuple(
            self._node(value, f"{self.place_of(key)}/{position}")
            for position, value in enumerate(self._items(key))
        )

    def text(self, key: str) -> str:
        value = self.fields.get(key)
        return "" if value is None else self._text(value, self.place_of(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Null is allowed in a list: FHIR puts one where only an extension stands."""
        found = (
            self._text(value, f"{self.place_of(key)}/{position}")
            for position, value in enumerate(self._items(key))
            if value is not None
        )
        return tuple(text for text in found if text)

    def flag(self, key: str) -> bool | None:
        value = self.fields.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.refusal("is neither true nor false", key=key)

    def number(self, key: str) -> Decimal | None:
        value = self.fields.get(key)
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        raise self.refusal("is not a number", key=key)

    def _items(self, key: str) -> list[object]:
        value = self.fields.get(key)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        raise self.refusal("is not a list", key=key)

    def _node(self, value: object, place: str) -> Node:
        if not isinstance(value, dict):
            raise ReadRefused(self.file, place, "is not an object")
        return Node(cast("dict[str, object]", value), self.file, place, self.limits)

    def _text(self, value: object, place: str) -> str:
        if not isinstance(value, str):
            raise ReadRefused(self.file, place, "is not text")
        if len(value) > self.limits.characters_per_text:
            limit = self.limits.characters_per_text
            raise ReadRefused(self.file, place, f"is longer than {limit:,} characters")
        if _UNSTORABLE.search(value):
            raise ReadRefused(self.file, place, "holds a character that cannot be stored")
        return value.strip()

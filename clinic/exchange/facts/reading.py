"""How a reading ends short of facts: refused, or accepted with a warning; and its limits."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.core.errors import Refused


class ReadRefused(Refused):
    """A file cannot be read, so nothing of it is: which file, where in it, and why.

    ``place`` is a JSON pointer (``/entry/3/resource/birthDate``), a line, or both.
    """

    def __init__(self, file: str, place: str, reason: str) -> None:
        self.file = file
        self.place = place
        self.reason = reason
        where = f"{file}, {place}" if place else file
        super().__init__(f"{where}: {reason}")

    def to_json(self) -> dict[str, str]:
        return {"file": self.file, "place": self.place, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class ReadWarning:
    """Something odd that was accepted. ``code`` is stable, ``message`` is a plain sentence."""

    file: str
    place: str
    code: str
    message: str

    def to_json(self) -> dict[str, str]:
        return {
            "file": self.file,
            "place": self.place,
            "code": self.code,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of an outside file the house is willing to hold in memory. Site settings."""

    bytes_per_file: int = 50_000_000
    depth: int = 64
    """Objects and lists inside each other. Real FHIR stays below 20."""
    characters_per_text: int = 10_000
    rows_per_table: int = 2_000_000

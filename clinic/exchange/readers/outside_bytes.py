"""Bytes to text and text to JSON, strictly: whatever could be read two ways is refused.

Limits come first, so that a hostile file costs one look at its size or one pass over it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from clinic.exchange.facts.reading import ReadLimits, ReadRefused

# A string, or all that follows its quote when it never ends: either way one pass over the text.
_QUOTED = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_STRING = re.compile(_QUOTED, re.DOTALL)
_TOKEN = re.compile(_QUOTED + r'|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_NOT_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity"})
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class _Fault(ValueError):
    """Raised inside the decoder, where neither file nor place is known."""


def read_bytes(path: Path, *, limits: ReadLimits) -> bytes:
    """The bytes of a file that is not larger than the limit.

    Raises: ReadRefused when it is too large, absent or unreadable.
    """
    try:
        with path.open("rb") as opened:
            source = opened.read(limits.bytes_per_file + 1)
    except OSError as error:
        raise ReadRefused(path.name, "", f"cannot be opened: {error.strerror}") from error
    require_size(source, file=path.name, limits=limits)
    return source


def require_size(source: bytes, *, file: str, limits: ReadLimits) -> None:
    if len(source) > limits.bytes_per_file:
        raise ReadRefused(file, "", f"is larger than {limits.bytes_per_file:,} bytes")


def decode(source: bytes, *, file: str) -> str:
    """UTF-8 text, with or without a byte order mark.

    Raises: ReadRefused naming the line and the likely encoding otherwise.
    """
    if source.startswith(_UTF_16):
        raise ReadRefused(file, "line 1", "is UTF-16; save it as UTF-8")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ReadRefused(file, f"line {line}", _not_utf_8(source, error)) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise ReadRefused(file, f"line {line}", "contains a NUL character")
    return text


def _not_utf_8(source: bytes, error: UnicodeDecodeError) -> str:
    byte = source[error.start : error.start + 1]
    try:
        source.decode("windows-1252")
        character = byte.decode("windows-1252")
    except UnicodeDecodeError:
        return f"is not UTF-8 text (byte 0x{byte.hex().upper()})"
    return (
        f"is not UTF-8 but looks like Windows-1252 (byte 0x{byte.hex().upper()}, "
        f"there {character!r}); save it as UTF-8"
    )


def load_json(text: str, *, file: str, limits: ReadLimits, place: str = "") -> object:
    """One JSON value with decimals exact, no key twice, no NaN and no bottomless nesting.

    ``place`` prefixes every place named in a refusal, such as the line of an NDJSON file.
    Raises: ReadRefused.
    """
    if _deepest(text) > limits.depth:
        found = _first_fault(text, limits=limits) or ("", "is nested too deeply")
        raise ReadRefused(file, _joined(place, found[0]), found[1])
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_not_a_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        where = place or f"line {error.lineno}, column {error.colno}"
        raise ReadRefused(file, where, _syntax(text, error)) from error
    except _Fault as error:
        found = _first_fault(text, limits=limits) or ("", str(error))
        raise ReadRefused(file, _joined(place, found[0]), found[1]) from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ReadRefused(file, place, "holds a number too long to be read") from error


def _syntax(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "is empty"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return "ends before it is complete; it seems cut off"
    return f"is not JSON: {error.msg}"


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Fault("an object holds a key twice")
    return found


def _not_a_number(word: str) -> NoReturn:
    raise _Fault(f"{word} is not a JSON number")


def _deepest(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        if bracket.group() in "[{":
            depth += 1
            deepest = max(deepest, depth)
        else:
            depth -= 1
    return deepest


def _joined(place: str, pointer: str) -> str:
    return ", ".join(part for part in (place, pointer) if part)


class _Level:
    """One open object or list of the walk below: where it is and what it has held."""

    def __init__(self, pointer: str, *, is_list: bool) -> None:
        self.pointer = pointer
        self.is_list = is_list
        self.step = "0" if is_list else ""
        self.keys: set[str] = set()
        self.awaits_key = not is_list

    @property
    def here(self) -> str:
        return f"{self.pointer}/{self.step}"


def _first_fault(text: str, *, limits: ReadLimits) -> tuple[str, str] | None:
    """Place and reason of the first fault the decoder reports without one.

    Runs only on a file already known to be faulty.
    """
    levels: list[_Level] = []
    for word in _tokens(text):
        level = levels[-1] if levels else None
        if word in "[{":
            if len(levels) == limits.depth:
                return levels[-1].here[:200], f"is nested more than {limits.depth} levels deep"
            pointer = level.here if level else ""
            levels.append(_Level(pointer, is_list=word == "["))
        elif word in "]}":
            if levels:
                levels.pop()
        elif word in _NOT_NUMBERS:
            return (level.here if level else ""), f"{word} is not a JSON number"
        elif level and (repeated := _step(level, word)):
            return repeated
    return None


def _tokens(text: str) -> Iterator[str]:
    return (match.group() for match in _TOKEN.finditer(text))


def _step(level: _Level, word: str) -> tuple[str, str] | None:
    if word == ",":
        level.awaits_key = not level.is_list
        if level.is_list:
            level.step = str(int(level.step) + 1)
    elif level.awaits_key and word.startswith('"'):
        level.awaits_key = False
        level.step = word.strip('"')
        if level.step in level.keys:
            return level.here, f"the key {level.step!r} appears twice in one object"
        level.keys.add(level.step)
    return None

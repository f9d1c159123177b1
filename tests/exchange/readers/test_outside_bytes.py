"""Bytes and JSON: what could be read two ways, or never ends, is refused with its place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from clinic.exchange.facts.reading import ReadLimits, ReadRefused
from clinic.exchange.readers.outside_bytes import decode, load_json, read_bytes

LIMITS = ReadLimits(bytes_per_file=100, depth=4)


def refusal_of(source: bytes) -> dict[str, str]:
    with pytest.raises(ReadRefused) as refused:
        load_json(decode(source, file="a.json"), file="a.json", limits=LIMITS)
    return refused.value.to_json()


def test_a_byte_order_mark_is_fine() -> None:
    assert decode(b'\xef\xbb\xbf"N\xc3\xba\xc3\xb1ez"', file="a.json") == '"Núñez"'


def test_decimals_stay_exact() -> None:
    assert load_json("[0.1, 2]", file="a.json", limits=LIMITS) == [Decimal("0.1"), 2]


@pytest.mark.parametrize(
    ("source", "place", "reason"),
    [
        (b"", "line 1, column 1", "is empty"),
        (b'{"a": [1, 2', "line 1, column 12", "ends before it is complete; it seems cut off"),
        (b'{"a":\n "Nu', "line 2, column 2", "ends before it is complete; it seems cut off"),
        (b'{"a" 1}', "line 1, column 6", "is not JSON: Expecting ':' delimiter"),
        (b"{} {}", "line 1, column 4", "is not JSON: Extra data"),
        (b'{"a": {"b": 1, "b": 2}}', "/a/b", "the key 'b' appears twice in one object"),
        (
            b'[{"x": 1}, {"x": 1, "y": 2, "x": 3}]',
            "/1/x",
            "the key 'x' appears twice in one object",
        ),
        (b'{"a": [1, NaN]}', "/a/1", "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "/a", "-Infinity is not a JSON number"),
        (b'{"a": [[["too deep", [1]]]]}', "/a/0/0/1", "is nested more than 4 levels deep"),
        (b"[" * 99, "/0/0/0/0", "is nested more than 4 levels deep"),
        (b'["\\x", [[[[', "/1/0/0/0", "is nested more than 4 levels deep"),
        (b"9" * 5000, "", "holds a number too long to be read"),
        (b"\xff\xfe{\x00}\x00", "line 1", "is UTF-16; save it as UTF-8"),
        (b'{"a": "\x00"}', "line 1", "contains a NUL character"),
        (
            b'{"a":\n"N\xfa\xf1ez"}',
            "line 2",
            "is not UTF-8 but looks like Windows-1252 (byte 0xFA, there 'ú'); save it as UTF-8",
        ),
        (b'"\x81\xfe"', "line 1", "is not UTF-8 text (byte 0x81)"),
    ],
)
def test_refused_with_place_and_reason(source: bytes, place: str, reason: str) -> None:
    assert refusal_of(source) == {"file": "a.json", "place": place, "reason": reason}


def test_brackets_inside_texts_are_not_nesting() -> None:
    assert load_json('["[[[[[[ \\" {{{{"]', file="a.json", limits=LIMITS) == ['[[[[[[ " {{{{']


def test_a_number_beyond_all_bounds_is_refused_or_kept_but_never_an_error() -> None:
    with pytest.raises(ReadRefused):
        load_json("[1e99999999999999999999]", file="a.json", limits=LIMITS)


def test_a_file_of_escaped_quotes_that_never_ends_takes_one_pass() -> None:
    endless = '"' + '\\"' * 500_000
    with pytest.raises(ReadRefused, match="cut off"):
        load_json(endless, file="a.json", limits=LIMITS)


def test_the_size_limit_holds_before_the_file_is_in_memory(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_bytes(b" " * 101)
    (tmp_path / "just.json").write_bytes(b" " * 100)
    assert len(read_bytes(tmp_path / "just.json", limits=LIMITS)) == 100
    with pytest.raises(ReadRefused) as refused:
        read_bytes(tmp_path / "large.json", limits=LIMITS)
    assert refused.value.reason == "is larger than 100 bytes"


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ReadRefused) as refused:
        read_bytes(tmp_path / "gone.json", limits=LIMITS)
    assert refused.value.to_json() == {
        "file": "gone.json",
        "place": "",
        "reason": "cannot be opened: No such file or directory",
    }

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.hardware.drivers.frames import FrameReader, crc, framed

PAYLOADS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=0, max_size=200)


def test_the_check_is_the_published_one() -> None:
    assert crc(b"123456789") == 0x29B1


def test_a_frame_as_it_stands_on_the_wire() -> None:
    assert framed("1 OK") == b"\x02\x041 OK\xa0\xcc\x03"


@given(st.lists(PAYLOADS, max_size=4), st.integers(1, 9))
def test_frames_arrive_whole_in_whatever_pieces(payloads: list[str], piece: int) -> None:
    data = b"".join(framed(payload) for payload in payloads)
    reader = FrameReader()
    found = [
        payload
        for at in range(0, len(data), piece)
        for payload in reader.feed(data[at : at + piece])
    ]
    assert found == payloads


@given(PAYLOADS, st.integers(0), st.integers(1, 255))
def test_one_byte_spoiled_is_no_frame(payload: str, at: int, flip: int) -> None:
    data = bytearray(framed(payload))
    data[at % len(data)] ^= flip
    assert payload not in FrameReader().feed(bytes(data))


@given(st.binary(max_size=40).filter(lambda noise: b"\x02" not in noise), PAYLOADS)
def test_noise_before_a_frame_is_skipped(noise: bytes, payload: str) -> None:
    assert FrameReader().feed(noise + framed(payload)) == [payload]


def test_a_torn_frame_does_not_swallow_the_next_for_ever() -> None:
    reader = FrameReader()
    reader.feed(framed("1 OK 4000")[:6])
    found = reader.feed(framed("2 OK 4000") + framed("3 OK 10"))
    assert found == ["2 OK 4000", "3 OK 10"]


def test_what_does_not_fit_is_not_sent() -> None:
    with pytest.raises(ValueError, match="200"):
        framed("x" * 201)

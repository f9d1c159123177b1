"""The bowl cannot be steered: slips follow from seed and word, each slip equally likely."""

from __future__ import annotations

import hashlib
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rewards.facts import VA_BOWL, PrizeBowl, PrizeSlip, SlipKind
from clinic.rewards.rules.fair_draw import (
    commitment_of,
    draw_slips,
    place_in,
    receipt_of,
    slip_at,
)
from tests.rewards.receipts import COMMITMENT, DRAWN, SEED, VISIT, WORD, a_receipt


def test_the_commitment_is_the_hash_of_the_seed() -> None:
    assert commitment_of(SEED) == COMMITMENT


def test_the_slips_are_those_openssl_draws() -> None:
    slips = draw_slips(SEED, choice=WORD, visit_id=VISIT, draws=4, bowl=VA_BOWL)

    assert [(one.digest, one.index, one.slip.value, one.value_cents) for one in slips] == list(
        DRAWN
    )
    assert [one.draw for one in slips] == [1, 2, 3, 4]


def test_the_receipt_says_everything() -> None:
    receipt = receipt_of(SEED, choice=WORD, visit_id=VISIT, draws=4, bowl=VA_BOWL)

    assert receipt.to_json() == a_receipt()


@pytest.mark.parametrize(
    ("index", "slip"),
    [
        (0, PrizeSlip.GOOD_JOB),
        (249, PrizeSlip.GOOD_JOB),
        (250, PrizeSlip.SMALL),
        (458, PrizeSlip.SMALL),
        (459, PrizeSlip.LARGE),
        (498, PrizeSlip.LARGE),
        (499, PrizeSlip.JUMBO),
    ],
)
def test_every_place_of_the_bowl_holds_its_slip(index: int, slip: PrizeSlip) -> None:
    assert slip_at(index, bowl=VA_BOWL).slip is slip


def test_no_place_lies_outside_the_bowl() -> None:
    with pytest.raises(IndexError):
        slip_at(500, bowl=VA_BOWL)


# 2 to the 256th leaves 436 when divided by 500: the last 436 digests would favour places 0 to 435
LAST_FAIR = 2**256 - 437
AGAIN = "b78488ef9b4f59c7b4c68ac737b4c992f5a22576aa2cb222024388a3245be467"


def test_the_last_digest_of_a_whole_round_counts() -> None:
    digest = LAST_FAIR.to_bytes(32)

    assert place_in(digest, seed=SEED, size=500) == (digest, 499)


def test_a_digest_that_would_favour_the_first_places_is_drawn_again() -> None:
    digest, place = place_in(b"\xff" * 32, seed=SEED, size=500)

    assert (digest.hex(), place) == (AGAIN, 403)
    assert place_in((LAST_FAIR + 1).to_bytes(32), seed=SEED, size=500)[0] != (
        LAST_FAIR + 1
    ).to_bytes(32)


@given(digest=st.binary(min_size=32, max_size=32), size=st.integers(1, 2**256))
def test_a_place_is_always_in_the_bowl(digest: bytes, size: int) -> None:
    found, place = place_in(digest, seed=SEED, size=size)

    assert 0 <= place < size
    assert int.from_bytes(found) % size == place


@given(
    seed=st.binary(min_size=32, max_size=32),
    choice=st.text(min_size=1, max_size=80),
    visit_id=st.uuids(),
    draws=st.integers(1, 8),
)
def test_the_same_seed_and_word_draw_the_same_slips(
    seed: bytes, choice: str, visit_id: UUID, draws: int
) -> None:
    def slips(count: int) -> object:
        return draw_slips(seed, choice=choice, visit_id=visit_id, draws=count, bowl=VA_BOWL)

    assert slips(draws) == slips(draws)
    more = draw_slips(seed, choice=choice, visit_id=visit_id, draws=draws + 1, bowl=VA_BOWL)
    assert more[:draws] == slips(draws)


@pytest.mark.parametrize("word", ["blue heron ", "Blue heron", "7", "蒼鷺"])
def test_another_word_draws_other_slips(word: str) -> None:
    slips = draw_slips(SEED, choice=word, visit_id=VISIT, draws=4, bowl=VA_BOWL)

    assert {one.digest for one in slips}.isdisjoint(digest for digest, *_ in DRAWN)


def test_over_many_seeds_the_bowl_is_what_it_says() -> None:
    """20,000 draws; each kind within four standard deviations of its share of the 500 slips."""
    counts: Counter[PrizeSlip] = Counter()
    places: Counter[int] = Counter()
    for number in range(2500):
        seed = hashlib.sha256(str(number).encode()).digest()
        slips = draw_slips(seed, choice="7", visit_id=VISIT, draws=8, bowl=VA_BOWL)
        counts.update(one.slip for one in slips)
        places.update(one.index for one in slips)

    assert sum(counts.values()) == 20000
    assert abs(counts[PrizeSlip.GOOD_JOB] - 10000) <= 283
    assert abs(counts[PrizeSlip.SMALL] - 8360) <= 279
    assert abs(counts[PrizeSlip.LARGE] - 1600) <= 154
    assert abs(counts[PrizeSlip.JUMBO] - 40) <= 26
    # 40 draws a place on average: chi-square of 499 degrees of freedom, mean 499, deviation 31.6
    chi_square = sum((places[place] - 40) ** 2 / 40 for place in range(500))
    assert abs(chi_square - 499) <= 127


SMALL_BOWL = PrizeBowl(
    name="five",
    version=1,
    slips=(
        SlipKind(PrizeSlip.GOOD_JOB, 3, 0),
        SlipKind(PrizeSlip.SMALL, 1, 100),
        SlipKind(PrizeSlip.LARGE, 1, 2000),
    ),
    source="test",
    puts_back=False,
)


@given(seed=st.binary(min_size=32, max_size=32), draws=st.integers(1, 9))
def test_a_bowl_that_keeps_slips_out_gives_each_slip_once(seed: bytes, draws: int) -> None:
    slips = draw_slips(seed, choice="7", visit_id=VISIT, draws=draws, bowl=SMALL_BOWL)
    counts = Counter(one.slip for one in slips)

    assert len(slips) == min(draws, 5)
    assert counts[PrizeSlip.GOOD_JOB] <= 3
    assert counts[PrizeSlip.SMALL] <= 1
    assert counts[PrizeSlip.LARGE] <= 1
    assert all(one.index < 6 - one.draw for one in slips)


def test_whether_slips_go_back_is_on_the_receipt_only_where_they_do_not() -> None:
    kept_out = receipt_of(SEED, choice=WORD, visit_id=VISIT, draws=2, bowl=SMALL_BOWL).to_json()
    put_back = receipt_of(SEED, choice=WORD, visit_id=VISIT, draws=2, bowl=VA_BOWL).to_json()

    assert kept_out["bowl"]["puts_back"] is False
    assert "puts_back" not in put_back["bowl"]

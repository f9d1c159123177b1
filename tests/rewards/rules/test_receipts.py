"""A receipt agrees with itself, and with nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rewards.facts import PrizeSlip, SlipKind
from clinic.rewards.rules.definitions import site_bowl
from clinic.rewards.rules.fair_draw import receipt_of
from clinic.rewards.rules.receipts import disagreements
from tests.rewards.receipts import SEED, VISIT, WORD, a_receipt

Path = tuple[str | int, ...]


def leaves(value: object, path: Path = ()) -> list[Path]:
    """Where every single value of a receipt stands."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in leaves(inner, (*path, name))]
    if isinstance(value, list):
        return [found for at, inner in enumerate(value) for found in leaves(inner, (*path, at))]
    return [path]


LEAVES = leaves(a_receipt())


def parent_of(receipt: dict[str, Any], path: Path) -> Any:
    inside: Any = receipt
    for step in path[:-1]:
        inside = inside[step]
    return inside


def parts(receipt: object) -> list[str]:
    return [one.part for one in disagreements(receipt)]


def test_an_honest_receipt_agrees() -> None:
    assert disagreements(a_receipt()) == ()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"form": "another"}, ["form"]),
        ({"commitment": "0" * 64}, ["commitment"]),
        ({"total_cents": 10200}, ["total_cents"]),
        ({"total_cents": 200.0}, ["total_cents"]),
        ({"seed": "nothing"}, ["seed"]),
        ({"seed": None}, ["seed"]),
        ({"choice": 7}, ["choice"]),
        ({"choice": "\ud800"}, ["choice"]),
        ({"visit": "nothing"}, ["visit"]),
        ({"draws": 0}, ["draws"]),
        ({"draws": True}, ["draws"]),
        ({"draws": 10**9}, ["draws"]),
        ({"draws": 3}, ["slips"]),
        ({"bowl": {"name": "petry_500", "version": 2}}, ["bowl"]),
        ({"bowl": {"name": "own", "version": 1}}, ["bowl"]),
        ({"bowl": None}, ["bowl"]),
        ({"note": None}, ["note"]),
    ],
)
def test_the_part_that_does_not_agree_is_named(change: dict[str, Any], named: list[str]) -> None:
    assert parts(a_receipt(**change)) == named


def test_a_better_slip_written_in_is_named() -> None:
    receipt = a_receipt()
    receipt["slips"][1] |= {"slip": "jumbo", "value_cents": 10000, "index": 499}

    assert parts(receipt) == ["slips[2].index", "slips[2].slip", "slips[2].value_cents"]


def test_a_fuller_bowl_written_in_is_named() -> None:
    receipt = a_receipt()
    receipt["bowl"]["slips"][3]["count"] = 2

    assert parts(receipt) == ["bowl.slips[4].count"]


@pytest.mark.parametrize("value", [None, [], "receipt", 7])
def test_what_is_no_receipt_does_not_agree(value: object) -> None:
    assert parts(value) == ["receipt"]


@given(
    path=st.sampled_from(LEAVES),
    value=st.one_of(
        st.none(), st.booleans(), st.integers(-1, 600), st.text(max_size=70), st.floats()
    ),
)
def test_one_changed_value_anywhere_is_noticed(path: Path, value: object) -> None:
    receipt = a_receipt()
    inside = parent_of(receipt, path)
    same = type(inside[path[-1]]) is type(value) and inside[path[-1]] == value
    inside[path[-1]] = value

    assert (disagreements(receipt) == ()) is same


@given(path=st.sampled_from(LEAVES), place=st.integers(0, 63), sign=st.sampled_from("0a"))
def test_one_changed_sign_of_a_text_is_noticed(path: Path, place: int, sign: str) -> None:
    receipt = a_receipt()
    inside = parent_of(receipt, path)
    if not isinstance(inside[path[-1]], str):
        return
    text = inside[path[-1]]
    inside[path[-1]] = changed = text[:place] + sign + text[place + 1 :]

    assert (disagreements(receipt) == ()) is (changed == text)


@pytest.mark.parametrize("path", LEAVES, ids=str)
def test_a_value_left_out_is_noticed(path: Path) -> None:
    receipt = copy.deepcopy(a_receipt())
    del parent_of(receipt, path)[path[-1]]

    assert disagreements(receipt) != ()


SITE_SLIPS = (SlipKind(PrizeSlip.GOOD_JOB, 3, 0), SlipKind(PrizeSlip.SMALL, 2, 100))


@pytest.mark.parametrize("puts_back", [True, False])
def test_a_site_s_own_bowl_answers_for_its_slips(*, puts_back: bool) -> None:
    bowl = site_bowl(SITE_SLIPS, puts_back=puts_back)
    receipt = receipt_of(SEED, choice=WORD, visit_id=VISIT, draws=4, bowl=bowl).to_json()

    assert parts(receipt) == []
    receipt["bowl"]["slips"][1]["value_cents"] = 9900
    assert parts(receipt) == ["bowl"]


@pytest.mark.parametrize("slips", [None, [], [7], [{"slip": "gold", "count": 1}], [{"slip": []}]])
def test_a_site_s_bowl_without_readable_slips_is_named(slips: object) -> None:
    receipt = a_receipt(bowl={"name": site_bowl(SITE_SLIPS).name, "version": 1, "slips": slips})

    assert parts(receipt) == ["bowl"]

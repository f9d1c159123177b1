"""Hold a receipt of a prize draw against what its own seed and choice bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from clinic.rewards.facts import BOWLS, Disagreement, PrizeBowl, PrizeSlip, SlipKind
from clinic.rewards.rules.definitions import SITE_BOWL, site_bowl
from clinic.rewards.rules.fair_draw import receipt_of

DRAWS_MAX = 1000
"""More than a visit of any protocol earns: no receipt keeps the verifier busy."""


class _Inputs(NamedTuple):
    seed: bytes
    choice: str
    visit_id: UUID
    draws: int
    bowl: PrizeBowl


def disagreements(receipt: object) -> tuple[Disagreement, ...]:
    """Every part of a receipt, as read from JSON, that does not follow from its seed and choice.

    Shape: parts are named like ``commitment`` and ``slips[2].index``; empty when all agree. A part
    that is missing, unreadable or unknown disagrees; without seed, choice, visit, draws and a
    known bowl nothing can be drawn again, and only those are named.
    Invariant: a receipt with one part changed never agrees.
    """
    if not isinstance(receipt, dict):
        return (Disagreement("receipt", receipt, None),)
    inputs, unreadable = _inputs(receipt)
    if inputs is None:
        return tuple(Disagreement(part, receipt.get(part), None) for part in unreadable)
    again = receipt_of(
        inputs.seed,
        choice=inputs.choice,
        visit_id=inputs.visit_id,
        draws=inputs.draws,
        bowl=inputs.bowl,
    )
    return tuple(_differences("", receipt, again.to_json()))


def _inputs(receipt: Mapping[str, object]) -> tuple[_Inputs | None, list[str]]:
    """What the draw starts from, or the names of the parts that could not be read."""
    seed = _seed(receipt.get("seed"))
    choice = _choice(receipt.get("choice"))
    visit_id = _visit_id(receipt.get("visit"))
    draws = _draws(receipt.get("draws"))
    bowl = _bowl(receipt.get("bowl"))
    if seed is None or choice is None or visit_id is None or draws is None or bowl is None:
        parts = {"seed": seed, "choice": choice, "visit": visit_id, "draws": draws, "bowl": bowl}
        return None, [name for name, read in parts.items() if read is None]
    return _Inputs(seed, choice, visit_id, draws, bowl), []


def _seed(value: object) -> bytes | None:
    try:
        return bytes.fromhex(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _choice(value: object) -> str | None:
    """Text; JSON can also hold halves of characters, which no text has."""
    if not isinstance(value, str) or any("\ud800" <= sign <= "\udfff" for sign in value):
        return None
    return value


def _visit_id(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _draws(value: object) -> int | None:
    return value if type(value) is int and 0 < value <= DRAWS_MAX else None


def _bowl(value: object) -> PrizeBowl | None:
    """The published bowl of that name and version, whatever the receipt says it holds.

    A bowl a site filled itself is named after its slips: what the receipt holds must make the name.
    """
    if not isinstance(value, dict):
        return None
    name, version = value.get("name"), value.get("version")
    if not isinstance(name, str) or type(version) is not int:
        return None
    if not name.startswith(SITE_BOWL):
        return BOWLS.get((name, version))
    slips = _slip_kinds(value.get("slips"))
    if slips is None:
        return None
    bowl = site_bowl(slips, puts_back=value.get("puts_back", True) is not False)
    return bowl if (bowl.name, bowl.version) == (name, version) and bowl.size else None


def _slip_kinds(value: object) -> tuple[SlipKind, ...] | None:
    if not isinstance(value, list):
        return None
    kinds = [_slip_kind(one) for one in value]
    return None if None in kinds else tuple(kind for kind in kinds if kind)


def _slip_kind(value: object) -> SlipKind | None:
    if not isinstance(value, dict):
        return None
    slip, count, cents = value.get("slip"), value.get("count"), value.get("value_cents")
    if slip not in list(PrizeSlip) or type(count) is not int or type(cents) is not int:
        return None
    return SlipKind(PrizeSlip(slip), count, cents) if count >= 0 and cents >= 0 else None


def _differences(part: str, found: object, again: object) -> list[Disagreement]:
    if isinstance(again, dict) and isinstance(found, dict):
        inside = f"{part}." if part else ""
        unknown = [
            Disagreement(f"{inside}{name}", found[name], None) for name in found.keys() - again
        ]
        return unknown + [
            difference
            for name, value in again.items()
            for difference in _differences(f"{inside}{name}", found.get(name), value)
        ]
    if isinstance(again, list) and isinstance(found, list) and len(again) == len(found):
        return [
            difference
            for number, (one, other) in enumerate(zip(found, again, strict=True), start=1)
            for difference in _differences(f"{part}[{number}]", one, other)
        ]
    same = type(found) is type(again) and found == again
    return [] if same else [Disagreement(part, found, again)]

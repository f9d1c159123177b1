"""Draw slips so that neither side can steer them, and everybody can draw them again.

The house publishes the hash of a secret seed, then the patient says a word. Each slip follows from
both: the house could not know the word, the patient could not know the seed.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from uuid import UUID

from clinic.rewards.facts import DrawnSlip, DrawReceipt, PrizeBowl, PrizeSlip, SlipKind

SEED_BYTES = 32
_DIGEST_VALUES = 1 << 256
"""How many values an SHA-256 digest can have."""


def commitment_of(seed: bytes) -> str:
    """What is published before the draw: it fixes the seed and does not tell it.

    Source: commit and reveal; FIPS 180-4 (SHA-256).
    """
    return hashlib.sha256(seed).hexdigest()


def draw_slips(
    seed: bytes, *, choice: str, visit_id: UUID, draws: int, bowl: PrizeBowl
) -> tuple[DrawnSlip, ...]:
    """The slips that seed and choice bring, each put back before the next if the bowl says so.

    Invariant: the same arguments draw the same slips; a bowl that is empty gives none.
    Source: the bowl's; FIPS 198-1 (HMAC).
    """
    left = bowl
    drawn: list[DrawnSlip] = []
    for draw in range(1, draws + 1):
        if not left.size:
            break
        slip = _draw_slip(seed, choice=choice, visit_id=visit_id, draw=draw, bowl=left)
        drawn.append(slip)
        if not bowl.puts_back:
            left = _without(left, slip.slip)
    return tuple(drawn)


def place_in(digest: bytes, *, seed: bytes, size: int) -> tuple[bytes, int]:
    """A place from 0 to ``size - 1``, each equally likely, and the digest it came from.

    A digest from the incomplete last round of ``size`` values would favour the first places: it is
    rejected, and its own HMAC tried instead.
    """
    complete = _DIGEST_VALUES - _DIGEST_VALUES % size
    while (value := int.from_bytes(digest)) >= complete:
        digest = hmac.digest(seed, digest, "sha256")
    return digest, value % size


def slip_at(index: int, *, bowl: PrizeBowl) -> SlipKind:
    """The slip at a place of the bowl, counted from 0 in the order its kinds are written in.

    Source: the bowl's.
    """
    passed = 0
    for kind in bowl.slips:
        passed += kind.count
        if index < passed:
            return kind
    raise IndexError(index)


def receipt_of(
    seed: bytes, *, choice: str, visit_id: UUID, draws: int, bowl: PrizeBowl
) -> DrawReceipt:
    """The draw with everything needed to repeat it."""
    slips = draw_slips(seed, choice=choice, visit_id=visit_id, draws=draws, bowl=bowl)
    return DrawReceipt(
        visit_id=visit_id,
        commitment=commitment_of(seed),
        seed=seed.hex(),
        choice=choice,
        bowl_name=bowl.name,
        bowl_version=bowl.version,
        bowl_slips=tuple((kind.slip.value, kind.count, kind.value_cents) for kind in bowl.slips),
        puts_back=bowl.puts_back,
        draws=draws,
        slips=slips,
        total_cents=sum(slip.value_cents for slip in slips),
    )


def _without(bowl: PrizeBowl, slip: PrizeSlip) -> PrizeBowl:
    """The bowl after one slip has been taken out."""
    kinds = (
        replace(kind, count=kind.count - 1) if kind.slip is slip else kind for kind in bowl.slips
    )
    return replace(bowl, slips=tuple(kinds))


def _draw_slip(
    seed: bytes, *, choice: str, visit_id: UUID, draw: int, bowl: PrizeBowl
) -> DrawnSlip:
    message = f"{choice}:{visit_id}:{draw}".encode()
    digest, index = place_in(hmac.digest(seed, message, "sha256"), seed=seed, size=bowl.size)
    kind = slip_at(index, bowl=bowl)
    return DrawnSlip(
        draw=draw, digest=digest.hex(), index=index, slip=kind.slip, value_cents=kind.value_cents
    )

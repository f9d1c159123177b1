"""A draw computed outside this program, with openssl: seed 00 01 … 1f, word, visit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

SEED = bytes(range(32))
VISIT = UUID("01890000-0000-7000-8000-000000000004")
WORD = "blue heron"
COMMITMENT = "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"

DRAWN = (
    # HMAC-SHA256 of "blue heron:<visit>:<draw>", its remainder by 500, the slip there, its cents
    ("9b3bff5816e7837ecb7c6c1161e27520a89100f06fd803a3b6e08639e1a210a5", 317, "small", 100),
    ("c9a054eb40b2e586910c482a36b4c24832879e36af829b746266efcf33c955d6", 86, "good_job", 0),
    ("cb2a72b7bec66b92cdad57d2a1dbbff5e56afa8512a9f1c6c4e09fe34b499392", 410, "small", 100),
    ("c1a838de7dc0d627f98a139b385c334c684cfc7821923f9848a67b464fea97c9", 177, "good_job", 0),
)


def a_receipt(**changes: Any) -> dict[str, Any]:
    """The receipt of that draw, as its JSON reads; every call makes a new one."""
    return {
        "form": "clinic prize draw, form 1",
        "visit": "01890000-0000-7000-8000-000000000004",
        "commitment": COMMITMENT,
        "seed": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "choice": "blue heron",
        "bowl": {
            "name": "petry_500",
            "version": 1,
            "slips": [
                {"slip": "good_job", "count": 250, "value_cents": 0},
                {"slip": "small", "count": 209, "value_cents": 100},
                {"slip": "large", "count": 40, "value_cents": 2000},
                {"slip": "jumbo", "count": 1, "value_cents": 10000},
            ],
        },
        "draws": 4,
        "slips": [
            {"draw": draw, "digest": digest, "index": index, "slip": slip, "value_cents": cents}
            for draw, (digest, index, slip, cents) in enumerate(DRAWN, start=1)
        ],
        "total_cents": 200,
    } | changes

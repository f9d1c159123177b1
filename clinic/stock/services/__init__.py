"""The verbs of controlled stock."""

from __future__ import annotations

from clinic.stock.services.bottles import (
    Delivery,
    bring_in_hand,
    move,
    open_at,
    open_bottle,
    put_back,
    quarantine,
    receive,
)
from clinic.stock.services.draws import (
    give_back,
    require_witness,
    return_take_home,
    return_volume,
    take,
    take_from,
    waste,
    waste_for,
)

__all__ = [
    "Delivery",
    "bring_in_hand",
    "give_back",
    "move",
    "open_at",
    "open_bottle",
    "put_back",
    "quarantine",
    "receive",
    "require_witness",
    "return_take_home",
    "return_volume",
    "take",
    "take_from",
    "waste",
    "waste_for",
]

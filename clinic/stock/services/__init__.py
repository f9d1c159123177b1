"""The verbs of controlled stock."""

from __future__ import annotations

from clinic.stock.services.bottles import (
    Delivery,
    bring_in_hand,
    move,
    open_at,
    put_back,
    quarantine,
    receive,
)
from clinic.stock.services.counts import (
    record_count,
    record_report,
    report_loss,
    second_count,
    sign_off,
)
from clinic.stock.services.days import close_day, notice_open_days, take_inventory
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
from clinic.stock.services.ledger import quantity_of

__all__ = [
    "Delivery",
    "bring_in_hand",
    "close_day",
    "give_back",
    "move",
    "notice_open_days",
    "open_at",
    "put_back",
    "quantity_of",
    "quarantine",
    "receive",
    "record_count",
    "record_report",
    "report_loss",
    "require_witness",
    "return_take_home",
    "return_volume",
    "second_count",
    "sign_off",
    "take",
    "take_from",
    "take_inventory",
    "waste",
    "waste_for",
]

"""Columns of the stock's lists."""

from __future__ import annotations

from clinic.core.units import plain
from clinic.stock.facts import (
    BottleRecord,
    Incident,
    MovementRecord,
    ProductDay,
    Receipt,
    Supply,
)
from clinic.web.tables import Column

A_YEAR = 365

BOTTLE_COLUMNS: tuple[Column[BottleRecord], ...] = (
    Column("Where", lambda one: one.spot.label),
    Column("Product", lambda one: one.product.name),
    Column("Lot", lambda one: one.lot),
    Column("Expires", lambda one: one.expires_on.isoformat() if one.expires_on else ""),
    Column("State", lambda one: one.state),
    Column("Received", lambda one: plain(one.received), align="end"),
    Column("Dispensed", lambda one: plain(one.dispensed), align="end"),
    Column("Wasted", lambda one: plain(one.wasted), align="end"),
    Column("Left", lambda one: plain(one.held), align="end"),
    Column("Unit", lambda one: one.product.unit),
    Column("Left mg", lambda one: one.held_mg, align="end"),
)


def _places(one: Supply) -> str:
    return ", ".join(
        f"{spot.label} {plain(one.product.amount(held))}" for spot, held in one.by_spot if held
    )


def _lasts(one: Supply) -> str:
    if one.days_left is None:
        return "not used of late"
    if one.days_left > A_YEAR:
        return "over a year"
    return f"{one.days_left} days{': low' if one.is_low else ''}"


SUPPLY_COLUMNS: tuple[Column[Supply], ...] = (
    Column("Product", lambda one: one.product.name),
    Column("Schedule", lambda one: one.product.schedule.label),
    Column("In stock", lambda one: plain(one.product.amount(one.held)), align="end"),
    Column("Unit", lambda one: one.product.unit),
    Column("In stock mg", lambda one: one.product.milligrams(one.held), align="end"),
    Column("Where", _places),
    Column("A day", lambda one: plain(one.a_day), align="end"),
    Column("Lasts", _lasts),
    Column("Expiring", lambda one: len(one.expiring), align="end"),
)

RECEIPT_COLUMNS: tuple[Column[Receipt], ...] = (
    Column("Received", lambda one: f"{one.received_at:%Y-%m-%d %H:%M}"),
    Column("Product", lambda one: one.product.name),
    Column("Bottles", lambda one: one.bottles, align="end"),
    Column("Each", lambda one: one.product.said(one.size)),
    Column("Lot", lambda one: one.lot),
    Column("Expires", lambda one: one.expires_on.isoformat()),
    Column("DEA 222", lambda one: one.order_form),
    Column("Invoice", lambda one: one.invoice),
    Column("Supplier", lambda one: one.supplier),
    Column("Registration", lambda one: one.supplier_registration),
    Column("Received by", lambda one: one.received_by),
)

MOVEMENT_COLUMNS: tuple[Column[MovementRecord], ...] = (
    Column("When", lambda one: f"{one.at:%Y-%m-%d %H:%M}"),
    Column("What", lambda one: one.kind),
    Column("From", lambda one: one.origin.label),
    Column("To", lambda one: one.goal.label),
    Column("Amount", lambda one: plain(one.quantity), align="end"),
    Column("Left", lambda one: plain(one.balance), align="end"),
    Column("By", lambda one: one.by),
    Column("Before", lambda one: one.witness),
    Column("Why", lambda one: one.reason),
)


def _amount(one: ProductDay, quantity: int) -> str:
    return f"{plain(one.product.amount(quantity))}"


def _counted(one: ProductDay) -> str:
    return "" if one.counted is None else _amount(one, one.counted)


def _variance(one: ProductDay) -> str:
    return "" if one.counted is None else _amount(one, one.counted - one.expected)


def _tier(one: ProductDay) -> str:
    if one.answer is None:
        return "open"
    return one.answer.tier.value.replace("_", " ").lower()


DAY_COLUMNS: tuple[Column[ProductDay], ...] = (
    Column("Product", lambda one: one.product.name),
    Column("Start", lambda one: _amount(one, one.start), align="end"),
    Column("Received", lambda one: _amount(one, one.flows.received), align="end"),
    Column("Returned", lambda one: _amount(one, one.flows.returned), align="end"),
    Column("Observed", lambda one: _amount(one, one.flows.observed), align="end"),
    Column("Taken home", lambda one: _amount(one, one.flows.take_home), align="end"),
    Column("Wasted", lambda one: _amount(one, one.flows.wasted), align="end"),
    Column("Spilled", lambda one: _amount(one, one.flows.spilled), align="end"),
    Column("Adjusted", lambda one: _amount(one, one.adjusted), align="end"),
    Column("Expected", lambda one: _amount(one, one.expected), align="end"),
    Column("Counted", _counted, align="end"),
    Column("Variance", _variance, align="end"),
    Column("Booked", lambda one: _amount(one, one.booked), align="end"),
    Column("Tier", _tier),
)


def _open_steps(one: Incident) -> str:
    if one.is_signed and not one.is_open:
        return "done"
    return "open" if one.is_signed else "waits for the supervisor"


INCIDENT_COLUMNS: tuple[Column[Incident], ...] = (
    Column("Found", lambda one: one.discovered_on.isoformat()),
    Column("What", lambda one: one.kind.label),
    Column("Product", lambda one: one.product.name),
    Column("Where", lambda one: one.spot.label),
    Column("Amount", lambda one: one.product.said(one.quantity), align="end"),
    Column("Found by", lambda one: one.found_by),
    Column("Finding", lambda one: one.finding.label if one.finding else ""),
    Column("DEA by", lambda one: one.notify_dea_by.isoformat() if one.must_report else ""),
    Column("Form 106 by", lambda one: one.form_106_by.isoformat() if one.must_report else ""),
    Column("State", _open_steps),
)

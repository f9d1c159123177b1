"""Sections about controlled stock."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.inspection.facts import Period, Section
from clinic.staff.models import UserAccount
from clinic.stock import queries as stock
from clinic.stock.facts import Spot, StockMovementKind, product
from clinic.stock.models import StockBottle, StockCount, StockDayClose, StockMovement

_LOST = (StockMovementKind.WASTE, StockMovementKind.SPILL, StockMovementKind.DESTROYED)


def inventories(work: Work) -> Section:
    """Every full physical count."""
    return Section(
        "inventories",
        "Physical inventories",
        "21 CFR 1304.11",
        ("Taken on", "At", "Product", "Place", "Quantity", "Taken by", "Witness", "Next due"),
        [
            (
                one.taken_on,
                one.moment.label,
                line.product.name,
                line.place,
                line.product.said(line.quantity),
                one.taken_by,
                one.witness,
                one.next_due_on,
            )
            for one in stock.inventories(work)
            for line in one.lines
        ],
        empty="No inventory is on record.",
    )


def receipts(work: Work) -> Section:
    """Deliveries and their order forms."""
    return Section(
        "receipts",
        "Receipts and order forms (222)",
        "21 CFR 1304.22(c), 1305.13",
        (
            "Received", "Product", "Lot", "Expires", "Bottles", "Each", "Supplier",
            "Registration", "Order form", "Invoice", "Received by",
        ),
        [
            (
                f"{work.site.local(one.received_at):%d %b %Y %H:%M}",
                one.product.name,
                one.lot,
                one.expires_on,
                one.bottles,
                one.product.said(one.size),
                one.supplier,
                one.supplier_registration,
                one.order_form,
                one.invoice,
                one.received_by,
            )
            for one in stock.receipts(work, shown=None)
        ],
        empty="No delivery is on record.",
    )  # fmt: skip


def counts(work: Work, period: Period) -> Section:
    """Counts and what the book expected."""
    found = work.session.scalars(
        sa.select(StockCount)
        .where(StockCount.site_id == work.site.id, *_within(StockCount, period))
        .order_by(StockCount.recorded_at)
    )
    return Section(
        "counts",
        "Counts and reconciliation",
        "21 CFR 1304.21; site policy: variance tiers",
        ("Day", "At", "Product", "Place", "Expected", "Counted", "Finding", "By", "Count"),
        [
            (
                one.service_date,
                one.moment.label,
                product(one.product).name,
                Spot(one.place, one.number).label,
                product(one.product).said(one.expected),
                product(one.product).said(one.counted),
                one.tier.value.replace("_", " ").lower(),
                one.recorded_by_name,
                "second" if one.second_of_id else "first",
            )
            for one in found
        ],
    )


def waste(work: Work, period: Period) -> Section:
    """What was wasted, spilled or destroyed, and before whom."""
    witness = sa.orm.aliased(UserAccount)
    found = work.session.execute(
        sa.select(StockMovement, StockBottle.product, StockBottle.lot, witness.display_name)
        .join(StockBottle, StockBottle.id == StockMovement.bottle_id)
        .outerjoin(witness, witness.id == StockMovement.witnessed_by)
        .where(
            StockMovement.site_id == work.site.id,
            StockMovement.kind.in_(_LOST),
            *_within(StockMovement, period),
        )
        .order_by(StockMovement.occurred_at)
    )
    return Section(
        "waste",
        "Waste, spills and destruction",
        "21 CFR 1304.21, 1317.95; two signatures",
        ("Day", "Time", "Kind", "Product", "Lot", "Quantity", "Reason", "By", "Witness"),
        [
            (
                moved.service_date,
                f"{work.site.local(moved.occurred_at):%H:%M}",
                moved.kind.label,
                product(code).name,
                lot,
                product(code).said(moved.quantity),
                moved.reason,
                moved.recorded_by_name,
                witnessed_by or "",
            )
            for moved, code, lot, witnessed_by in found
        ],
    )


def incidents(work: Work) -> Section:
    """Differences, losses and thefts, the notices and the forms."""
    return Section(
        "incidents",
        "Incidents, losses, thefts (Form 106)",
        "21 CFR 1301.74(c), 1301.76(b)",
        ("Found", "Kind", "Product", "Quantity", "Tell DEA by", "Form 106 by", "Done", "Note"),
        [
            (
                one.discovered_on,
                one.kind.label,
                one.product.name,
                one.product.said(one.quantity),
                one.notify_dea_by,
                one.form_106_by,
                "; ".join(f"{step.kind.label} {step.reference}" for step in one.steps),
                one.note,
            )
            for one in stock.incidents(work)
        ],
        empty="No incident is on record.",
    )


def closes(work: Work, period: Period) -> Section:
    """Days whose stock was closed by two, and under which seal."""
    found = work.session.scalars(
        sa.select(StockDayClose)
        .where(
            StockDayClose.site_id == work.site.id,
            StockDayClose.closed_day >= period.first,
            StockDayClose.closed_day < period.until,
        )
        .order_by(StockDayClose.closed_day)
    )
    return Section(
        "closes",
        "Days closed",
        "21 CFR 1304.24(b); site policy: two people close a day",
        ("Day", "Closed", "By", "Witness", "Seal", "Chain"),
        [
            (
                one.closed_day,
                f"{work.site.local(one.recorded_at):%d %b %Y %H:%M}",
                one.recorded_by_name,
                one.witness_name,
                one.seal_sequence,
                one.seal_chain,
            )
            for one in found
        ],
    )


def _within(table: Any, period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    return table.service_date >= period.first, table.service_date < period.until

"""Stock on paper: the inventory two people sign, the deliveries with their order forms."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.stock.facts import Inventory, Receipt
from clinic.web import paper

_ON_FILE = "Kept with the records of the site for at least two years (21 CFR 1304.04)."


def inventory_pdf(inventory: Inventory, *, site: str, printed: str) -> bytes:
    """The physical count of a day, with a line for each of the two who made it.

    Source: 21 CFR 1304.11.
    """
    people = (("Counted by", inventory.taken_by), ("Counted with", inventory.witness))
    lines = [
        (
            line.product.name,
            line.product.schedule.label,
            line.place,
            line.product.said(line.quantity),
            line.product.milligrams(line.quantity),
        )
        for line in inventory.lines
    ]
    blocks: list[paper.Block] = [
        paper.Facts(
            [
                ("Taken on", f"{inventory.taken_on:%A %d %B %Y}"),
                ("At", f"{inventory.moment.label} of business"),
                ("Next due by", f"{inventory.next_due_on:%d %b %Y}"),
            ]
        ),
        paper.Table(
            ("Product", "Schedule", "Where", "Counted", "mg"),
            lines,
            widths=(5, 1.2, 1.4, 1.6, 1.4),
            empty="Nothing was in stock.",
        ),
        paper.Heading("Signatures", 2),
        *(paper.Blank(1, f"{label} {name}: signature and date") for label, name in people),
        paper.Text(_ON_FILE, size=7.5),
    ]
    return paper.paper(
        title="Physical inventory of controlled substances",
        subtitle=f"{inventory.taken_on:%d %b %Y}, {inventory.moment.label.lower()} of business",
        site=site,
        printed=printed,
        blocks=blocks,
    )


def receipts_pdf(receipts: Sequence[Receipt], *, site: str, printed: str) -> bytes:
    """What came into the safe, each with its order form. Source: 21 CFR 1304.22(c), 1305.13."""
    rows = [
        (
            f"{one.received_at:%d %b %Y %H:%M}",
            one.product.name,
            one.bottles,
            one.product.said(one.size),
            one.lot,
            f"{one.expires_on:%d %b %Y}",
            one.order_form,
            one.invoice,
            one.supplier,
            one.supplier_registration,
            one.received_by,
        )
        for one in receipts
    ]
    return paper.paper(
        title="Deliveries of controlled substances",
        site=site,
        printed=printed,
        blocks=[
            paper.Table(
                (
                    "Received",
                    "Product",
                    "Bottles",
                    "Each",
                    "Lot",
                    "Expires",
                    "DEA 222 or CSOS",
                    "Invoice",
                    "Supplier",
                    "Registration",
                    "Received by",
                ),
                rows,
                empty="Nothing has been received yet.",
            ),
            paper.Text(_ON_FILE, size=7.5),
        ],
        size=paper.Size.LETTER_WIDE,
    )

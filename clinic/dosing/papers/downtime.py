"""The downtime pack: what the window needs for a day without the program."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clinic.core.units import plain
from clinic.dosing.facts.downtime import DowntimePack, Expected
from clinic.web.paper import (
    Block,
    Columns,
    Facts,
    Heading,
    NewPage,
    Picture,
    Table,
    Text,
    paper,
)

LOG_LINES = 24
LOG_SHEETS = 4
PHOTO_HEIGHT = 46.0
ROW_HEIGHT = 24.0
_LOG = ("Time", "Patient", "Code", "mg", "mL", "Home", "Initials")
_LOG_WIDTHS = (1.0, 3.0, 1.4, 0.9, 0.9, 0.9, 1.1)
INSTRUCTIONS = (
    "Until the program is back: give what this pack says, to whoever the photo and the date of"
    " birth show, and write every dose on a log sheet at once, with the time and your initials."
    " Give nothing to anybody marked STOP; call the prescriber. Prepare no take-home bottle that"
    " is not listed here. Afterwards enter each sheet under Dosing, Enter paper doses, by the"
    " serial printed on it."
)


def pack_pdf(pack: DowntimePack, *, printed: str) -> bytes:
    """Everybody expected, whom to call, and log sheets to write on."""
    blocks: list[Block] = [*_front(pack), *_people(pack.rows)]
    for sheet in range(1, LOG_SHEETS + 1):
        blocks += [NewPage(), *_log_sheet(pack, sheet)]
    return paper(
        title="Downtime pack",
        subtitle=f"{pack.day:%A %d %B %Y}",
        site=f"{pack.organization}, {pack.site}",
        printed=printed,
        blocks=blocks,
    )


def day_serial(day: date, *, sheet: int) -> str:
    """What names a log sheet when its doses are entered later."""
    return f"D-{day:%Y%m%d}-{sheet}"


def _front(pack: DowntimePack) -> list[Block]:
    stopped = sum(bool(row.stops) for row in pack.rows)
    facts: list[tuple[str, object]] = [
        ("Patients", len(pack.rows)),
        ("Not to be dosed", stopped),
        ("Take-home bottles due", sum(row.take_homes_due for row in pack.rows)),
        ("Site", f"{pack.address}  {pack.telephone}"),
        *((f"Call {number}", line) for number, line in enumerate(pack.telephones, start=1)),
        ("Audit seal", pack.seal),
    ]
    if pack.closed_because:
        facts.insert(0, ("Closed", pack.closed_because))
    return [Text(INSTRUCTIONS), Facts(facts), Heading("Patients of the day")]


def _people(rows: Sequence[Expected]) -> list[Block]:
    if not rows:
        return [Text("Nobody is expected on this day.")]
    return [_person(row) for row in rows]


def _person(row: Expected) -> Block:
    card, order = row.patient, row.order
    ordered = "No order" if order is None else f"{plain(order.portion_mg)} mg"
    details = "" if order is None else f"{order.medication.label}, {order.form.label.lower()}"
    if order is not None and order.portions > 1:
        details += f", {order.portions} portions a day"
    number = "" if order is None else f"Order {order.number} by {order.ordered_by}"
    picture: list[Block] = (
        [Text("no photo", size=6)] if row.photo is None else [Picture(row.photo, PHOTO_HEIGHT)]
    )
    notes: list[Block] = [Text(f"STOP: {stop}", bold=True, size=7.5) for stop in row.stops]
    if row.doses_today:
        notes.append(Text(row.doses_today, bold=True, size=7.5))
    if row.take_homes_due:
        notes.append(Text(f"Take-home bottles due: {row.take_homes_due}", size=7.5))
    return Columns(
        [
            picture,
            [
                Text(f"{card.last_name}, {card.first_name}", bold=True, size=9.5),
                Text(f"{card.code}   born {card.date_of_birth:%d %b %Y}", size=8),
            ],
            [
                Text("STOP" if row.stops else ordered, bold=True, size=13),
                Text(f"{details}\n{number}" if not row.stops else ordered, size=7),
            ],
            [Text(f"Last dose: {row.last_dose}", size=7.5), *notes],
        ],
        widths=(0.6, 2, 1.9, 2.8),
    )


def _log_sheet(pack: DowntimePack, sheet: int) -> list[Block]:
    serial = day_serial(pack.day, sheet=sheet)
    return [
        Heading(f"Paper log, sheet {serial}"),
        Text(
            "Every dose at once, in ink. Strike out errors once, with initials. 21 CFR 1304.24.",
            size=8,
        ),
        Table(
            _LOG,
            [("",) * len(_LOG)] * LOG_LINES,
            widths=_LOG_WIDTHS,
            row_height=ROW_HEIGHT,
        ),
    ]

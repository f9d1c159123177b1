"""Set up the machines of a site."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.hardware.facts import LabelSize, PrinterKind
from clinic.hardware.models import Printer, Pump
from clinic.hardware.rules import is_pump_address

NOT_AN_ADDRESS = "A pump is at socket://host:port or at a serial port such as /dev/ttyUSB0."


def add_printer(
    work: Work,
    *,
    name: str,
    kind: PrinterKind,
    host: str = "",
    port: int = 9100,
    dpi: int = 203,
    size: LabelSize = LabelSize.FOUR_BY_THREE,
    window: int | None = None,
) -> UUID:
    """Set up a printer of this site.

    Raises: Refused when a label printer has no address; Clash when the name is taken.
    """
    work.actor.require(Permission.MANAGE_SITE)
    if kind is PrinterKind.ZPL and not host:
        raise Refused("A label printer is reached at an address on the network.")
    printer = Printer(
        id=work.new_id(),
        site_id=work.site.id,
        name=name,
        kind=kind,
        host=host,
        port=port,
        dpi=dpi,
        size=size,
        window=window,
    )
    work.session.add(printer)
    work.session.flush()
    audit.record(
        work,
        action="hardware.add_printer",
        subject=f"printer {name}",
        detail={"kind": kind.value, "host": host, "port": port, "window": window},
    )
    return printer.id


def add_pump(work: Work, *, name: str, window: int, address: str) -> UUID:
    """Set up the pump of a window.

    Raises: Refused for an address no pump can have; Clash when a pump stands there.
    """
    work.actor.require(Permission.MANAGE_SITE)
    if not is_pump_address(address):
        raise Refused(NOT_AN_ADDRESS)
    pump = Pump(id=work.new_id(), site_id=work.site.id, name=name, window=window, address=address)
    work.session.add(pump)
    work.session.flush()
    audit.record(
        work,
        action="hardware.add_pump",
        subject=f"pump {name}",
        detail={"window": window, "address": address},
    )
    return pump.id


def set_printer_in_use(work: Work, *, printer_id: UUID, in_use: bool) -> None:
    """Take a printer out of use, or back. Its labels stay.

    Raises: NotFound.
    """
    work.actor.require(Permission.MANAGE_SITE)
    printer = work.session.scalar(
        sa.select(Printer).where(Printer.site_id == work.site.id, Printer.id == printer_id)
    )
    if printer is None:
        raise NotFound("printer")
    printer.is_active = in_use
    audit.record(
        work,
        action="hardware.use_printer",
        subject=f"printer {printer.name}",
        detail={"in_use": in_use},
    )


def set_pump_in_use(work: Work, *, pump_id: UUID, in_use: bool) -> None:
    """Take a pump out of use, or back; the window then pours by hand.

    Raises: NotFound.
    """
    work.actor.require(Permission.MANAGE_SITE)
    pump = work.session.scalar(
        sa.select(Pump).where(Pump.site_id == work.site.id, Pump.id == pump_id)
    )
    if pump is None:
        raise NotFound("pump")
    pump.is_active = in_use
    audit.record(
        work,
        action="hardware.use_pump",
        subject=f"pump {pump.name}",
        detail={"in_use": in_use},
    )

"""The demo's machines and the papers an inspector asks for: shown, none of them real."""

from __future__ import annotations

from typing import Any

from clinic.demo.house import DemoSite
from clinic.demo.rows import Rows
from clinic.hardware.facts import LabelSize, PrinterKind
from clinic.hardware.models import Printer, Pump
from clinic.sites.models import PolicySetting

PAPERS = {
    "inspection.dea_registration": "on the wall behind the window; copy in binder 1",
    "inspection.state_licence": "binder 1",
    "inspection.delivery_designees": "list of the medical director, binder 2",
    "inspection.alarm_contract": "binder 3",
    "downtime.telephones": "Prescriber on call 555-0142; Medical director 555-0147",
}


def set_up_machines(rows: Rows, site: DemoSite) -> None:
    """A printer behind the browser; a label printer and a pump that wait to be switched on."""
    at = site.as_of
    here: dict[str, Any] = {"site_id": site.clock.id}
    rows.add(
        Printer,
        id=rows.id_at(at),
        name="Office printer",
        kind=PrinterKind.PDF,
        size=LabelSize.FOUR_BY_THREE,
        **here,
    )
    rows.add(
        Printer,
        id=rows.id_at(at),
        name="Label printer, window 1",
        kind=PrinterKind.ZPL,
        host="printer-1.example",
        size=LabelSize.FOUR_BY_THREE,
        window=1,
        is_active=False,
        **here,
    )
    rows.add(
        Pump,
        id=rows.id_at(at),
        name="Pump, window 1",
        window=1,
        address="socket://pump-1.example:4001",
        is_active=False,
        **here,
    )
    somebody = site.staff[0]
    for setting, value in PAPERS.items():
        rows.add(
            PolicySetting,
            id=rows.id_at(at),
            setting=setting,
            value=value,
            starts_on=site.clock.service_date(at),
            source="decided by the program",
            **somebody.signs(at),
            **here,
        )

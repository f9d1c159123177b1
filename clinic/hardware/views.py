"""The site's printers, pumps and scanners, and the labels on their way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.hardware import papers, queries, services
from clinic.hardware.facts import LabelSize, PrinterKind
from clinic.hardware.forms import PrinterForm, PumpForm
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import PageForm, given
from clinic.web.pages import page, see_other
from clinic.web.paper import pdf_response
from clinic.web.permission import requires

hardware = Blueprint("hardware", __name__)


@hardware.get("/hardware")
@requires(Permission.MANAGE_SITE)
def machines() -> ResponseReturnValue:
    return _machines()


@hardware.post("/hardware/printers")
@requires(Permission.MANAGE_SITE)
def add_printer() -> ResponseReturnValue:
    form = PrinterForm()
    if not form.validate():
        return _machines(printer_form=form), 422
    with begin_work() as work:
        services.add_printer(
            work,
            name=given(form.name.data),
            kind=PrinterKind(form.kind.data),
            host=form.host.data or "",
            port=given(form.port.data),
            dpi=int(form.dpi.data),
            size=LabelSize(form.size.data),
            window=form.window.data,
        )
    flash("Printer added. Print a test label.", "ok")
    return see_other(url_for("hardware.machines"))


@hardware.post("/hardware/printers/<uuid:printer_id>/<use>")
@requires(Permission.MANAGE_SITE)
def use_printer(printer_id: UUID, use: str) -> ResponseReturnValue:
    with begin_work() as work:
        services.set_printer_in_use(work, printer_id=printer_id, in_use=use == "in-use")
    return see_other(url_for("hardware.machines"))


@hardware.post("/hardware/printers/<uuid:printer_id>/test")
@requires(Permission.MANAGE_SITE)
def test_printer(printer_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.print_test(work, printer_id=printer_id)
    _say(sent=_send())
    return see_other(url_for("hardware.machines"))


@hardware.post("/hardware/pumps")
@requires(Permission.MANAGE_SITE)
def add_pump() -> ResponseReturnValue:
    form = PumpForm()
    if not form.validate():
        return _machines(pump_form=form), 422
    with begin_work() as work:
        services.add_pump(
            work,
            name=given(form.name.data),
            window=given(form.window.data),
            address=given(form.address.data),
        )
    flash("Pump added.", "ok")
    return see_other(url_for("hardware.machines"))


@hardware.post("/hardware/pumps/<uuid:pump_id>/<use>")
@requires(Permission.MANAGE_SITE)
def use_pump(pump_id: UUID, use: str) -> ResponseReturnValue:
    with begin_work() as work:
        services.set_pump_in_use(work, pump_id=pump_id, in_use=use == "in-use")
    return see_other(url_for("hardware.machines"))


@hardware.get("/hardware/labels")
@requires(Permission.GIVE_DOSE)
def labels() -> ResponseReturnValue:
    with begin_reading() as work:
        return page("hardware/labels", jobs=queries.jobs(work))


@hardware.post("/hardware/labels/<uuid:job_id>/reprint")
@requires(Permission.GIVE_DOSE)
def reprint(job_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.reprint(work, job_id=job_id)
    _say(sent=_send())
    return see_other(url_for("hardware.labels"))


@hardware.get("/hardware/scanner")
@requires(Permission.SIGN_IN_ONLY)
def scanner() -> ResponseReturnValue:
    return page("hardware/scanner")


@hardware.get("/hardware/scanner/code")
@requires(Permission.SIGN_IN_ONLY)
def scanner_code() -> ResponseReturnValue:
    return pdf_response("scanner-test", papers.scanner_code_pdf())


def _send() -> int:
    """What the job would do within seconds, at once: somebody stands at the printer."""
    return services.send_waiting(begin_work)


def _say(*, sent: int) -> None:
    if sent:
        flash("The printer has it.", "ok")
    else:
        flash("The printer did not take it. It is tried again by itself.", "attention")


def _machines(**forms: PageForm) -> str:
    with begin_reading() as work:
        shown: dict[str, Any] = {"printers": queries.printers(work), "pumps": queries.pumps(work)}
    return page(
        "hardware/machines",
        **shown,
        printer_form=forms.get("printer_form") or PrinterForm(formdata=None),
        pump_form=forms.get("pump_form") or PumpForm(formdata=None),
    )

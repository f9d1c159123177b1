"""Labels of take-home bottles: as a PDF, or to the window's label printer."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing.facts import BottleState
from clinic.dosing.papers import label_text
from clinic.dosing.queries import take_homes
from clinic.dosing.views.blueprint import dosing, window_number
from clinic.hardware import queries as hardware
from clinic.hardware import services as printing
from clinic.hardware.facts import LabelSize, LabelText, PrinterKind
from clinic.hardware.papers import labels_pdf, sheet_pdf
from clinic.hardware.rules import zpl_label
from clinic.web.edge import begin_work
from clinic.web.pages import see_other
from clinic.web.paper import pdf_response
from clinic.web.permission import requires

NOTHING = "No prepared bottle waits for a label."
_SIZE = LabelSize.FOUR_BY_THREE


@dosing.get("/dosing/<uuid:patient_id>/take-homes/labels")
@requires(Permission.GIVE_DOSE)
def labels(patient_id: UUID) -> ResponseReturnValue:
    """One a page for a label printer behind the browser; ``?sheet=1`` side by side on paper."""
    with begin_work() as work:
        found = _labels(work, patient_id)
        audit.record(
            work,
            action="label.print",
            subject=f"{len(found)} take-home labels",
            patient_id=patient_id,
        )
    draw = sheet_pdf if request.args.get("sheet") else labels_pdf
    return pdf_response("labels", draw(found, size=_SIZE))


@dosing.post("/dosing/<uuid:patient_id>/take-homes/labels")
@requires(Permission.GIVE_DOSE)
def print_labels(patient_id: UUID) -> ResponseReturnValue:
    """To the window's printer; without one of its own language, the PDF opens instead."""
    with begin_work() as work:
        queued = _queue(work, patient_id)
    if not queued:
        return see_other(url_for("dosing.labels", patient_id=patient_id))
    sent = printing.send_waiting(begin_work)
    flash("The printer has the labels." if sent else "The printer is not ready.", "ok")
    return see_other(url_for("hardware.labels"))


def _labels(work: Work, patient_id: UUID) -> list[LabelText]:
    bottles = take_homes.bottles_of(work, patient_id=patient_id, states=[BottleState.PREPARED])
    if not bottles:
        raise Refused(NOTHING)
    return [label_text(label) for label in take_homes.labels_of(work, bottles=bottles)]


def _queue(work: Work, patient_id: UUID) -> int:
    printer = hardware.printer_for(work, window=window_number())
    if printer is None or printer.kind is not PrinterKind.ZPL:
        return 0
    found = _labels(work, patient_id)
    for label in found:
        printing.queue_label(
            work,
            printer=printer,
            what=f"{label.code}, {label.take_on}",
            payload=zpl_label(label, size=printer.size, dpi=printer.dpi),
            patient_id=patient_id,
        )
    return len(found)

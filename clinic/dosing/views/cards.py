"""The card a patient is scanned by: shown, printed, replaced, revoked."""

from __future__ import annotations

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.dosing import services
from clinic.dosing.queries import line
from clinic.dosing.views.blueprint import dosing
from clinic.programs import queries as programs
from clinic.sites import queries as sites
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import page, see_other
from clinic.web.paper import Code, Size, Text, paper, pdf_response, printed_by
from clinic.web.permission import requires


@dosing.get("/dosing/<uuid:patient_id>/card")
@requires(Permission.VIEW_CHART)
def card(patient_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        return page(
            "dosing/card",
            banner=programs.chart_banner(work, patient_id=patient_id),
            patient_id=patient_id,
            card=line.card_of(work, patient_id=patient_id),
            may_issue=work.actor.may(Permission.EDIT_PATIENT),
            may_dose=work.actor.may(Permission.VIEW_DOSING),
        )


@dosing.get("/dosing/<uuid:patient_id>/card.pdf")
@requires(Permission.VIEW_CHART)
def print_card(patient_id: UUID) -> ResponseReturnValue:
    """Nothing on it names the patient or the treatment: a lost card tells nobody anything."""
    with begin_reading() as work:
        held = line.card_of(work, patient_id=patient_id)
        if held is None:
            flash("There is no card to print.", "attention")
            return see_other(url_for("dosing.card", patient_id=patient_id))
        site = sites.site(work)
        data = paper(
            title="Card",
            site="",
            printed=printed_by(work),
            size=Size.CARD,
            blocks=[Code(held.code, kind="code128"), Text(held.code), Text(site.telephone)],
        )
    return pdf_response("card", data)


@dosing.post("/dosing/<uuid:patient_id>/card")
@requires(Permission.EDIT_PATIENT)
def issue_card(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.issue_card(work, patient_id=patient_id)
    flash("A new card. The one before opens nothing any more.", "ok")
    return see_other(url_for("dosing.card", patient_id=patient_id))


@dosing.post("/dosing/<uuid:patient_id>/card/revoke")
@requires(Permission.EDIT_PATIENT)
def revoke_card(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.revoke_card(work, patient_id=patient_id)
    flash("The card opens nothing any more.", "ok")
    return see_other(url_for("dosing.card", patient_id=patient_id))

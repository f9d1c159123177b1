"""The patient's own page: coming visits, rewards and what leads to the next."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.portal import queries
from clinic.web.edge import begin_work
from clinic.web.pages import page
from clinic.web.permission import requires

portal = Blueprint("portal", __name__)


@portal.get("/me")
@requires(Permission.OWN_PORTAL)
def home() -> ResponseReturnValue:
    with begin_work() as work:
        own = queries.own_page(work)
        audit.record(work, action="portal.view", subject="own page", patient_id=own.patient_id)
    return page("portal/home", own=own)

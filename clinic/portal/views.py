"""The patient's own page: coming visits, rewards and what leads to the next."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.portal import queries
from clinic.rewards.facts import RewardedVisit, VisitOutcome
from clinic.rewards.views.plot import plot
from clinic.web.edge import begin_work
from clinic.web.pages import page
from clinic.web.permission import requires

portal = Blueprint("portal", __name__)

SPOKEN = {
    VisitOutcome.NEGATIVE: "Well done",
    VisitOutcome.POSITIVE: "Not this time",
    VisitOutcome.MISSED: "We missed you",
    VisitOutcome.EXCUSED: "Excused, nothing lost",
}
"""How a visit went, in words for the patient."""


@portal.get("/me")
@requires(Permission.OWN_PORTAL)
def home() -> ResponseReturnValue:
    with begin_work() as work:
        own = queries.own_page(work)
        audit.record(work, action="portal.view", subject="own page", patient_id=own.patient_id)
    return page("portal/home", own=own)


@portal.get("/portal/rewards")
@requires(Permission.OWN_PORTAL)
def rewards() -> ResponseReturnValue:
    with begin_work() as work:
        own = queries.own_rewards(work)
        audit.record(work, action="portal.view", subject="own rewards", patient_id=own.patient_id)
    return page(
        "portal/rewards",
        own=own,
        card=own.card,
        history=own.card.visits[::-1],
        spoken=SPOKEN,
        plot=plot(own.card) if own.card.path else None,
        plot_rows=[_row(one) for one in own.card.visits],
    )


def _row(visit: RewardedVisit) -> tuple[int, str, str]:
    return visit.number, SPOKEN[visit.outcome], dollars(visit.amount_cents)

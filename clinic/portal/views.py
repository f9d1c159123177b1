"""The patient's own page: coming visits, rewards and what leads to the next."""

from __future__ import annotations

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from clinic.audit import services as audit
from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.data.db import db
from clinic.portal import queries
from clinic.rewards import services as reward_services
from clinic.rewards.facts import RewardedVisit, VisitOutcome
from clinic.rewards.forms import OwnPinForm
from clinic.rewards.views.plot import plot
from clinic.staff import queries as staff
from clinic.web import passwords
from clinic.web.edge import begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
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
    return _rewards_page(own, OwnPinForm(formdata=None))


@portal.post("/portal/rewards/pin")
@requires(Permission.OWN_PORTAL)
def set_pin() -> ResponseReturnValue:
    form = OwnPinForm()
    hashed = passwords.hash_of(given(form.pin.data)) if _may_set(form) else None
    with begin_work() as work:
        own = queries.own_rewards(work)
        if hashed is None:
            return _rewards_page(own, form), 422
        reward_services.set_pin(work, patient_id=own.patient_id, pin_hash=hashed)
    flash("You can sign for your rewards with this PIN from now on.", "ok")
    return see_other(url_for("portal.rewards"))


def _rewards_page(own: queries.OwnRewards, pin_form: OwnPinForm) -> str:
    return page(
        "portal/rewards",
        own=own,
        card=own.card,
        history=own.card.visits[::-1],
        spoken=SPOKEN,
        plot=plot(own.card) if own.card.path else None,
        plot_rows=[_row(one) for one in own.card.visits],
        pin_form=pin_form,
    )


def _may_set(form: OwnPinForm) -> bool:
    """Whether the form is whole and its password the patient's: a phone left open sets no PIN."""
    if not form.validate():
        return False
    known = staff.account(db.session(), username=current_user.username)
    if passwords.matches(known.password_hash if known else None, given(form.password.data)):
        return True
    form.password.errors = ["That is not your password."]
    return False


def _row(visit: RewardedVisit) -> tuple[int, str, str]:
    return visit.number, SPOKEN[visit.outcome], dollars(visit.amount_cents)

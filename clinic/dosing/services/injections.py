"""Give an injection: a dose row, and beside it the place, the lot and the expiry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Refused
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import ANSWERED_ELSEWHERE, BodySite, InjectionDue, LongActingProduct
from clinic.dosing.models import Dose, Injection
from clinic.dosing.rules.asks import answered, unanswered
from clinic.dosing.rules.injections import may_use_site
from clinic.dosing.services.doses import give_dose
from clinic.patients import services as patients
from clinic.stock import queries as stock
from clinic.stock.facts import Form

REMS_MISSING = "Buprenorphine by injection: say that the REMS was kept, and by whom."


def give_injection(
    work: Work,
    *,
    patient_id: UUID,
    order_number: int,
    window: int,
    body_site: BodySite,
    lot: str,
    expires_on: date,
    rems_note: str = "",
    confirmed: Collection[str] = (),
) -> UUID:
    """Record an injection as given now, under the order that covers today; the dose's id.

    Invariant: one for each order; the dose rule and the product's window are both asked behind
    the patient's lock. The syringe or kit of the dose's strength that is open at the window is
    drawn; ``lot`` and ``expires_on`` are what is read off it.
    Raises: Clash naming who gave it and when; Refused with every reason; Forbidden; NotFound.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    given = give_dose(
        work,
        patient_id=patient_id,
        order_number=order_number,
        window=window,
        confirmed={*confirmed, *ANSWERED_ELSEWHERE},
        is_injection=True,
    )
    dose = _dose(work, given.dose_id, given.service_date)
    due = queries.injection_before(work, patient_id=patient_id, dose_id=dose.id)
    if dose.form is not Form.INJECTION or due is None:
        raise Refused("The order of today is not for a long-acting injection.")
    _require_that_kit(work, dose.bottle_id, lot=lot)
    decision = due.decision + may_use_site(
        due.product, body_site=body_site, last_site=due.last_site
    )
    _require(work, decision, confirmed, due, expires_on=expires_on, rems_note=rems_note)
    work.session.add(
        Injection(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            dose_id=dose.id,
            order_id=dose.order_id,
            series=1 + _times_tried(work, dose.order_id),
            product=due.product,
            body_site=body_site,
            lot=lot,
            expires_on=expires_on,
            rems_note=rems_note,
            decision=decision.to_json() | {"confirmed": answered(decision, confirmed=confirmed)},
            **work.on_service_day(),
            **work.attribution,
        )
    )
    work.session.flush()
    _write_leaf(work, due, patient_id, body_site=body_site, lot=lot)
    return dose.id


def _dose(work: Work, dose_id: UUID, day: date) -> Dose:
    return work.session.scalars(
        sa.select(Dose).where(
            Dose.site_id == work.site.id, Dose.service_date == day, Dose.id == dose_id
        )
    ).one()


def _require_that_kit(work: Work, bottle_id: UUID | None, *, lot: str) -> None:
    """What is in the hand is what leaves the stock; the patient's own supply is in no stock."""
    if bottle_id is None:
        return
    drawn = stock.bottle(work, bottle_id=bottle_id)
    if drawn.lot != lot:
        raise Refused(f"The one open at this window is of lot {drawn.lot}, not {lot}.")


def _write_leaf(
    work: Work, due: InjectionDue, patient_id: UUID, *, body_site: BodySite, lot: str
) -> None:
    audit.record(
        work,
        action="injection.give",
        subject=f"order {due.order_number}",
        patient_id=patient_id,
        detail={
            "product": due.product.value,
            "dose_mg": str(plain(due.dose_mg)),
            "body_site": body_site.value,
            "lot": lot,
        },
    )


def _require(
    work: Work,
    decision: Decision,
    confirmed: Collection[str],
    due: InjectionDue,
    *,
    expires_on: date,
    rems_note: str,
) -> None:
    if expires_on < work.service_date:
        raise Refused(f"This vial expired on {expires_on:%d %b %Y}.")
    if due.product is not LongActingProduct.XR_NALTREXONE and not rems_note:
        raise Refused(REMS_MISSING)
    decision.require()
    left = unanswered(decision, confirmed=confirmed)
    if left:
        raise Refused([reason.message for reason in left], decision=decision)


def _times_tried(work: Work, order_id: UUID | None) -> int:
    """Injections of the order already on record: all taken back, or the rule had stopped."""
    found = work.session.scalar(
        sa.select(sa.func.count())
        .select_from(Injection)
        .where(Injection.site_id == work.site.id, Injection.order_id == order_id)
    )
    return found or 0

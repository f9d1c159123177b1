"""Long-acting injections: who is due, what one patient has had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.decision import Decision
from clinic.core.units import mg
from clinic.data.work import Work
from clinic.dosing.facts import (
    BodySite,
    InjectionDue,
    InjectionRecord,
    InjectionState,
    LateInjectionPolicy,
    LongActingProduct,
    PatientCard,
    StartEvidence,
)
from clinic.dosing.models import Injection, OrderProduct
from clinic.dosing.queries import rows
from clinic.dosing.queries.starts import start_evidence
from clinic.dosing.queries.tables import DOSE, ORDER, PATIENT, covers, is_live
from clinic.dosing.rules.injections import may_inject, state_on
from clinic.dosing.rules.starts import long_acting_window
from clinic.programs.models import Episode
from clinic.sites import queries as sites
from clinic.stock.facts import Form, Medication

REMEMBERED_DAYS = 400
_POLICY = LateInjectionPolicy()
_INJECTION = Injection.__table__
_PRODUCT = OrderProduct.__table__
_URGENCY = list(InjectionState)


@dataclass(frozen=True, slots=True)
class Last:
    """The last injection a patient had, here or elsewhere in the organisation."""

    product: LongActingProduct | None
    given_on: date
    dose_ug: int
    body_site: BodySite | None


def injections_due(work: Work, *, day: date) -> list[InjectionDue]:
    """Everybody in care on a long-acting product: overdue first, then due, new, and too early.

    Shape: the same number of statements for any number of patients. Where the naltrexone gate
    must be asked again, the list says so; the patient's page asks it with the findings.
    """
    policy = sites.policy(work, _POLICY, of="late_injections", on=day)
    last = _last_injections(work, day)
    ordered = {row["card_id"]: row for row in _ordered(work, day)}
    cards = {patient_id: rows.card_of(row) for patient_id, row in ordered.items()}
    cards |= _cards(work, [one for one in last if one not in cards])
    found = []
    for patient_id, card in cards.items():
        due = _due(
            work, card, ordered.get(patient_id), last.get(patient_id), day=day, policy=policy
        )
        if due is not None:
            found.append(due)
    return sorted(found, key=_order_of_urgency)


def injection_due(
    work: Work, *, patient_id: UUID, evidence: StartEvidence, leaving_out: UUID | None = None
) -> InjectionDue | None:
    """One patient's next injection, judged with the findings; None when they are on none."""
    day = work.service_date
    policy = sites.policy(work, _POLICY, of="late_injections", on=day)
    row = next((one for one in _ordered(work, day) if one["card_id"] == patient_id), None)
    last = _last_injections(work, day, patient_id=patient_id, leaving_out=leaving_out).get(
        patient_id
    )
    card = rows.card_of(row) if row else _cards(work, [patient_id]).get(patient_id)
    if card is None:
        return None
    return _due(work, card, row, last, day=day, policy=policy, evidence=evidence)


def injection_before(work: Work, *, patient_id: UUID, dose_id: UUID) -> InjectionDue | None:
    """The injection that a dose just recorded is, judged as if it were still to come."""
    return injection_due(
        work,
        patient_id=patient_id,
        evidence=start_evidence(work, patient_id=patient_id),
        leaving_out=dose_id,
    )


def injections_of(work: Work, *, patient_id: UUID) -> list[InjectionRecord]:
    """Injections of a patient that stand, newest first, each with the window it opened."""
    found = work.session.execute(
        sa.select(Injection, DOSE.c.dose_ug)
        .join(DOSE, sa.and_(DOSE.c.site_id == Injection.site_id, DOSE.c.id == Injection.dose_id))
        .where(
            Injection.patient_id == patient_id,
            DOSE.c.patient_id == patient_id,
            is_live(DOSE),
        )
        .order_by(Injection.occurred_at.desc())
    )
    return [
        InjectionRecord(
            dose_id=row.dose_id,
            product=row.product,
            given_on=row.service_date,
            dose_mg=mg(dose_ug),
            body_site=row.body_site,
            lot=row.lot,
            expires_on=row.expires_on,
            given_by=row.recorded_by_name,
            window=long_acting_window(row.product, given_date=row.service_date),
        )
        for row, dose_ug in found
    ]


def _order_of_urgency(one: InjectionDue) -> tuple[int, date, str]:
    since = one.window.due_date or one.window.earliest_date if one.window else date.max
    return _URGENCY.index(one.state), since, one.patient.last_name


def _due(
    work: Work,
    card: PatientCard,
    row: sa.RowMapping | None,
    last: Last | None,
    *,
    day: date,
    policy: LateInjectionPolicy,
    evidence: StartEvidence | None = None,
) -> InjectionDue | None:
    order = rows.order_of(row, work.site) if row else None
    product = row["product"] or _only_product(row["medication"]) if row else None
    product = product or (last.product if last else None)
    if product is None:
        return None
    before = last if last is not None and last.product is product else None
    given_on = before.given_on if before else None
    dose_mg = order.dose_mg if order else mg(last.dose_ug) if last else None
    if dose_mg is None or (order is None and before is None):
        return None
    return InjectionDue(
        patient=card,
        product=product,
        dose_mg=dose_mg,
        last_given_on=given_on,
        last_site=before.body_site if before else None,
        window=long_acting_window(product, given_date=given_on) if given_on else None,
        state=state_on(product, last_given_on=given_on, on=day, policy=policy),
        order_number=order.number if order else None,
        decision=_given_today(given_on, day)
        or may_inject(
            product,
            last_given_on=given_on,
            on=day,
            ordered_on=order.ordered_on if order else None,
            evidence=evidence,
            policy=policy,
        ),
    )


def _given_today(given_on: date | None, day: date) -> Decision | None:
    return Decision() if given_on == day else None


def _only_product(medication: Medication) -> LongActingProduct | None:
    """Naltrexone comes as one long-acting product; for buprenorphine the order names it."""
    return LongActingProduct.XR_NALTREXONE if medication is Medication.NALTREXONE else None


def _ordered(work: Work, day: date) -> list[sa.RowMapping]:
    found = work.session.connection().execute(
        sa.select(*rows.CARD_COLUMNS, *rows.ORDER_COLUMNS, _PRODUCT.c.product)
        .select_from(
            PATIENT.join(ORDER, ORDER.c.patient_id == PATIENT.c.id).outerjoin(
                _PRODUCT,
                sa.and_(_PRODUCT.c.site_id == ORDER.c.site_id, _PRODUCT.c.order_id == ORDER.c.id),
            )
        )
        .where(ORDER.c.site_id == work.site.id, ORDER.c.form == Form.INJECTION, covers(ORDER, day))
    )
    return list(found.mappings())


def _last_injections(
    work: Work, day: date, *, patient_id: UUID | None = None, leaving_out: UUID | None = None
) -> dict[UUID, Last]:
    """The last live injection of every patient in care at this site."""
    who: Any = Episode.patient_id == DOSE.c.patient_id
    found = work.session.connection().execute(
        sa.select(
            DOSE.c.patient_id,
            DOSE.c.service_date,
            DOSE.c.medication,
            DOSE.c.dose_ug,
            _INJECTION.c.product,
            _INJECTION.c.body_site,
        )
        .select_from(
            DOSE.outerjoin(
                _INJECTION,
                sa.and_(_INJECTION.c.site_id == DOSE.c.site_id, _INJECTION.c.dose_id == DOSE.c.id),
            )
        )
        .where(
            DOSE.c.form == Form.INJECTION,
            DOSE.c.service_date <= day,
            DOSE.c.service_date > day - timedelta(days=REMEMBERED_DAYS),
            sa.exists().where(who, Episode.site_id == work.site.id, Episode.closed_on.is_(None)),
            is_live(DOSE),
            DOSE.c.patient_id == patient_id if patient_id else sa.true(),
            DOSE.c.id != leaving_out if leaving_out else sa.true(),
        )
        .order_by(DOSE.c.service_date)
    )
    return {
        row.patient_id: Last(
            row.product or _only_product(row.medication),
            row.service_date,
            row.dose_ug,
            row.body_site,
        )
        for row in found
    }


def _cards(work: Work, patient_ids: list[UUID]) -> dict[UUID, PatientCard]:
    found = work.session.connection().execute(
        sa.select(*rows.CARD_COLUMNS).where(
            PATIENT.c.id.in_(patient_ids),
            PATIENT.c.organization_id == work.site.organization_id,
        )
    )
    return {row["card_id"]: rows.card_of(row) for row in found.mappings()}

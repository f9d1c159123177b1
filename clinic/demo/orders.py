"""Orders with a story: plans under way, injections with their lots, calls after missed doses.

Written through the services themselves, by the people of the site, so that every decision stands
beside its order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from clinic.core.actors import Actor
from clinic.core.decision import Decision, Effect
from clinic.core.units import micrograms
from clinic.data.work import Work
from clinic.demo.house import DemoSite
from clinic.demo.rows import Rows
from clinic.dosing import queries, services
from clinic.dosing.facts import (
    BodySite,
    ContactMethod,
    ContactOutcome,
    DoseOrigin,
    LongActingProduct,
    OrderInForce,
    OrderPlanTerms,
    OrderProposal,
    PlanKind,
    QtcMethod,
)
from clinic.dosing.models import Dose, Injection, MedicationOrder, OrderProduct
from clinic.programs import queries as programs
from clinic.programs.models import Episode
from clinic.staff import queries as staff
from clinic.staff.facts import Role, verbs_of
from clinic.stock.facts import Form, Medication

LOT: Final = "VX-2207"
VIAL_LASTS: Final = timedelta(days=300)
LONG_ACTING: Final = (
    (LongActingProduct.BRIXADI_WEEKLY, 24, 11),
    (LongActingProduct.BRIXADI_MONTHLY, 96, 30),
    (LongActingProduct.SUBLOCADE, 300, 12),
)
"""Product, mg, days since the last injection: one late, one due, one to wait."""
REASON: Final = "Stable on sublingual buprenorphine elsewhere; wishes an injection."
HIGH_DOSE_MG: Final = 100
ECGS: Final = 6
CALLS: Final = ((ContactOutcome.NO_ANSWER, 2), (ContactOutcome.COMING_BACK, 1))


def write_injections(rows: Rows, site: DemoSite) -> None:
    """Product, body site, lot and expiry beside each injection of the demo's past."""
    sides = (BodySite.GLUTEAL_LEFT, BodySite.GLUTEAL_RIGHT)
    given = [
        row
        for row in rows.tables[Dose.__tablename__]
        if row["form"] is Form.INJECTION and row["site_id"] == site.clock.id
    ]
    for number, row in enumerate(sorted(given, key=lambda one: one["occurred_at"])):
        signs = {name: row[name] for name in ("recorded_at", "recorded_by", "recorded_by_name")}
        about = {
            "site_id": row["site_id"],
            "patient_id": row["patient_id"],
            "order_id": row["order_id"],
            "product": LongActingProduct.XR_NALTREXONE,
        }
        rows.add(OrderProduct, id=rows.id_at(row["occurred_at"]), **about, **signs)
        rows.add(
            Injection,
            id=rows.id_at(row["occurred_at"]),
            dose_id=row["id"],
            body_site=sides[number % len(sides)],
            lot=LOT,
            expires_on=row["service_date"] + VIAL_LASTS,
            decision=Decision().to_json() | {"confirmed": []},
            **about,
            **signs,
            **site.happened(row["occurred_at"]),
        )


def tell_orders(work: Work) -> None:
    """Everything the prescriber and the outreach list have on their desks today."""
    doctor, nurse = _as(work, Role.PRESCRIBER), _as(work, Role.NURSE)
    running = _running(work)
    if doctor is None or nurse is None:
        return
    services.hold_after_misses(work, work.service_date)
    services.create_outreach_tasks(work, work.service_date)
    _call(nurse)
    _plan(doctor, running)
    _hearts(doctor, running)
    _inject(doctor, nurse)


def _as(work: Work, role: Role) -> Work | None:
    """The same work in the hands of somebody who does it here; None when nobody does."""
    for person_id, name in staff.names_by_role(work, role=role):
        actor = Actor(person_id, name, verbs_of(frozenset({role})))
        return replace(work, actor=actor)
    return None


def _running(work: Work) -> list[tuple[UUID, OrderInForce]]:
    """Methadone orders that run today, by the dose."""
    found = []
    for patient_id, medication in queries.active_medication_on(work, day=work.service_date).items():
        if medication is not Medication.METHADONE:
            continue
        orders = queries.orders_of(work, patient_id=patient_id)
        now = next(one for one in orders if one.covers(work.service_date))
        found.append((patient_id, now))
    return sorted(found, key=lambda one: (one[1].dose_mg, one[0]))


def _plan(doctor: Work, running: list[tuple[UUID, OrderInForce]]) -> None:
    """One patient goes up from a low dose, one comes down from a high one."""
    if len(running) <= len(PlanKind):
        return
    tomorrow = doctor.service_date + timedelta(days=1)
    (low_id, low), (high_id, high) = running[len(running) // 8], running[-len(running) // 8]
    up = OrderPlanTerms(
        kind=PlanKind.TITRATION,
        medication=low.medication,
        form=low.form,
        first_mg=low.dose_mg + 5,
        last_mg=low.dose_mg + 20,
        step_mg=Decimal(5),
        every_days=4,
        starts_on=tomorrow,
        rationale="Wakes in withdrawal; sedation looked for before each step.",
    )
    down = OrderPlanTerms(
        kind=PlanKind.TAPER,
        medication=high.medication,
        form=high.form,
        first_mg=high.dose_mg - 5,
        last_mg=max(high.dose_mg - 40, Decimal(5)),
        step_mg=Decimal(5),
        every_days=14,
        starts_on=tomorrow,
        rationale="The patient asks to come down slowly; stops whenever they say so.",
    )
    for patient_id, terms in ((low_id, up), (high_id, down)):
        decision = queries.decide_plan(doctor, patient_id=patient_id, terms=terms)
        if decision:
            asked = {one.code for one in decision.reasons if one.effect is Effect.ASK}
            services.accept_plan(doctor, patient_id=patient_id, terms=terms, confirmed=asked)


def _hearts(doctor: Work, running: list[tuple[UUID, OrderInForce]]) -> None:
    high = [one for one in reversed(running) if one[1].dose_mg >= HIGH_DOSE_MG][:ECGS]
    for number, (patient_id, _) in enumerate(high):
        services.record_ecg(
            doctor,
            patient_id=patient_id,
            measured_on=doctor.service_date - timedelta(days=20 + 30 * number),
            qtc_ms=418 + 17 * number,
            method=QtcMethod.FRIDERICIA,
            read_by=doctor.actor.name,
        )


def _call(nurse: Work) -> None:
    tasks = iter(queries.open_tasks(nurse, day=nurse.service_date))
    for outcome, times in CALLS:
        for _ in range(times):
            task = next(tasks, None)
            if task is None:
                return
            services.record_contact(
                nurse, task_id=task.id, method=ContactMethod.PHONE, outcome=outcome
            )


def _inject(doctor: Work, nurse: Work) -> None:
    """Three patients without another medication, each on a long-acting buprenorphine."""
    untreated = _without_orders(doctor)
    for (product, dose_mg, days), patient_id in zip(LONG_ACTING, untreated, strict=False):
        past = timedelta(days=days)
        then = replace(doctor, now=doctor.now - past)
        at_the_chair = replace(nurse, now=nurse.now - past)
        _order(then, patient_id, product, dose_mg)
        _injected(at_the_chair, patient_id, product, days)
        if product is LongActingProduct.BRIXADI_MONTHLY:
            _order(doctor, patient_id, product, dose_mg)


def _injected(work: Work, patient_id: UUID, product: LongActingProduct, days: int) -> None:
    """An injection of the past, straight into the tables: the services only know today."""
    order = queries.orders_of(work, patient_id=patient_id)[0]
    act = {
        "site_id": work.site.id,
        "patient_id": patient_id,
        "order_id": order.id,
        "decision": Decision().to_json() | {"confirmed": []},
        **work.on_service_day(),
        **work.attribution,
    }
    dose_id = work.new_id()
    work.session.add(
        Dose(
            id=dose_id,
            origin=DoseOrigin.WINDOW,
            order_number=order.number,
            medication=order.medication,
            form=order.form,
            dose_ug=micrograms(order.dose_mg),
            **act,
        )
    )
    work.session.add(
        Injection(
            id=work.new_id(),
            dose_id=dose_id,
            product=product,
            body_site=BodySite.ABDOMEN_LEFT,
            lot=f"{product.value[:2].upper()}-{days:03d}",
            expires_on=work.service_date + VIAL_LASTS,
            rems_note="Given here by staff under the REMS.",
            **act,
        )
    )
    work.session.flush()


def _order(work: Work, patient_id: UUID, product: LongActingProduct, dose_mg: int) -> None:
    proposal = OrderProposal(
        medication=Medication.BUPRENORPHINE,
        form=Form.INJECTION,
        dose_mg=Decimal(dose_mg),
        starts_on=work.service_date,
        ends_on=work.service_date + timedelta(days=7),
        rationale=REASON,
        product=product,
    )
    decision = queries.decide_order(work, patient_id=patient_id, proposal=proposal)
    services.place_order(
        work,
        patient_id=patient_id,
        medication=proposal.medication,
        form=proposal.form,
        dose_mg=proposal.dose_mg,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        rationale=REASON,
        product=product,
        confirmed_reasons={one.code for one in decision.reasons if one.effect is Effect.ASK},
    )


def _without_orders(work: Work) -> list[UUID]:
    """Patients in a level of care for long enough who were never ordered anything."""
    longest = max(days for _, _, days in LONG_ACTING)
    asked_before = work.now - timedelta(days=longest + 10)
    found = work.session.scalars(
        sa.select(Episode.patient_id)
        .where(
            Episode.site_id == work.site.id,
            Episode.closed_on.is_(None),
            Episode.requested_at < asked_before,
            ~sa.exists().where(MedicationOrder.patient_id == Episode.patient_id),
            ~sa.exists().where(Dose.patient_id == Episode.patient_id),
        )
        .order_by(Episode.requested_at, Episode.id)
    )
    return [
        patient_id
        for patient_id in found
        if _in_care_since(work, patient_id, until=asked_before.date())
    ]


def _in_care_since(work: Work, patient_id: UUID, *, until: date) -> bool:
    moves = programs.history(work, patient_id=patient_id)
    episode = queries.episode_in_care(work, patient_id=patient_id)
    return episode is not None and max(move.service_date for move in moves) <= until

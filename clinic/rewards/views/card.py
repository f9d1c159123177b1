"""A patient's reward card, and the program's rewards."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.actors import Actor
from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.rewards import queries, services
from clinic.rewards.facts import (
    RewardedPatient,
    StatementLine,
    TransferKind,
)
from clinic.rewards.forms import EnrolForm
from clinic.rewards.views.blueprint import rewards
from clinic.rewards.views.plot import plot, plot_rows
from clinic.web.edge import begin_work
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

LATEST = 8
"""Lines on the card; the statement has all of them."""

OVERVIEW_COLUMNS: tuple[Column[RewardedPatient], ...] = (
    Column("Patient", lambda one: one.name),
    Column("Protocol", lambda one: one.protocol or "ended; a balance is left"),
    Column(
        "Visits",
        lambda one: f"{one.visits_done} of {one.visits_scheduled}" if one.protocol else "",
        align="end",
    ),
    Column("In a row", lambda one: one.in_a_row, align="end"),
    Column("Balance", lambda one: dollars(one.balance_cents), align="end"),
    Column("Paid this month", lambda one: dollars(one.paid_this_month_cents), align="end"),
    Column("Paid this year", lambda one: dollars(one.paid_this_year_cents), align="end"),
    Column("Tightest cap used", lambda one: one.cap_used, align="end"),
    Column("Near", lambda one: one.cap_name if one.is_near_cap else ""),
)


@rewards.get("/rewards")
@requires(Permission.VIEW_REWARDS)
def overview() -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="rewards.overview", subject="rewards of the program")
        found = queries.overview(work)
        may_supervise = work.actor.may(Permission.VIEW_FIDELITY)
        findings = queries.findings(work) if may_supervise else ()
    if request.args.get("format") == "csv":
        return csv_response("rewards", OVERVIEW_COLUMNS, found.patients)
    return page(
        "rewards/overview",
        overview=found,
        findings=findings,
        may_supervise=may_supervise,
        may_manage_protocols=work.actor.may(Permission.MANAGE_PROTOCOLS),
        columns=OVERVIEW_COLUMNS,
        link=lambda one: url_for("rewards.card", patient_id=one.patient_id),
        kind=lambda one: "attention" if one.is_near_cap else None,
    )


@rewards.get("/patients/<uuid:patient_id>/rewards")
@requires(Permission.VIEW_REWARDS)
def card(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return card_page(work, patient_id, enrol=EnrolForm(formdata=None))


@rewards.post("/patients/<uuid:patient_id>/rewards/enrolment")
@requires(Permission.ENROL_REWARDS)
def enrol(patient_id: UUID) -> ResponseReturnValue:
    form = EnrolForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return card_page(work, patient_id, enrol=form), 422
        started = services.enrol(
            work,
            patient_id=patient_id,
            protocol_code=form.protocol.data,
            funding_source_id=form.funding_source_id,
        )
    flash(f"Enrolled: {started.title}.", "ok")
    return see_other(url_for("rewards.card", patient_id=patient_id))


def card_page(work: Work, patient_id: UUID, *, enrol: EnrolForm) -> str:
    banner = programs.chart_banner(work, patient_id=patient_id)
    audit.record(work, action="chart.view", subject="rewards", patient_id=patient_id)
    found = queries.card(work, patient_id=patient_id)
    offered = () if found.is_open else queries.offered_protocols(work)
    sources = [one for one in queries.sources(work) if one.is_open(work.service_date)]
    decisions = {
        protocol.name: queries.may_enrol_in(work, protocol, patient_id=patient_id)
        for protocol in offered
    }
    return page(
        "rewards/card",
        banner=banner,
        patient_id=patient_id,
        tab="rewards",
        card=found,
        plot=plot(found) if found.path else None,
        plot_rows=plot_rows(found),
        latest=found.lines[::-1][:LATEST],
        history=found.visits[::-1][:LATEST],
        enrol_form=enrol.offer(offered, sources=sources),
        has_funding_choice=len(sources) > 1,
        enrol_decision=next(
            (decision for decision in decisions.values() if decision),
            next(iter(decisions.values()), None),
        ),
        may_enrol=work.actor.may(Permission.ENROL_REWARDS),
        receipts=[visit for visit in found.visits[::-1] if visit.is_drawn],
        may_redeem=work.actor.may(Permission.REDEEM_REWARD),
        may_void=lambda line: _may_void(work.actor, line),
    )


def _may_void(actor: Actor, line: StatementLine) -> bool:
    is_standing_award = line.kind is TransferKind.EARN and not line.is_voided
    return is_standing_award and actor.may(Permission.VOID_REWARD)

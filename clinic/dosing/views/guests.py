"""Guest dosing: the list, a patient's stays, the packet on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing.facts.guests import GuestDirection, GuestStay
from clinic.dosing.forms.guests import EndStayForm, GuestForm, ReportedDoseForm
from clinic.dosing.queries import guests as queries
from clinic.dosing.services import guests as services
from clinic.dosing.views.blueprint import dosing
from clinic.patients import queries as patients
from clinic.programs import queries as programs
from clinic.sites import queries as sites
from clinic.stock.facts import Medication
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import OnceForm, given
from clinic.web.pages import page, see_other
from clinic.web.paper import (
    Blank,
    Block,
    Columns,
    Facts,
    Heading,
    Picture,
    Table,
    Text,
    paper,
    pdf_response,
    printed_by,
)
from clinic.web.permission import requires


@dosing.get("/dosing/guests")
@requires(Permission.VIEW_DOSING)
def guests() -> ResponseReturnValue:
    with begin_reading() as work:
        stays = queries.stays_on(work, day=work.service_date)
        return page("dosing/guests", stays=stays, today=work.service_date)


@dosing.get("/patients/<uuid:patient_id>/dosing/guest")
@requires(Permission.VIEW_DOSING)
def guest_stays(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="chart.view", subject="guest dosing", patient_id=patient_id)
        return page("dosing/guest_stays", **_stays(work, patient_id))


@dosing.post("/patients/<uuid:patient_id>/dosing/guest")
@requires(Permission.VIEW_DOSING)
def begin_stay(patient_id: UUID) -> ResponseReturnValue:
    """Nurses and prescribers; the service refuses everybody else."""
    form = GuestForm()

    def verb(work: Work) -> UUID:
        return services.begin_stay(
            work,
            patient_id=patient_id,
            proposal=form.proposal,
            medication=Medication(form.medication.data),
        )

    return _act(patient_id, form, verb, said="Recorded. Print the packet.", shown="form")


@dosing.post("/patients/<uuid:patient_id>/dosing/guest/<uuid:stay_id>/dose")
@requires(Permission.GIVE_DOSE)
def report_guest_dose(patient_id: UUID, stay_id: UUID) -> ResponseReturnValue:
    form = ReportedDoseForm()

    def verb(work: Work) -> UUID:
        return services.report_dose(
            work,
            stay_id=stay_id,
            given_on=given(form.given_on.data),
            dose_mg=plain(given(form.dose_mg.data)),
            told_by=form.told_by.data or "",
        )

    return _act(patient_id, form, verb, said="Written down.", shown="report_form")


@dosing.post("/patients/<uuid:patient_id>/dosing/guest/<uuid:stay_id>/end")
@requires(Permission.VIEW_DOSING)
def end_stay(patient_id: UUID, stay_id: UUID) -> ResponseReturnValue:
    """Nurses and prescribers; the service refuses everybody else."""
    form = EndStayForm()

    def verb(work: Work) -> UUID:
        services.end_stay(work, stay_id=stay_id, reason=form.reason.data or "")
        return stay_id

    return _act(patient_id, form, verb, said="Ended.", shown="end_form")


def _act(
    patient_id: UUID,
    form: OnceForm,
    verb: Callable[[Work], UUID],
    *,
    said: str,
    shown: str,
) -> ResponseReturnValue:
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/guest_stays", **_stays(work, patient_id) | {shown: form}), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id), "verb": shown} | form.request_values(),
            verb=lambda: {"id": str(verb(work))},
        )
    flash(said, "ok")
    return see_other(url_for("dosing.guest_stays", patient_id=patient_id))


def _stays(work: Work, patient_id: UUID) -> dict[str, Any]:
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "tab": "dosing",
        "today": work.service_date,
        "stays": queries.stays_of(work, patient_id=patient_id),
        "form": GuestForm(formdata=None),
        "report_form": ReportedDoseForm(formdata=None, given_on=work.service_date),
        "end_form": EndStayForm(formdata=None),
        "policy": queries.guest_policy(work),
        "may_order": work.actor.may(Permission.ORDER_MEDICATION),
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "may_begin": work.actor.may(Permission.GIVE_DOSE)
        or work.actor.may(Permission.ORDER_MEDICATION),
    }


@dosing.get("/dosing/guests/<uuid:stay_id>/packet.pdf")
@requires(Permission.VIEW_DOSING)
def guest_packet(stay_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        stay, card = queries.stay(work, stay_id=stay_id)
        audit.record(
            work, action="guest.packet", subject="guest packet", patient_id=card.patient_id
        )
        here = sites.site(work)
        data = paper(
            title="Guest dosing packet",
            subtitle=f"{card.last_name}, {card.first_name} ({card.code})",
            site=f"{here.organization}, {here.name}",
            printed=printed_by(work),
            blocks=_packet(work, stay, f"{here.name}, {here.address}, {here.telephone}"),
        )
    return pdf_response(f"guest-packet-{card.code}", data)


def _packet(work: Work, stay: GuestStay, home: str) -> list[Block]:
    """What the other program needs, field by field. Source: 42 CFR 8.12(g)(2); site policy."""
    proposal = stay.proposal
    last = proposal.last_dose
    is_out = proposal.direction is GuestDirection.OUT
    other = ", ".join(
        part
        for part in (proposal.other.name, proposal.other.address, proposal.other.telephone)
        if part
    )
    banner = programs.chart_banner(work, patient_id=stay.patient_id)
    has_photo = banner.photo_url is not None
    photo = patients.photo(work, patient_id=stay.patient_id).content if has_photo else None
    facts = Facts(
        [
            ("Patient", f"{banner.last_name}, {banner.first_name}"),
            ("Born", f"{banner.date_of_birth:%d %b %Y}"),
            ("Code", banner.code),
            ("Identification", proposal.id_seen or "-"),
            ("Home program", home if is_out else other),
            ("Contact nurse", stay.recorded_by if is_out else proposal.other.contact or "-"),
            ("Guest of", other if is_out else home),
        ]
    )
    days = (proposal.ends_on - proposal.starts_on).days
    last_day = proposal.ends_on.fromordinal(proposal.ends_on.toordinal() - 1)
    dose = Facts(
        [
            ("Medication", f"{stay.medication.label}, {stay.form.label.lower()}"),
            ("Dose", f"{plain(stay.dose_mg)} mg once a day"),
            ("Days", f"{proposal.starts_on:%d %b %Y} to {last_day:%d %b %Y} ({days} days)"),
            (
                "Last dose",
                "-"
                if last is None
                else f"{plain(last.dose_mg)} mg on {last.given_on:%d %b %Y} at {last.given_at},"
                f" {'observed' if last.observed else 'not observed'}",
            ),
            ("Take-homes in hand", proposal.take_homes_in_hand),
            ("Urine tests", proposal.urine_summary or "-"),
            ("Allergies", proposal.allergies or "-"),
            ("Why", f"{proposal.reason.label}: {proposal.justification}"),
            ("Consent signed", f"{proposal.consent_on:%d %b %Y}" if proposal.consent_on else "-"),
            ("Confirmed with", proposal.verified_with or "-"),
        ]
    )
    given_days = [
        (
            f"{proposal.starts_on.fromordinal(proposal.starts_on.toordinal() + n):%a %d %b}",
            *[""] * 4,
        )
        for n in range(days)
    ]
    head: Block = facts if photo is None else Columns([[facts], [Picture(photo)]], widths=[4, 1])
    return [
        head,
        Heading("Dose"),
        dose,
        Heading("Doses given", level=2),
        Text("Write each dose and send this page back when the stay ends; call about any miss."),
        Table(
            ["Day", "mg", "Time", "Given by", "Remarks"],
            given_days,
            widths=[2, 1, 1, 2, 3],
            row_height=18,
        ),
        Blank(label="Verified by, at"),
    ]

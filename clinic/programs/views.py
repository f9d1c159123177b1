"""The chart's first page, the waitlist, and the forms that refer and move."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, current_app, flash, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.patients.facts import (
    AlertFacts,
    AllergyFacts,
    Banner,
    PatientFacts,
    Problem,
    chart_path,
)
from clinic.programs import queries, services
from clinic.programs.facts import (
    CARE_STATE_KINDS,
    CareState,
    EncounterFacts,
    EpisodeFacts,
    Particulars,
    Pathway,
    Transition,
    Waiting,
)
from clinic.programs.forms import MoveForm, ParticularsForm, ReferralForm
from clinic.programs.rules.moves import next_states
from clinic.programs.rules.waiting import capacity_notice
from clinic.staff import queries as staff
from clinic.staff.facts import Role
from clinic.web.edge import actor, begin_reading, begin_work
from clinic.web.filters import day, local_day_time
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

programs = Blueprint("programs", __name__)

PATHWAY_ENDPOINT = "therapies.pathway"
"""Draws all three lanes once the page is there; this storey knows two of them."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline, in the kit's words."""

    at: str
    title: str
    text: str
    actor: str
    kind: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the first page of a chart shows."""

    patient: PatientFacts
    banner: Banner
    episode: EpisodeFacts | None
    earlier: list[EpisodeFacts]
    moves: tuple[CareState, ...]
    pathway: Pathway
    events: list[Event]
    problems: list[Problem]
    allergies: list[AllergyFacts]
    alerts: list[AlertFacts]
    encounters: list[EncounterFacts]
    particulars: Particulars | None
    counselor: str | None


def _clock_word(one: Waiting) -> str:
    if one.overdue:
        return "Overdue"
    return "In time" if one.admit_by or one.interim_services_by else "—"


COLUMNS: tuple[Column[Waiting], ...] = (
    Column("Name", lambda one: one.name.listed),
    Column("Code", lambda one: one.code),
    Column("Priority", lambda one: one.priority.label),
    Column("State", lambda one: one.state.label),
    Column("Days waiting", lambda one: one.days_waiting, align="end"),
    Column("Admit by", lambda one: day(one.admit_by)),
    Column("Interim services by", lambda one: local_day_time(one.interim_services_by)),
    Column("Clock", _clock_word),
)


@programs.get("/patients/<uuid:patient_id>")
@requires(Permission.VIEW_CHART)
def chart(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        seen = _overview(work, patient_id)
        audit.record(work, action="chart.view", subject="overview", patient_id=patient_id)
    draws_all = PATHWAY_ENDPOINT in current_app.view_functions
    return page(
        "programs/chart",
        patient_id=patient_id,
        seen=seen,
        kinds=CARE_STATE_KINDS,
        pathway_url=url_for(PATHWAY_ENDPOINT, patient_id=patient_id) if draws_all else None,
        may_refer=actor().may(Permission.REFER) and not seen.patient.deceased_on,
        may_move=actor().may(Permission.MOVE_CARE),
        may_edit=actor().may(Permission.EDIT_PATIENT),
    )


@programs.get("/waitlist")
@requires(Permission.VIEW_PROGRAMS)
def waitlist() -> ResponseReturnValue:
    with begin_reading() as work:
        waiting = queries.waitlist(work)
        capacity = queries.capacity(work)
    if request.args.get("format") == "csv":
        return csv_response("waitlist", COLUMNS, waiting)
    return page(
        "programs/waitlist",
        waiting=waiting,
        columns=[*COLUMNS, Column("Next", _next_step)] if _may_move() else COLUMNS,
        capacity=capacity,
        notice=capacity_notice(capacity),
        overdue=sum(one.overdue for one in waiting),
        chart_link=lambda one: chart_path(one.patient_id),
        row_kind=lambda one: "stop" if one.overdue else None,
    )


@programs.get("/patients/<uuid:patient_id>/refer")
@requires(Permission.REFER)
def refer(patient_id: UUID) -> ResponseReturnValue:
    return _referral_page(patient_id, ReferralForm(formdata=None))


@programs.post("/patients/<uuid:patient_id>/refer")
@requires(Permission.REFER)
def record_referral(patient_id: UUID) -> ResponseReturnValue:
    form = ReferralForm()
    if not form.validate():
        return _referral_page(patient_id, form), 422
    with begin_work() as work:
        services.refer(work, patient_id=patient_id, **form.asked(work.site))
    flash("Referred. The episode is open.", "ok")
    return see_other(chart_path(patient_id))


@programs.get("/episodes/<uuid:episode_id>/move/<to>")
@requires(Permission.MOVE_CARE)
def propose(episode_id: UUID, to: str) -> ResponseReturnValue:
    target = _state(to)
    with begin_work() as work:
        episode = queries.episode(work, episode_id=episode_id)
        banner = queries.chart_banner(work, patient_id=episode.patient_id)
        decision = services.consider(work, episode=episode, to_state=target)
        audit.record(work, action="chart.view", subject="move", patient_id=episode.patient_id)
    form = MoveForm.towards(target, formdata=None, expected_sequence=episode.sequence)
    return _move_page(episode, banner, target, form, _known_before_asking(decision))


@programs.post("/episodes/<uuid:episode_id>/move/<to>")
@requires(Permission.MOVE_CARE)
def move(episode_id: UUID, to: str) -> ResponseReturnValue:
    target = _state(to)
    form = MoveForm.towards(target)
    with begin_work() as work:
        episode = queries.episode(work, episode_id=episode_id)
        banner = queries.chart_banner(work, patient_id=episode.patient_id)
        decision = _moved(work, episode, target, form)
    if decision is None or not decision:
        return _move_page(episode, banner, target, form, decision), 422
    flash(f"Moved to {target.label}.", "ok")
    return see_other(chart_path(episode.patient_id))


@programs.get("/episodes/<uuid:episode_id>/particulars")
@requires(Permission.MOVE_CARE)
def particulars(episode_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        episode, banner = _opened(work, episode_id)
        sequence, known, _ = queries.particulars(work, episode_id=episode_id)
        counselors = staff.names_by_role(work, role=Role.COUNSELOR)
        units = queries.units(work)
    form = ParticularsForm.of(
        counselors,
        formdata=None,
        expected_sequence=sequence,
        counselor=str(known.counselor_id or ""),
        unit=known.unit,
        injects=known.injects,
        pregnant=known.pregnant,
    )
    return _particulars_page(episode, banner, form, units)


@programs.post("/episodes/<uuid:episode_id>/particulars")
@requires(Permission.MOVE_CARE)
def change_particulars(episode_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        episode, banner = _opened(work, episode_id)
        units = queries.units(work)
        form = ParticularsForm.of(staff.names_by_role(work, role=Role.COUNSELOR))
        is_valid = form.validate()
        if is_valid:
            services.change_particulars(work, episode_id=episode_id, **form.asked(work.site))
    if not is_valid:
        return _particulars_page(episode, banner, form, units), 422
    flash("Particulars of the episode saved.", "ok")
    return see_other(chart_path(episode.patient_id))


def _opened(work: Work, episode_id: UUID) -> tuple[EpisodeFacts, Banner]:
    episode = queries.episode(work, episode_id=episode_id)
    banner = queries.chart_banner(work, patient_id=episode.patient_id)
    audit.record(
        work, action="chart.view", subject="episode particulars", patient_id=episode.patient_id
    )
    return episode, banner


def _particulars_page(
    episode: EpisodeFacts, banner: Banner, form: ParticularsForm, units: list[str]
) -> str:
    return page(
        "programs/particulars",
        patient_id=episode.patient_id,
        episode=episode,
        banner=banner,
        form=form,
        units=units,
    )


def _moved(work: Work, episode: EpisodeFacts, target: CareState, form: MoveForm) -> Decision | None:
    """Make the move if the form is whole and the rule allows it; None for a form that is not."""
    if not form.validate():
        return None
    asked = form.asked(work.site)
    decision = services.consider(work, episode=episode, to_state=target, **asked)
    if decision:
        services.move(
            work,
            episode_id=episode.id,
            to_state=target,
            expected_sequence=given(form.expected_sequence.data),
            **asked,
        )
    return decision


def _overview(work: Work, patient_id: UUID) -> Overview:
    everything = queries.episodes(work, patient_id=patient_id)
    now = next((one for one in everything if one.is_open), None)
    moves = next_states(queries.standing(work, episode=now)) if now else ()
    known = queries.particulars(work, episode_id=now.id)[1] if now else None
    return Overview(
        patient=patients.get(work, patient_id=patient_id),
        banner=queries.chart_banner(work, patient_id=patient_id),
        episode=now,
        earlier=[one for one in everything if not one.is_open],
        moves=moves,
        pathway=queries.pathway(work, patient_id=patient_id),
        events=[_event(one) for one in queries.history(work, patient_id=patient_id)],
        problems=patients.problems(work, patient_id=patient_id),
        allergies=patients.allergies(work, patient_id=patient_id),
        alerts=patients.alerts(work, patient_id=patient_id),
        encounters=queries.encounters(work, patient_id=patient_id),
        particulars=known,
        counselor=_counselor_name(work, known),
    )


def _counselor_name(work: Work, known: Particulars | None) -> str | None:
    if known is None or known.counselor_id is None:
        return None
    names = dict(staff.names_by_role(work, role=Role.COUNSELOR))
    return names.get(known.counselor_id, "No longer a counselor here")


def _event(one: Transition) -> Event:
    details = [
        f"Episode {one.episode_number}." if one.from_state is None else "",
        f"{one.discharge_reason.label}." if one.discharge_reason else "",
        f"{one.planned_days} days planned." if one.planned_days else "",
        one.note,
    ]
    return Event(
        at=local_day_time(one.occurred_at),
        title=one.to_state.label,
        text=" ".join(part for part in details if part),
        actor=one.recorded_by_name,
        kind=CARE_STATE_KINDS[one.to_state],
    )


def _next_step(one: Waiting) -> Markup:
    target = CareState.OPIOID_TREATMENT
    url = url_for("programs.propose", episode_id=one.episode_id, to=target.value)
    return Markup(
        '<a class="btn btn-quiet btn-small" href="{}">Admit'
        '<span class="visually-hidden"> {}</span></a>'
    ).format(url, one.name.spoken)


def _may_move() -> bool:
    return actor().may(Permission.MOVE_CARE)


def _state(word: str) -> CareState:
    if word not in set(CareState):
        abort(404)
    return CareState(word)


def _known_before_asking(decision: Decision) -> Decision:
    """What can be said before the form is filled in: not that its fields are empty."""
    unasked = {"planned_days_missing", "reason_missing", "note_missing"}
    return Decision.of(reason for reason in decision.reasons if reason.code not in unasked)


def _referral_page(patient_id: UUID, form: ReferralForm) -> str:
    with begin_work() as work:
        banner = queries.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="referral", patient_id=patient_id)
    return page("programs/refer", patient_id=patient_id, banner=banner, form=form)


def _move_page(
    episode: EpisodeFacts,
    banner: Banner,
    target: CareState,
    form: MoveForm,
    decision: Decision | None,
) -> str:
    return page(
        "programs/propose",
        patient_id=episode.patient_id,
        episode=episode,
        banner=banner,
        target=target,
        form=form,
        decision=decision,
    )

"""A visit in one card: keys, the reward before it is posted, one post, and the day's list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.rewards import queries, services
from clinic.rewards.facts import AwardState, DueVisit, Preview, RewardCard, brings
from clinic.rewards.forms import VisitForm
from clinic.rewards.rules.outcomes import visit_outcome
from clinic.rewards.rules.visits import kept_outcome, rows_of
from clinic.rewards.views.blueprint import rewards
from clinic.rewards.views.slips import slip_paper
from clinic.toxicology.facts import Analyte
from clinic.web.edge import begin_work
from clinic.web.filters import local_time
from clinic.web.forms import given
from clinic.web.pages import is_fragment, page, see_other
from clinic.web.paper import pdf_response
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

DUE_COLUMNS: tuple[Column[DueVisit], ...] = (
    Column("Patient", lambda one: one.name),
    Column("Time", lambda one: local_time(one.booked_at) if one.booked_at else ""),
    Column("Booking", lambda one: one.status),
    Column("Protocol", lambda one: one.protocol),
    Column("Visit", lambda one: one.visit_number, align="end"),
    Column("Recorded", lambda one: "to do" if one.is_to_do else one.recorded),
    Column("If met, next", lambda one: one.brings, align="end"),
    Column("Draws waiting", lambda one: one.draws_waiting or "", align="end"),
)

AHEAD_COLUMNS = tuple(
    column for column in DUE_COLUMNS if column.label not in {"Recorded", "Draws waiting"}
)


@rewards.get("/rewards/today")
@requires(Permission.VIEW_REWARDS)
def today() -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="rewards.today", subject="contingency management today")
        due, day = queries.due_today(work), work.service_date
        ahead = None if any(one.is_to_do for one in due) else queries.due_next(work)
    if request.args.get("format") == "csv":
        return csv_response("rewards-today", DUE_COLUMNS, due)
    return page(
        "rewards/today",
        due=due,
        day=day,
        ahead=ahead,
        columns=DUE_COLUMNS,
        ahead_columns=AHEAD_COLUMNS,
        link=_link,
        kind=lambda one: "attention" if one.is_to_do or one.draws_waiting else "ok",
    )


@rewards.get("/patients/<uuid:patient_id>/rewards/visit")
@requires(Permission.VIEW_REWARDS)
def visit(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return _visit_page(work, patient_id, VisitForm(formdata=None))


@rewards.post("/patients/<uuid:patient_id>/rewards/visit")
@requires(Permission.RECORD_RESULT)
def post_visit(patient_id: UUID) -> ResponseReturnValue:
    form = VisitForm()
    is_complete = form.validate()
    with begin_work() as work:
        rows = _rows(queries.card(work, patient_id=patient_id))
        if not is_complete or not form.answers(rows):
            return _visit_page(work, patient_id, form), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": patient_id} | form.request_values(),
            verb=lambda: _post(work, patient_id, form, rows),
        )
    flash(" ".join(answer.values["told"]), answer.values["kind"])
    return see_other(answer.values["next"])


@rewards.post("/patients/<uuid:patient_id>/rewards/visit/preview")
@requires(Permission.RECORD_RESULT)
def preview_visit(patient_id: UUID) -> ResponseReturnValue:
    form = VisitForm()
    with begin_work() as work:
        if is_fragment():
            found = _preview(work, queries.card(work, patient_id=patient_id), form)
            return page("rewards/_visit_preview", preview=found)
        return _visit_page(work, patient_id, form, shows_preview=True)


@rewards.get("/patients/<uuid:patient_id>/rewards/visits/<uuid:visit_id>")
@requires(Permission.VIEW_REWARDS)
def visited(patient_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        banner = programs.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="reward visit", patient_id=patient_id)
        slip = queries.visit_slip(work, patient_id=patient_id, visit_id=visit_id)
        if request.args.get("format") == "pdf":
            pdf = slip_paper(work, slip, banner=banner)
            return pdf_response(f"reward-visit-{slip.number}", pdf)
    return page("rewards/visited", banner=banner, patient_id=patient_id, tab="rewards", slip=slip)


def _link(one: DueVisit) -> str:
    """The visit's card; the reward card for somebody who only has draws left."""
    return url_for("rewards.visit" if one.is_due else "rewards.card", patient_id=one.patient_id)


def _post(work: Work, patient_id: UUID, form: VisitForm, rows: Sequence[Analyte]) -> dict[str, Any]:
    posted = services.post_visit(
        work,
        patient_id=patient_id,
        number=given(form.number.data),
        marks=form.marks(rows),
        came=form.came_mark,
        was_observed=form.was_observed.data,
        note=form.note.data or "",
        laboratory=form.laboratory.data or "",
    )
    changed = _changed(work, patient_id, posted.visit_id, shown=form.shown.data or "")
    return {
        "told": [*posted.told, *changed],
        "kind": "attention" if changed else "ok",
        "next": _next_url(work, patient_id, posted.visit_id),
    }


def _changed(work: Work, patient_id: UUID, visit_id: UUID | None, *, shown: str) -> tuple[str, ...]:
    """What to say when something moved between the preview and the post: a cap, a visit, a bowl."""
    if not shown or visit_id is None:
        return ()
    visit = queries.visit(work, patient_id=patient_id, visit_id=visit_id)
    if visit.state is AwardState.HELD:
        return ()
    waiting = queries.open_draw(work, patient_id=patient_id, visit_id=visit_id)
    brought = brings(visit.amount_cents, waiting.draws if waiting else 0)
    if brought == shown:
        return ()
    return (f"The card showed {shown}; {brought} stands, because something changed meanwhile.",)


def _next_url(work: Work, patient_id: UUID, visit_id: UUID | None) -> str:
    """Straight to the bowl when the visit earned draws, else to its receipt."""
    if visit_id is None:
        return url_for("rewards.card", patient_id=patient_id)
    waits = queries.open_draw(work, patient_id=patient_id, visit_id=visit_id) is not None
    endpoint = "rewards.draw" if waits else "rewards.visited"
    return url_for(endpoint, patient_id=patient_id, visit_id=visit_id)


def _rows(card: RewardCard) -> tuple[Analyte, ...]:
    return rows_of(card.enrolment.protocol) if card.enrolment else ()


def _preview(work: Work, card: RewardCard, form: VisitForm) -> Preview | None:
    """What the keys pressed so far would bring; None while they do not say enough."""
    if not card.is_open or card.enrolment is None:
        return None
    rows = _rows(card)
    if not form.answers(rows):
        return None
    if not rows:
        outcome = kept_outcome(given(form.came_mark))
        return queries.preview(work, enrolment=card.enrolment, outcome=outcome)
    read = given(form.read(rows))
    target = card.enrolment.protocol.target
    judged = visit_outcome(read.outcome, readings=read.readings, target=target)
    if judged is None:
        return None
    return queries.preview(work, enrolment=card.enrolment, outcome=judged, readings=read.readings)


def _visit_page(
    work: Work, patient_id: UUID, form: VisitForm, *, shows_preview: bool = False
) -> str:
    banner = programs.chart_banner(work, patient_id=patient_id)
    audit.record(work, action="chart.view", subject="reward visit", patient_id=patient_id)
    card = queries.card(work, patient_id=patient_id)
    recorded = [one for one in card.visits if one.service_date == work.service_date]
    if form.number.data is None:
        form.number.data = len(card.visits) + 1
    return page(
        "rewards/visit",
        banner=banner,
        patient_id=patient_id,
        tab="rewards",
        card=card,
        form=form,
        fields=[form.row(analyte) for analyte in _rows(card)],
        recorded=recorded,
        shows_form=card.is_open and (not recorded or "again" in request.args or form.errors),
        booking=queries.booked_today(work, patient_id=patient_id),
        preview=_preview(work, card, form) if shows_preview else None,
        may_record=work.actor.may(Permission.RECORD_RESULT),
    )

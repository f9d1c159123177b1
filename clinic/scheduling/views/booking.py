"""Book a visit or a run of visits; a clash shows the same form with every cause."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.programs import queries as programs
from clinic.scheduling import queries, services
from clinic.scheduling.facts import BookingClash, SeriesRequest, Setting, Visit
from clinic.scheduling.forms import BookingForm, CallOffForm, JoinForm, first_offer
from clinic.scheduling.rules.occurrences import HORIZON_DAYS, weekly_dates
from clinic.scheduling.views.blueprint import scheduling
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import local_path, page, see_other
from clinic.web.permission import requires


@scheduling.get("/schedule/book")
@requires(Permission.BOOK)
def new_booking() -> ResponseReturnValue:
    with begin_reading() as work:
        chosen = request.args.get("patient_id", type=UUID)
        on = read_day(request.args.get("on"), otherwise=work.site.local(work.now).date())
        offer = first_offer(work.site.local(work.now), on=on)
        form = BookingForm(formdata=None, patient_id=chosen, **offer)
        return page("scheduling/new_booking", **_booking(work, form, chosen))


@scheduling.post("/schedule/book")
@requires(Permission.BOOK)
def book() -> ResponseReturnValue:
    form = BookingForm()
    with begin_work() as work:
        form.offer(queries.resource_names(work))
        if not form.validate():
            chosen = _uuid(form.patient_id.data)
            return page("scheduling/new_booking", **_booking(work, form, chosen)), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _book(work, form),
        )
    flash(answer.values["said"], "ok")
    return see_other(url_for("scheduling.patient", patient_id=form.patient_id.data))


@scheduling.post("/patients/<uuid:patient_id>/schedule/join")
@requires(Permission.BOOK)
def join(patient_id: UUID) -> ResponseReturnValue:
    form = JoinForm()
    if form.validate():
        with begin_work() as work:
            once(
                work,
                key=given(form.idempotency_key.data),
                request={"patient_id": str(patient_id)} | form.request_values(),
                verb=lambda: _join(work, patient_id, form),
            )
        flash("A place in the group is booked.", "ok")
    return see_other(url_for("scheduling.patient", patient_id=patient_id))


@scheduling.post("/schedule/sessions/<uuid:session_id>/cancel")
@requires(Permission.BOOK)
def call_off(session_id: UUID) -> ResponseReturnValue:
    form = CallOffForm()
    back = local_path(request.args.get("back"), otherwise=url_for("scheduling.day_board"))
    if not form.validate():
        flash("Nothing was called off: say why.", "attention")
        return see_other(back)
    with begin_work() as work:
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"session_id": str(session_id)} | form.request_values(),
            verb=lambda: {"told": _call_off(work, session_id, form)},
        )
    flash(f"Called off. {answer.values['told']} patients must be told.", "attention")
    return see_other(back)


@scheduling.errorhandler(BookingClash)
def clashes(clash: BookingClash) -> ResponseReturnValue:
    """The same form again, with every cause of every date; nothing was saved."""
    joining: UUID | None = (request.view_args or {}).get("patient_id")
    with begin_reading() as work:
        offer = first_offer(work.site.local(work.now), on=None)
        blank = BookingForm(formdata=None, patient_id=joining, **offer)
        form = blank if joining else BookingForm()
        chosen = joining or _uuid(form.patient_id.data)
        values = _booking(work, form, chosen)
        return page("scheduling/new_booking", **values | {"found": clash.found}), 409


def _book(work: Work, form: BookingForm) -> dict[str, Any]:
    first = given(form.on.data)
    until = first + HORIZON_DAYS * ONE_DAY
    open_days = queries.open_days(work, first=first, until=until)
    count = given(form.sessions.data)
    dates: tuple[date, ...] = (first,)
    if count > 1:
        dates = weekly_dates(
            first,
            weekdays=form.chosen_weekdays,
            is_open=lambda day: open_days.why_closed(day) is None,
            sessions=count,
        ).dates
    services.book_series(
        work,
        request=SeriesRequest(
            modality=form.kind.data,
            title=form.called,
            visits=tuple(Visit(day, given(form.minutes.data)) for day in dates),
            wall_time=given(form.at.data),
            resource_ids=form.resource_ids,
            patient_id=UUID(form.patient_id.data),
            setting=Setting(form.setting.data),
        ),
    )
    last = f", the last on {dates[-1]:%a %d %b %Y}" if count > 1 else ""
    return {"said": f"{count} of {count} booked{last}." if count > 1 else "Booked."}


def _join(work: Work, patient_id: UUID, form: JoinForm) -> dict[str, Any]:
    joined = services.join_session(
        work, session_id=UUID(form.session_id.data), patient_id=patient_id
    )
    return {"booking_id": str(joined.booking_id), "place": joined.place}


def _call_off(work: Work, session_id: UUID, form: CallOffForm) -> int:
    return services.cancel_session(
        work,
        session_id=session_id,
        reason=given(form.reason.data),
        version=given(form.version.data),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _booking(work: Work, form: BookingForm, chosen: UUID | None) -> dict[str, Any]:
    text = request.args.get("q", "")
    return {
        "form": form.offer(queries.resource_names(work)),
        "patient_id": chosen,
        "banner": programs.chart_banner(work, patient_id=chosen) if chosen else None,
        "text": text,
        "matches": patients.find(work, text=text) if text and not chosen else [],
        "on": request.args.get("on"),
        "found": (),
    }

"""The protocol editor: versions, the whole schedule as it is typed, overrides."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.decision import Decision
from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.facts import (
    OPIOID_SAFETY_NOTE,
    PrizeProtocol,
    Protocol,
    ProtocolStatus,
    Schedule,
    ScheduleRow,
    SiteProtocol,
    SlipTerms,
)
from clinic.rewards.forms.protocols import OverrideForm, ProtocolForm, StepForm, typed
from clinic.rewards.rules.costs import schedule_of
from clinic.rewards.rules.definitions import check_definition, may_activate
from clinic.rewards.views.blueprint import rewards
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import is_fragment, page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response


def _status(one: SiteProtocol) -> str:
    if one.protocol.pays_for_opioid_negative and one.override is None:
        return f"{one.status.label}, needs an override" if one.id else "Needs an override"
    return one.status.label if one.id else "Published"


def _kind(one: SiteProtocol) -> str | None:
    if one.protocol.pays_for_opioid_negative:
        return "attention"
    return "ok" if one.status is ProtocolStatus.ACTIVE else "neutral"


COLUMNS: tuple[Column[SiteProtocol], ...] = (
    Column("Protocol", lambda one: one.protocol.title),
    Column("Name", lambda one: one.protocol.name),
    Column("Version", lambda one: one.protocol.version, align="end"),
    Column("Pays for", lambda one: one.protocol.target.label),
    Column("Visits", lambda one: one.protocol.scheduled_visits, align="end"),
    Column("Status", _status),
    Column("Enrolled now", lambda one: one.enrolled, align="end"),
    Column("By", lambda one: one.recorded_by_name),
)
SCHEDULE_COLUMNS: tuple[Column[ScheduleRow], ...] = (
    Column("Visit", lambda row: row.visit_number, align="end"),
    Column("Amount", lambda row: dollars(row.amount_cents), align="end"),
    Column("Bonus", lambda row: dollars(row.bonus_cents), align="end"),
    Column("Draws", lambda row: row.draws, align="end"),
    Column("On average", lambda row: dollars(row.mean_cents), align="end"),
    Column("Total so far", lambda row: dollars(row.total_cents), align="end"),
)


@rewards.get("/rewards/protocols")
@requires(Permission.MANAGE_PROTOCOLS)
def protocols() -> ResponseReturnValue:
    with begin_reading() as work:
        found = queries.site_protocols(work)
    if request.args.get("format") == "csv":
        return csv_response("reward-protocols", COLUMNS, found)
    return page(
        "rewards/protocols",
        protocols=found,
        columns=COLUMNS,
        link=lambda one: _url(one.protocol),
        kind=_kind,
    )


@rewards.get("/rewards/protocols/new")
@requires(Permission.MANAGE_PROTOCOLS)
def new_protocol() -> ResponseReturnValue:
    name, version = request.args.get("name"), request.args.get("version", type=int)
    if name is None or version is None:
        return _form_page(ProtocolForm(formdata=None))
    with begin_reading() as work:
        found = queries.site_protocol(work, name=name, version=version)
        latest = queries.latest_version(work, name=name)
    values = typed(found.protocol)
    if found.id is not None and "copy" not in request.args:
        values |= {"name": name, "based_on": latest}
    return _form_page(ProtocolForm(formdata=None, data=values))


@rewards.post("/rewards/protocols/preview")
@requires(Permission.MANAGE_PROTOCOLS)
def preview_protocol() -> ResponseReturnValue:
    form = ProtocolForm()
    form.validate()
    if is_fragment():
        return page("rewards/_protocol_preview", form=form, **_preview(form))
    return _form_page(form)


@rewards.post("/rewards/protocols")
@requires(Permission.MANAGE_PROTOCOLS)
def draft_protocol() -> ResponseReturnValue:
    form = ProtocolForm()
    if not form.validate() or not check_definition(form.definition):
        return _form_page(form), 422
    with begin_work() as work:
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _draft(work, form),
        )
    flash("Saved as a draft. Nobody can be enrolled in it before it is switched on.", "ok")
    return see_other(url_for("rewards.protocol", **answer.values))


@rewards.get("/rewards/protocols/<name>/<int:version>")
@requires(Permission.MANAGE_PROTOCOLS)
def protocol(name: str, version: int) -> ResponseReturnValue:
    with begin_reading() as work:
        found = queries.site_protocol(work, name=name, version=version)
        if request.args.get("format") == "csv":
            rows = schedule_of(found.protocol).rows
            return csv_response(f"schedule-{name}-{version}", SCHEDULE_COLUMNS, rows)
        return _protocol_page(work, found)


@rewards.post("/rewards/protocols/<name>/<int:version>/activate")
@requires(Permission.MANAGE_PROTOCOLS)
def activate_protocol(name: str, version: int) -> ResponseReturnValue:
    form = StepForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            found = queries.site_protocol(work, name=name, version=version)
            return _protocol_page(work, found, step=form), 422
        _once(work, form, name, version, services.activate_protocol)
    flash("Switched on. New patients start on this version; nobody who runs is moved.", "ok")
    return see_other(url_for("rewards.protocol", name=name, version=version))


@rewards.post("/rewards/protocols/<name>/<int:version>/retire")
@requires(Permission.MANAGE_PROTOCOLS)
def retire_protocol(name: str, version: int) -> ResponseReturnValue:
    form = StepForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            found = queries.site_protocol(work, name=name, version=version)
            return _protocol_page(work, found, step=form), 422
        _once(work, form, name, version, services.retire_protocol)
    flash("Retired. Whoever runs on this version goes on to its end.", "ok")
    return see_other(url_for("rewards.protocol", name=name, version=version))


@rewards.post("/rewards/protocols/<name>/<int:version>/override")
@requires(Permission.OVERRIDE_REWARD_TARGET)
def override_target(name: str, version: int) -> ResponseReturnValue:
    form = OverrideForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            found = queries.site_protocol(work, name=name, version=version)
            return _protocol_page(work, found, override=form), 422
        _once(work, form, name, version, _override)
    flash("The override is recorded. It can be revoked here at any time.", "attention")
    return see_other(url_for("rewards.protocol", name=name, version=version))


@rewards.post("/rewards/protocols/<name>/<int:version>/override/<uuid:override_id>/revoke")
@requires(Permission.OVERRIDE_REWARD_TARGET)
def revoke_override(name: str, version: int, override_id: UUID) -> ResponseReturnValue:
    form = StepForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            found = queries.site_protocol(work, name=name, version=version)
            return _protocol_page(work, found, step=form), 422
        services.revoke_override(work, override_id=override_id, reason=given(form.reason.data))
    flash("Revoked. Nobody new is enrolled under it.", "ok")
    return see_other(url_for("rewards.protocol", name=name, version=version))


def schedule_plot(schedule: Schedule) -> dict[str, Any]:
    """What each visit brings when every one before it met the target, in dollars."""
    series = {
        "Amount": [row.amount_cents for row in schedule.rows],
        "Bonus": [row.bonus_cents for row in schedule.rows],
        "Draws, on average": [
            row.mean_cents - row.amount_cents - row.bonus_cents for row in schedule.rows
        ],
    }
    return {
        "xAxis": {
            "type": "category",
            "name": "Visit",
            "data": [row.visit_number for row in schedule.rows],
        },
        "yAxis": {"type": "value", "name": "Dollars"},
        "series": [
            {
                "type": "bar",
                "name": name,
                "stack": "visit",
                "data": [cents / 100 for cents in amounts],
            }
            for name, amounts in series.items()
            if any(amounts)
        ],
    }


def schedule_rows(schedule: Schedule) -> list[list[Any]]:
    """The numbers behind the picture."""
    return [[column.cell(row) for column in SCHEDULE_COLUMNS] for row in schedule.rows]


def _form_page(form: ProtocolForm) -> str:
    return page("rewards/new_protocol", form=form, **_preview(form))


def _preview(form: ProtocolForm) -> dict[str, Any]:
    """The schedule of what is typed so far; what is missing from it, where it cannot be laid out.

    A name or a reason that is still missing does not stand in the way of the numbers.
    """
    if form.errors.keys() - {"name", "title", "why", "csrf_token", "idempotency_key"}:
        return {"schedule": None, "check": None}
    shown = form.definition
    check = check_definition(shown)
    if not shown.name:
        check = Decision.of(reason for reason in check.reasons if reason.code != "name")
    if any(reason.code == "terms" for reason in check.stops):
        return {"schedule": None, "check": check}
    return {"check": check} | _laid_out(shown, met_percent=form.met_percent.data)


def _laid_out(shown: Protocol, *, met_percent: int = 50) -> dict[str, Any]:
    schedule = schedule_of(shown, met_percent=met_percent)
    return {
        "schedule": schedule,
        "plot": schedule_plot(schedule),
        "headers": [column.label for column in SCHEDULE_COLUMNS],
        "rows": schedule_rows(schedule),
        "has_draws": isinstance(shown, PrizeProtocol),
    }


def _protocol_page(
    work: Work,
    found: SiteProtocol,
    *,
    step: StepForm | None = None,
    override: OverrideForm | None = None,
) -> str:
    return page(
        "rewards/protocol",
        found=found,
        status=_status(found),
        status_kind=_kind(found),
        is_own=found.id is not None,
        sets_back=_sets_back(found.protocol.slips),
        is_active=found.status is ProtocolStatus.ACTIVE,
        decision=may_activate(
            found.protocol, status=found.status, is_overridden=found.override is not None
        ),
        safety_note=OPIOID_SAFETY_NOTE,
        may_override=work.actor.may(Permission.OVERRIDE_REWARD_TARGET),
        step_form=step or StepForm(formdata=None),
        override_form=override or OverrideForm(formdata=None),
        **_laid_out(found.protocol),
    )


def _sets_back(terms: SlipTerms) -> list[str]:
    words = {
        "not met": terms.positive_resets,
        "missed": terms.missed_resets,
        "excused": terms.excused_resets,
    }
    return [word for word, is_so in words.items() if is_so]


def _draft(work: Work, form: ProtocolForm) -> dict[str, Any]:
    version = services.draft_protocol(
        work,
        protocol=form.definition,
        why=given(form.why.data),
        based_on=given(form.based_on.data),
    )
    return {"name": form.name.data, "version": version}


def _once(work: Work, form: Any, name: str, version: int, verb: Any) -> None:
    def act() -> dict[str, Any]:
        verb(work, name=name, version=version, reason=given(form.reason.data))
        return {}

    once(
        work,
        key=given(form.idempotency_key.data),
        request={"name": name, "version": version, "verb": verb.__name__} | form.request_values(),
        verb=act,
    )


def _override(work: Work, *, name: str, version: int, reason: str) -> None:
    services.override_target(
        work, name=name, version=version, reason=reason, is_note_confirmed=True
    )


def _url(one: Protocol) -> str:
    return url_for("rewards.protocol", name=one.name, version=one.version)

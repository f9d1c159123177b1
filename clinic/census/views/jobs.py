"""The job monitor: what the scheduler owes, what it did, and the letters nobody got."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import current_app, flash, url_for
from flask.typing import ResponseReturnValue

from clinic.census import services
from clinic.census.facts.deliveries import LetterFacts
from clinic.census.queries import deliveries
from clinic.census.views.blueprint import census
from clinic.core.permissions import Permission
from clinic.data import job_monitor
from clinic.data import jobs as ledger
from clinic.data.job_monitor import JobState
from clinic.web import filters
from clinic.web.edge import actor, begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column


def _trouble(job: JobState) -> str:
    found = job.trouble
    if found is None:
        return "—"
    last = filters.local_day_time(found.last_failed_at)
    return f"{filters.day(found.service_date)}: {found.reason}, {found.attempts} times, last {last}"


JOBS: tuple[Column[JobState], ...] = (
    Column("Job", lambda job: job.job),
    Column("At", lambda job: f"{job.at:%H:%M}" if job.at else "at every tick"),
    Column("How it stands", lambda job: job.word),
    Column("Last day done", lambda job: filters.day(job.last_day) if job.last_day else "—"),
    Column(
        "Finished",
        lambda job: filters.local_day_time(job.last_finished_at) if job.last_finished_at else "—",
    ),
    Column(
        "Late since", lambda job: filters.local_day_time(job.late_since) if job.late_since else "—"
    ),
    Column("What failed", _trouble),
)
LETTERS: tuple[Column[LetterFacts], ...] = (
    Column("Day", lambda letter: filters.day(letter.service_date)),
    Column("To", lambda letter: letter.recipient),
    Column("How it stands", lambda letter: letter.status.label),
    Column("Tries", lambda letter: letter.attempts, align="end"),
    Column("Reason", lambda letter: letter.reason or "—"),
)


@census.get("/jobs")
@requires(Permission.MANAGE_SITE)
def jobs() -> ResponseReturnValue:
    with begin_reading() as work:
        states = job_monitor.states(
            work.session, site=work.site, now=work.now, late_after=_late_after()
        )
        return page(
            "census/jobs",
            jobs=states,
            columns=JOBS,
            letters=deliveries.letters(work),
            letter_columns=LETTERS,
            heartbeat=ledger.heartbeat(work.session),
            silent_after=timedelta(seconds=current_app.config["HEARTBEAT_SECONDS_MAX"]),
            now=work.now,
            has_server=bool(current_app.config["SMTP_HOST"]),
            wrong=[one for one in states if one.wrong_since],
            job_kind=lambda one: one.kind if one.wrong_since else None,
            letter_kind=lambda one: one.status.kind if one.may_retry else None,
        )


@census.post("/jobs/seen")
@requires(Permission.MANAGE_SITE)
def jobs_seen() -> ResponseReturnValue:
    with begin_work() as work:
        job_monitor.mark_seen(work, user_id=given(actor().id))
    flash("Seen. What goes wrong from now on is shown again.", "ok")
    return see_other(url_for("census.jobs"))


@census.post("/jobs/letters/<uuid:letter_id>/retry")
@requires(Permission.MANAGE_SITE)
def retry_letter(letter_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.retry(work, letter_id=letter_id)
    flash("The letter is tried again within a minute.", "ok")
    return see_other(url_for("census.jobs"))


def _late_after() -> timedelta:
    return timedelta(minutes=current_app.config["JOB_LATE_MINUTES"])

"""The timetable held against what was done: which jobs ran, which failed, which are late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clinic.core.service_dates import ONE_DAY, SiteClock
from clinic.data.models import JobFailure, JobPlan, JobRun, JobsSeen
from clinic.data.upsert import insert
from clinic.data.work import Work

_REASON_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class JobTrouble:
    """A day of a job that has failed and is not done yet."""

    service_date: date
    first_failed_at: datetime
    last_failed_at: datetime
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class JobState:
    """One line of the timetable. ``at`` None: at every tick. ``late_since`` None: in time."""

    job: str
    at: time | None
    last_day: date | None
    last_finished_at: datetime | None
    late_since: datetime | None
    trouble: JobTrouble | None

    @property
    def wrong_since(self) -> datetime | None:
        """Since when somebody should look; None when nothing is the matter."""
        failed = self.trouble.first_failed_at if self.trouble else None
        return failed or self.late_since

    @property
    def word(self) -> str:
        if self.trouble:
            return "Failed"
        if self.late_since:
            return "Late"
        if self.at is None:
            return "Running"
        return "Done" if self.last_day else "Not yet due"

    @property
    def kind(self) -> str:
        """The kit's word for it."""
        if self.trouble:
            return "stop"
        if self.late_since:
            return "attention"
        return "ok" if self.last_day else "neutral"


def announce(work: Work, *, plan: Mapping[str, time | None]) -> None:
    """Say what the scheduler does at this site from now on, and from when on it owes it."""
    for job, at in sorted(plan.items()):
        work.session.execute(
            insert(work.session, JobPlan)
            .values(site_id=work.site.id, job=job, at=at, since=work.now)
            .on_conflict_do_update(index_elements=[JobPlan.site_id, JobPlan.job], set_={"at": at})
        )
    work.session.execute(
        sa.delete(JobPlan).where(JobPlan.site_id == work.site.id, JobPlan.job.not_in(plan))
    )


def note_failure(work: Work, *, job: str, service_date: date, reason: str) -> None:
    """Write down that a job's day failed once more, in a transaction of its own."""
    text = reason[:_REASON_LENGTH_MAX]
    work.session.execute(
        insert(work.session, JobFailure)
        .values(
            site_id=work.site.id,
            job=job,
            service_date=service_date,
            first_failed_at=work.now,
            last_failed_at=work.now,
            attempts=1,
            reason=text,
        )
        .on_conflict_do_update(
            index_elements=[JobFailure.site_id, JobFailure.job, JobFailure.service_date],
            set_={
                "last_failed_at": work.now,
                "first_failed_at": sa.case(
                    (JobFailure.mended_at.is_(None), JobFailure.first_failed_at), else_=work.now
                ),
                "attempts": JobFailure.attempts + 1,
                "reason": text,
                "mended_at": None,
            },
        )
    )


def mend(work: Work, *, job: str, service_date: date | None = None) -> None:
    """The job's day is done after all; without a day, whatever of it had failed."""
    failed = sa.update(JobFailure).where(
        JobFailure.site_id == work.site.id,
        JobFailure.job == job,
        JobFailure.mended_at.is_(None),
    )
    if service_date is not None:
        failed = failed.where(JobFailure.service_date == service_date)
    work.session.execute(failed.values(mended_at=work.now))


def states(
    session: Session, *, site: SiteClock, now: datetime, late_after: timedelta
) -> list[JobState]:
    """Every job of the site's timetable and how it stands, in the order of the day.

    A failure outside of the timetable has a line too. Three statements.
    """
    plans = session.execute(
        sa.select(JobPlan.job, JobPlan.at, JobPlan.since).where(JobPlan.site_id == site.id)
    ).all()
    runs = {
        row.job: (row.day, row.finished_at)
        for row in session.execute(
            sa.select(
                JobRun.job,
                sa.func.max(JobRun.service_date).label("day"),
                sa.func.max(JobRun.finished_at).label("finished_at"),
            )
            .where(JobRun.site_id == site.id)
            .group_by(JobRun.job)
        )
    }
    troubles = _troubles(session, site=site)
    found = []
    for job, at, since in plans:
        last_day, finished_at = runs.get(job, (None, None))
        due = None if at is None else _next_due(site, at=at, last_day=last_day, since=since)
        late = due if due is not None and due + late_after < now else None
        found.append(JobState(job, at, last_day, finished_at, late, troubles.pop(job, None)))
    found += [JobState(job, None, None, None, None, one) for job, one in troubles.items()]
    return sorted(found, key=lambda one: (one.at is None, one.at or time.min, one.job))


def unseen(
    session: Session, *, site: SiteClock, user_id: UUID, now: datetime, late_after: timedelta
) -> list[JobState]:
    """Jobs that failed or are late since this person last said that they had seen it."""
    seen_at = session.scalar(
        sa.select(JobsSeen.seen_at).where(JobsSeen.site_id == site.id, JobsSeen.user_id == user_id)
    )
    return [
        one
        for one in states(session, site=site, now=now, late_after=late_after)
        if one.wrong_since and (seen_at is None or one.wrong_since > seen_at)
    ]


def mark_seen(work: Work, *, user_id: UUID) -> None:
    """Whatever is wrong now, this person knows of it."""
    work.session.execute(
        insert(work.session, JobsSeen)
        .values(site_id=work.site.id, user_id=user_id, seen_at=work.now)
        .on_conflict_do_update(
            index_elements=[JobsSeen.site_id, JobsSeen.user_id], set_={"seen_at": work.now}
        )
    )


def _troubles(session: Session, *, site: SiteClock) -> dict[str, JobTrouble]:
    """The oldest unmended failure of each job: the later days wait for it."""
    rows = session.execute(
        sa.select(
            JobFailure.job,
            JobFailure.service_date,
            JobFailure.first_failed_at,
            JobFailure.last_failed_at,
            JobFailure.attempts,
            JobFailure.reason,
        )
        .where(JobFailure.site_id == site.id, JobFailure.mended_at.is_(None))
        .order_by(JobFailure.service_date.desc())
    )
    return {row.job: JobTrouble(*row[1:]) for row in rows}


def _next_due(site: SiteClock, *, at: time, last_day: date | None, since: datetime) -> datetime:
    moment = max(at, site.day_starts_at)
    if last_day is not None:
        return site.instant(last_day + ONE_DAY, moment)
    return max(since, site.instant(site.service_date(since), moment))

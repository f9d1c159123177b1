"""Jobs that run once for each (job, site, service date), whoever asks and however often."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clinic.data.models import JobRun, SchedulerLease
from clinic.data.upsert import insert
from clinic.data.work import Work

LEASE = "scheduler"


def claim(work: Work, *, job: str, service_date: date, holder: str) -> bool:
    """Take a job's clinic day in this transaction; False when it is already taken.

    Invariant: the claim commits with the job's effect, so a crash between them undoes both.
    """
    row = work.session.execute(
        insert(work.session, JobRun)
        .values(
            site_id=work.site.id,
            job=job,
            service_date=service_date,
            finished_at=work.now,
            holder=holder,
        )
        .on_conflict_do_nothing()
        .returning(JobRun.job)
    ).first()
    return row is not None


def last_service_date(work: Work, *, job: str) -> date | None:
    """The latest clinic day this job has done at the site."""
    return work.session.scalar(
        sa.select(sa.func.max(JobRun.service_date)).where(
            JobRun.site_id == work.site.id, JobRun.job == job
        )
    )


def hold_lease(session: Session, *, holder: str, now: datetime, ttl: timedelta) -> bool:
    """Become or remain the working scheduler until ``now + ttl``; False while another is."""
    values = {"holder": holder, "until": now + ttl, "beat_at": now}
    row = session.execute(
        insert(session, SchedulerLease)
        .values(name=LEASE, **values)
        .on_conflict_do_update(
            index_elements=[SchedulerLease.name],
            set_=values,
            where=(SchedulerLease.holder == holder) | (SchedulerLease.until < now),
        )
        .returning(SchedulerLease.holder)
    ).first()
    return row is not None


def release_lease(session: Session, *, holder: str, now: datetime) -> None:
    """Let another scheduler start at once instead of after the lease runs out."""
    session.execute(
        sa.update(SchedulerLease)
        .where(SchedulerLease.name == LEASE, SchedulerLease.holder == holder)
        .values(until=now)
    )


def heartbeat(session: Session) -> datetime | None:
    """When a scheduler last said it was alive."""
    return session.scalar(sa.select(SchedulerLease.beat_at).where(SchedulerLease.name == LEASE))

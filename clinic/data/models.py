"""Tables storage keeps for itself: answers already given, jobs planned, done and failed."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Instant, Json, OfSite, ShortName, Word
from clinic.data.db import Model


class IdempotencyKey(OfSite, Model):
    """A form sent once, however often it arrives: the key, what was asked, what was answered."""

    __tablename__ = "idempotency_key"

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    key: Mapped[Word] = mapped_column(primary_key=True)
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[Json]
    recorded_at: Mapped[Instant]


class JobRun(OfSite, Model):
    """A job's effect for one clinic day. The row and the effect commit together, once."""

    __tablename__ = "job_run"

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    job: Mapped[Word] = mapped_column(primary_key=True)
    service_date: Mapped[date] = mapped_column(primary_key=True)
    finished_at: Mapped[Instant]
    holder: Mapped[ShortName]


class JobPlan(OfSite, Model):
    """What the scheduler last said it does here. ``at`` None: at every tick.

    ``since`` is when it first said so: nothing was owed before.
    """

    __tablename__ = "job_plan"

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    job: Mapped[Word] = mapped_column(primary_key=True)
    at: Mapped[time | None]
    since: Mapped[Instant]


class JobFailure(OfSite, Model):
    """A job that failed on a clinic day; ``mended_at`` when it was done after all.

    ``reason`` names the kind of error and never quotes it: a message may hold a name.
    """

    __tablename__ = "job_failure"
    __table_args__ = (sa.CheckConstraint("attempts >= 1", "attempts"),)

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    job: Mapped[Word] = mapped_column(primary_key=True)
    service_date: Mapped[date] = mapped_column(primary_key=True)
    first_failed_at: Mapped[Instant]
    last_failed_at: Mapped[Instant]
    attempts: Mapped[int]
    reason: Mapped[ShortName]
    mended_at: Mapped[Instant | None]


class JobsSeen(OfSite, Model):
    """When somebody last said that they have seen what is wrong with the jobs of a site."""

    __tablename__ = "jobs_seen"

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    seen_at: Mapped[Instant]


class SchedulerLease(Model):
    """Which scheduler process works now. Saves double work; ``JobRun`` is what keeps it right."""

    __tablename__ = "scheduler_lease"

    name: Mapped[Word] = mapped_column(primary_key=True)
    holder: Mapped[ShortName]
    until: Mapped[Instant]
    beat_at: Mapped[Instant]

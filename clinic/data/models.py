"""Tables storage keeps for itself: answers already given, jobs already done, the lease."""

from __future__ import annotations

from datetime import date
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


class SchedulerLease(Model):
    """Which scheduler process works now. Saves double work; ``JobRun`` is what keeps it right."""

    __tablename__ = "scheduler_lease"

    name: Mapped[Word] = mapped_column(primary_key=True)
    holder: Mapped[ShortName]
    until: Mapped[Instant]
    beat_at: Mapped[Instant]

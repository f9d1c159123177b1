"""The day's census as a job wrote it down. Derived: rebuilt whenever somebody doubts it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Instant, Json, OfSite
from clinic.data.db import Model


class CensusSnapshot(OfSite, Model):
    """Counts of one clinic day, by axis and value."""

    __tablename__ = "census_snapshot"

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    service_date: Mapped[date] = mapped_column(primary_key=True)
    taken_at: Mapped[Instant]
    counts: Mapped[Json]

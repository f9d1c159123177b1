"""Who gets which report, and the letters that carry them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.census.facts.deliveries import LetterStatus
from clinic.data.columns import Attributed, Id, Instant, OfSite, ShortName, Text, Word
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says

ONE_SUBSCRIPTION = says(
    "uq_report_subscription_user", "You changed this a moment ago. Look at it again."
)
ONE_LETTER = says("uq_outbox_letter_once", "This report is already on its way to this address.")


class ReportSubscription(OfSite, Attributed, Model):
    """Somebody wants a report of this site by mail. Ended, not removed, when they no longer do."""

    __tablename__ = "report_subscription"
    __table_args__ = (sa.UniqueConstraint("site_id", "user_id", "report", name=ONE_SUBSCRIPTION),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    report: Mapped[Word]
    email: Mapped[ShortName]
    ended_at: Mapped[Instant | None]


class OutboxLetter(OfSite, Attributed, Model):
    """One report for one day to one address, whole as it was written. The wall keeps it single."""

    __tablename__ = "outbox_letter"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "report", "service_date", "recipient", name=ONE_LETTER),
        sa.Index("ix_outbox_letter_waiting", "site_id", "status", "next_try_at"),
        sa.CheckConstraint("attempts >= 0", "attempts"),
        sa.CheckConstraint(
            "(status IN ('sent', 'failed', 'unknown')) = (finished_at IS NOT NULL)", "finished"
        ),
    )

    id: Mapped[Id]
    report: Mapped[Word]
    service_date: Mapped[date]
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    recipient: Mapped[ShortName]
    subject: Mapped[ShortName]
    body: Mapped[Text]
    status: Mapped[LetterStatus] = mapped_column(EnumText(LetterStatus))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[Instant]
    taken_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
    reason: Mapped[ShortName] = mapped_column(default="")

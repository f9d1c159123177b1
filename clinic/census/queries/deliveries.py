"""Who gets the morning report, what it says, and the letters on their way."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.census.facts.deliveries import (
    MORNING_REPORT,
    DeliveryTerms,
    LetterFacts,
    LetterStatus,
    SmallCellTerms,
    Subscription,
)
from clinic.census.models import OutboxLetter, ReportSubscription
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.sites.queries import policy
from clinic.staff.facts import VERBS_OF
from clinic.staff.models import SiteRole, UserAccount

LETTERS_SHOWN = 50
SETTINGS = "reports"


def delivery_terms(work: Work) -> DeliveryTerms:
    """How patiently this site tries a letter."""
    return policy(work, DeliveryTerms(), of=SETTINGS, on=work.service_date)


def small_cell_terms(work: Work) -> SmallCellTerms:
    """The smallest count this site shows outside."""
    return policy(work, SmallCellTerms(), of=SETTINGS, on=work.service_date)


def subscription(work: Work, *, user_id: UUID) -> Subscription | None:
    """Whether and where somebody gets the morning report of this site."""
    row = work.session.execute(
        sa.select(ReportSubscription.email, ReportSubscription.recorded_at).where(
            ReportSubscription.site_id == work.site.id,
            ReportSubscription.user_id == user_id,
            ReportSubscription.report == MORNING_REPORT,
            ReportSubscription.ended_at.is_(None),
        )
    ).first()
    return None if row is None else Subscription(row.email, row.recorded_at)


def recipients(work: Work) -> dict[UUID, str]:
    """Who is to get the morning report: subscribed, active, and still in charge of this site."""
    in_charge = [role for role, verbs in VERBS_OF.items() if Permission.MANAGE_SITE in verbs]
    rows = work.session.execute(
        sa.select(ReportSubscription.user_id, ReportSubscription.email)
        .join(UserAccount, UserAccount.id == ReportSubscription.user_id)
        .where(
            ReportSubscription.site_id == work.site.id,
            ReportSubscription.report == MORNING_REPORT,
            ReportSubscription.ended_at.is_(None),
            UserAccount.is_active,
            sa.exists().where(
                SiteRole.site_id == ReportSubscription.site_id,
                SiteRole.user_id == ReportSubscription.user_id,
                SiteRole.role.in_(in_charge),
            ),
        )
        .order_by(ReportSubscription.recorded_at, ReportSubscription.id)
    )
    return {row.user_id: row.email for row in rows}


def letters(work: Work) -> list[LetterFacts]:
    """The latest letters of the site, what needs a person before all others."""
    rows = work.session.scalars(
        sa.select(OutboxLetter)
        .where(OutboxLetter.site_id == work.site.id)
        .order_by(
            OutboxLetter.status.in_([LetterStatus.FAILED, LetterStatus.UNKNOWN]).desc(),
            OutboxLetter.service_date.desc(),
            OutboxLetter.recipient,
        )
        .limit(LETTERS_SHOWN)
    )
    return [_facts(row) for row in rows]


def undelivered(work: Work) -> date | None:
    """The day of the oldest letter that a person must look at; None when there is none."""
    return work.session.scalar(
        sa.select(sa.func.min(OutboxLetter.service_date)).where(
            OutboxLetter.site_id == work.site.id,
            OutboxLetter.status.in_([LetterStatus.FAILED, LetterStatus.UNKNOWN]),
        )
    )


def _facts(row: OutboxLetter) -> LetterFacts:
    return LetterFacts(
        id=row.id,
        service_date=row.service_date,
        recipient=row.recipient,
        subject=row.subject,
        status=row.status,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        finished_at=row.finished_at,
        reason=row.reason,
    )

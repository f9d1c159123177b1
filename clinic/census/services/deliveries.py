"""Write the morning's letters once, hand them in outside of any transaction, settle what came.

Exactly one letter a site, day and address: the job's ledger claims the day, the wall of the outbox
keeps the letter single, and a letter that may have arrived is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.census import queries
from clinic.census.facts.deliveries import (
    MORNING_REPORT,
    Letter,
    LetterStatus,
    PostOutcome,
    PostResult,
)
from clinic.census.models import OutboxLetter, ReportSubscription
from clinic.census.papers.morning import morning_subject, morning_text
from clinic.census.queries import deliveries
from clinic.census.rules import fate, wait_before_next_try
from clinic.core.errors import NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.data import job_monitor
from clinic.data.upsert import insert
from clinic.data.work import Work
from clinic.sites import queries as sites

Begin = Callable[[], AbstractContextManager[Work]]
Post = Callable[[Letter], PostResult]

AT_ONCE_MAX = 50
UNDELIVERED = "reports.undelivered"
"""The line of the job monitor that speaks of letters nobody got."""
NOBODY_KNOWS = "The program stopped while it was sending: ask whether the letter has arrived."


def subscribe(work: Work, *, email: str) -> None:
    """Whoever asks gets the morning report of this site at the address from now on."""
    work.actor.require(Permission.MANAGE_SITE)
    values = {"email": email, "ended_at": None, **work.attribution}
    work.session.execute(
        insert(work.session, ReportSubscription)
        .values(
            id=work.new_id(),
            site_id=work.site.id,
            user_id=work.actor.id,
            report=MORNING_REPORT,
            **values,
        )
        .on_conflict_do_update(
            index_elements=[
                ReportSubscription.site_id,
                ReportSubscription.user_id,
                ReportSubscription.report,
            ],
            set_=values,
        )
    )
    audit.record(work, action="report.subscribe", subject=MORNING_REPORT, detail={"email": email})


def unsubscribe(work: Work) -> None:
    """Whoever asks no longer gets it. Doing so twice changes nothing more."""
    ended = work.session.execute(
        sa.update(ReportSubscription)
        .where(
            ReportSubscription.site_id == work.site.id,
            ReportSubscription.user_id == work.actor.id,
            ReportSubscription.report == MORNING_REPORT,
            ReportSubscription.ended_at.is_(None),
        )
        .values(ended_at=work.now)
        .returning(ReportSubscription.id)
    ).first()
    if ended is not None:
        audit.record(work, action="report.unsubscribe", subject=MORNING_REPORT)


def write_morning_letters(work: Work, *, service_date: date) -> int:
    """One letter to each subscriber about the clinic day before; how many were written.

    Invariant: an address that has its letter for that day gets no second one.
    """
    addresses = deliveries.recipients(work)
    if not addresses:
        return 0
    day = service_date - ONE_DAY
    here = sites.site(work)
    found = queries.census_on(work, day=day)
    noticed = queries.capacity_notice(queries.history(work, day=day), capacity=here.capacity)
    subject = morning_subject(found, site=here.name)
    body = morning_text(
        found,
        site=here.name,
        notice=noticed[0] if noticed else None,
        terms=deliveries.small_cell_terms(work),
    )
    return sum(
        _write(work, user_id=user_id, recipient=email, day=day, subject=subject, body=body)
        for user_id, email in addresses.items()
    )


def send_waiting(begin: Begin, *, post: Post) -> int:
    """Hand in what is due, oldest first; how many letters a server took."""
    sent = 0
    for _ in range(AT_ONCE_MAX):
        with begin() as work:
            letter = take_waiting(work)
        if letter is None:
            break
        result = post(letter)
        with begin() as work:
            settle(work, letter_id=letter.id, result=result)
        sent += result.outcome is PostOutcome.ACCEPTED
    return sent


def take_waiting(work: Work) -> Letter | None:
    """Take the oldest letter that is due, so that nobody else sends it; None when none is.

    One taken long ago by a program that died may have arrived: it waits for a person.
    """
    _give_up_forgotten(work)
    oldest = (
        sa.select(OutboxLetter.id)
        .where(
            OutboxLetter.site_id == work.site.id,
            OutboxLetter.status == LetterStatus.QUEUED,
            OutboxLetter.next_try_at <= work.now,
        )
        .order_by(OutboxLetter.next_try_at, OutboxLetter.id)
        .limit(1)
        .scalar_subquery()
    )
    taken = work.session.execute(
        sa.update(OutboxLetter)
        .where(OutboxLetter.id == oldest, OutboxLetter.status == LetterStatus.QUEUED)
        .values(status=LetterStatus.SENDING, taken_at=work.now, attempts=OutboxLetter.attempts + 1)
        .returning(
            OutboxLetter.id,
            OutboxLetter.recipient,
            OutboxLetter.subject,
            OutboxLetter.body,
            OutboxLetter.recorded_at,
        )
    ).first()
    return None if taken is None else Letter(*taken)


def settle(work: Work, *, letter_id: UUID, result: PostResult) -> None:
    """Write down what a server made of a letter that was taken."""
    letter = _letter(work, letter_id)
    if letter.status is not LetterStatus.SENDING:
        return
    terms = deliveries.delivery_terms(work)
    letter.status = fate(result.outcome, attempts=letter.attempts, terms=terms)
    letter.reason = result.reason
    if letter.status is LetterStatus.QUEUED:
        letter.next_try_at = work.now + wait_before_next_try(letter.attempts, terms=terms)
        return
    letter.finished_at = work.now
    work.session.flush()
    audit.record(
        work,
        action=f"report.{letter.status}",
        subject=f"{letter.report} {letter.service_date}",
        detail={"recipient": letter.recipient, "attempts": letter.attempts},
    )
    _tell(work, letter.service_date if letter.status is not LetterStatus.SENT else None)


def retry(work: Work, *, letter_id: UUID) -> None:
    """Send a letter that failed, or of which nobody knows, once more.

    Raises: NotFound; Refused while it is on its way or has arrived.
    """
    work.actor.require(Permission.MANAGE_SITE)
    letter = _letter(work, letter_id)
    if letter.status not in {LetterStatus.FAILED, LetterStatus.UNKNOWN}:
        raise Refused("This letter is on its way or has arrived.")
    letter.status, letter.attempts = LetterStatus.QUEUED, 0
    letter.next_try_at, letter.finished_at = work.now, None
    work.session.flush()
    audit.record(work, action="report.retry", subject=f"{letter.report} {letter.service_date}")
    if deliveries.undelivered(work) is None:
        job_monitor.mend(work, job=UNDELIVERED)


def _write(
    work: Work, *, user_id: UUID, recipient: str, day: date, subject: str, body: str
) -> bool:
    written = work.session.execute(
        insert(work.session, OutboxLetter)
        .values(
            id=work.new_id(),
            site_id=work.site.id,
            report=MORNING_REPORT,
            service_date=day,
            user_id=user_id,
            recipient=recipient,
            subject=subject,
            body=body,
            status=LetterStatus.QUEUED,
            next_try_at=work.now,
            **work.attribution,
        )
        .on_conflict_do_nothing()
        .returning(OutboxLetter.id)
    ).first()
    if written is None:
        return False
    audit.record(
        work,
        action="report.write",
        subject=f"{MORNING_REPORT} {day}",
        detail={"recipient": recipient},
    )
    return True


def _give_up_forgotten(work: Work) -> None:
    terms = deliveries.delivery_terms(work)
    forgotten = work.session.scalar(
        sa.update(OutboxLetter)
        .where(
            OutboxLetter.site_id == work.site.id,
            OutboxLetter.status == LetterStatus.SENDING,
            OutboxLetter.taken_at < work.now - timedelta(minutes=terms.sending_minutes_max),
        )
        .values(status=LetterStatus.UNKNOWN, reason=NOBODY_KNOWS, finished_at=work.now)
        .returning(OutboxLetter.service_date)
    )
    _tell(work, forgotten)


def _tell(work: Work, undelivered_on: date | None) -> None:
    if undelivered_on is not None:
        job_monitor.note_failure(
            work, job=UNDELIVERED, service_date=undelivered_on, reason="a letter was not delivered"
        )


def _letter(work: Work, letter_id: UUID) -> OutboxLetter:
    letter = work.session.scalar(
        sa.select(OutboxLetter)
        .where(OutboxLetter.site_id == work.site.id, OutboxLetter.id == letter_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if letter is None:
        raise NotFound("letter")
    return letter

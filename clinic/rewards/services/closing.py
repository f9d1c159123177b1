"""Close a month of the books, and hold the whole ledger against itself every night."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, Refused
from clinic.core.permissions import Permission
from clinic.data.upsert import insert
from clinic.data.work import Work
from clinic.rewards import queries
from clinic.rewards.facts import Finding, PeriodTotals
from clinic.rewards.models import LedgerBook, LedgerClose, LedgerFinding
from clinic.rewards.services import ledger


def close_period(work: Work, *, first_on: date) -> PeriodTotals:
    """Close the oldest open month, once it is over and the books balance. Nothing reopens it.

    Invariant: months close in order and without gap; no transfer is under way meanwhile.
    Raises: Clash for a month that is closed or not the next; Refused while it still runs or the
    books do not balance.
    """
    work.actor.require(Permission.MANAGE_FUNDS)
    book_id = ledger.open_book(work)
    work.session.execute(sa.select(LedgerBook.id).where(LedgerBook.id == book_id).with_for_update())
    period = queries.next_period(work)
    if period is None:
        raise Refused("Nothing has been transferred yet: there is no month to close.")
    if period.first_on != first_on:
        raise Clash(f"The next month to close is {period.label}.")
    if work.service_date < period.until_on:
        raise Refused(f"{period.label} is not over yet.")
    if not queries.trial_balance(work).is_balanced:
        raise Refused("The books do not balance, so the month cannot be closed.")
    totals = queries.totals(work, period=period)
    work.session.execute(
        sa.insert(LedgerClose),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "first_on": period.first_on,
            "until_on": period.until_on,
            "closed_on": work.service_date,
            "transfers": totals.transfers,
            "earned_cents": totals.earned_cents,
            "redeemed_cents": totals.redeemed_cents,
            "voided_cents": totals.voided_cents,
            "received_cents": totals.received_cents,
            "liability_cents": totals.liability_cents,
            "trial_balance_cents": totals.trial_balance_cents,
            "digest": totals.digest,
            **work.attribution,
        },
    )
    work.session.execute(
        sa.update(LedgerBook)
        .where(LedgerBook.site_id == work.site.id)
        .values(closed_until=period.until_on, version=LedgerBook.version + 1)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        work,
        action="ledger.close",
        subject=f"books of {period.first_on:%Y-%m}",
        detail={
            "transfers": totals.transfers,
            "liability_cents": totals.liability_cents,
            "digest": totals.digest,
        },
    )
    return totals


def reconcile(work: Work, day: date) -> tuple[Finding, ...]:
    """Compare every kept amount with what it is kept of, and write each difference down.

    Invariant: nothing is mended; the same night writes a difference once.
    """
    found = queries.differences(work)
    for one in found:
        work.session.execute(
            insert(work.session, LedgerFinding)
            .values(
                id=work.new_id(),
                site_id=work.site.id,
                service_date=day,
                kind=one.kind,
                subject=one.subject,
                expected_cents=one.expected_cents,
                found_cents=one.found_cents,
                **work.attribution,
            )
            .on_conflict_do_nothing()
        )
    audit.record(
        work,
        action="ledger.reconcile",
        subject=f"books on {day}",
        detail={"differences": len(found)},
    )
    return found

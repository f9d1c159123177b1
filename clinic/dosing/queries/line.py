"""Who stands at which window, who goes first, what was checked, whose card it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.assessments.models import Assessment
from clinic.audit.models import AuditLeaf
from clinic.data.work import Work
from clinic.dosing.facts import DoseFacts
from clinic.dosing.facts.line import (
    CheckDue,
    CheckKind,
    CheckRecord,
    Claim,
    LinePriority,
    WindowPolicy,
)
from clinic.dosing.models import (
    DosingCard,
    LineMark,
    TakeHomeBottle,
    WindowCheck,
    WindowClaim,
)
from clinic.dosing.queries import rows
from clinic.dosing.rules.checks import check_facts, checks_due
from clinic.sites import queries as sites

GRAMS = 1000
COWS_OUTPATIENT = 13
"""Moderate withdrawal from here on. Source: COWS, Wesson and Ling 2003."""


def window_policy(work: Work) -> WindowPolicy:
    """The numbers of this site's windows."""
    return sites.policy(work, WindowPolicy(), of="window", on=work.service_date)


def claims(work: Work) -> dict[UUID, Claim]:
    """Everybody who stands at a window now."""
    found = work.session.execute(_LIVE_CLAIMS, {"site_id": work.site.id, "now": work.now})
    return {row.patient_id: _claim(work, row) for row in found}


def claim_of(work: Work, *, patient_id: UUID) -> Claim | None:
    """The window one patient stands at now."""
    mine = WindowClaim.patient_id == patient_id
    values = {"site_id": work.site.id, "now": work.now}
    row = work.session.execute(_LIVE_CLAIMS.where(mine), values).first()
    return None if row is None else _claim(work, row)


_LIVE_CLAIMS = sa.select(
    WindowClaim.patient_id,
    WindowClaim.id,
    WindowClaim.window,
    WindowClaim.recorded_by_name,
    WindowClaim.recorded_at,
    WindowClaim.expires_at,
).where(
    WindowClaim.site_id == sa.bindparam("site_id"),
    WindowClaim.ended_at.is_(None),
    WindowClaim.expires_at > sa.bindparam("now", type_=WindowClaim.expires_at.type),
)


def _claim(work: Work, row: sa.Row[*tuple[Any, ...]]) -> Claim:
    return Claim(
        id=row.id,
        window=row.window,
        by=row.recorded_by_name,
        since=work.site.local(row.recorded_at),
        expires_at=work.site.local(row.expires_at),
    )


def marks(work: Work, *, day: date) -> dict[UUID, tuple[LinePriority, str]]:
    """Who goes before others on a day, and why: the last mark of each patient, while it lasts."""
    marked = work.session.execute(
        sa.select(LineMark.patient_id, LineMark.priority, LineMark.reason, LineMark.until)
        .where(LineMark.site_id == work.site.id)
        .order_by(LineMark.patient_id, LineMark.recorded_at, LineMark.id)
    )
    found: dict[UUID, tuple[LinePriority, str]] = {}
    for patient_id, priority, reason, until in marked:
        found.pop(patient_id, None)
        if priority is not LinePriority.NONE and (until is None or day <= until):
            found[patient_id] = (priority, reason)
    return found


LAST_RECORD = (
    sa.select(AuditLeaf.occurred_at)
    .where(AuditLeaf.site_id == sa.bindparam("site_id", type_=sa.Uuid))
    .order_by(AuditLeaf.occurred_at.desc())
    .limit(1)
)
"""The latest instant anything was recorded at a site: one entry of an index."""


def last_checks(work: Work, *, patient_id: UUID) -> tuple[CheckRecord, ...]:
    """The last check of each kind, wherever it was recorded: at the window or as a filled form."""
    checks = work.session.scalars(
        sa.select(WindowCheck)
        .where(WindowCheck.site_id == work.site.id, WindowCheck.patient_id == patient_id)
        .order_by(WindowCheck.occurred_at.desc(), WindowCheck.id.desc())
    )
    latest: dict[CheckKind, CheckRecord] = {}
    for row in checks:
        latest.setdefault(row.kind, _check(work, row))
    form = work.session.scalars(
        sa.select(Assessment)
        .where(
            Assessment.site_id == work.site.id,
            Assessment.patient_id == patient_id,
            Assessment.instrument == "cows",
            Assessment.total.is_not(None),
        )
        .order_by(Assessment.occurred_at.desc())
        .limit(1)
    ).first()
    if form is not None:
        filled = _filled(work, form)
        known = latest.get(CheckKind.COWS)
        if known is None or known.at < filled.at:
            latest[CheckKind.COWS] = filled
    return tuple(latest[kind] for kind in CheckKind if kind in latest)


def checks_due_for(
    work: Work, facts: DoseFacts, *, patient_id: UUID, last: Iterable[CheckRecord] | None = None
) -> tuple[CheckDue, ...]:
    """What is to be looked at before this dose."""
    known = last_checks(work, patient_id=patient_id) if last is None else last
    return checks_due(check_facts(facts, last=known), policy=facts.check_policy)


def _check(work: Work, row: WindowCheck) -> CheckRecord:
    is_positive, found = _finding(row)
    at = work.site.local(row.occurred_at)
    return CheckRecord(row.kind, row.service_date, at, is_positive, found, row.recorded_by_name)


def _finding(row: WindowCheck) -> tuple[bool, str]:
    if row.kind is CheckKind.WEIGHT:
        return False, f"{(row.weight_g or 0) / GRAMS:g} kg"
    if row.kind is CheckKind.COWS:
        return (row.score or 0) >= COWS_OUTPATIENT, f"{row.score} of 48"
    signs = rows.signs_of(row.signs)
    return bool(signs), signs or rows.NO_SIGNS


def _filled(work: Work, form: Assessment) -> CheckRecord:
    total = form.total or 0
    return CheckRecord(
        CheckKind.COWS,
        form.service_date,
        work.site.local(form.occurred_at),
        total >= COWS_OUTPATIENT,
        f"{total} of 48",
        form.recorded_by_name,
    )


@dataclass(frozen=True, slots=True)
class CardRecord:
    """A patient's card. ``revoked_at`` None: it opens their page."""

    patient_id: UUID
    code: str
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None


def card_of(work: Work, *, patient_id: UUID) -> CardRecord | None:
    """The card a patient holds now; None when they have none."""
    row = work.session.scalar(
        sa.select(DosingCard).where(
            DosingCard.site_id == work.site.id,
            DosingCard.patient_id == patient_id,
            DosingCard.revoked_at.is_(None),
        )
    )
    return None if row is None else _card(work, row)


def card_by_code(work: Work, *, code: str) -> CardRecord | None:
    """Whose card a scanned code is, revoked ones among them; None when it is no card's."""
    row = work.session.scalar(
        sa.select(DosingCard).where(DosingCard.site_id == work.site.id, DosingCard.code == code)
    )
    return None if row is None else _card(work, row)


def patient_of_bottle(work: Work, *, code: str) -> UUID | None:
    """Whose take-home bottle a scanned code is, wherever the bottle is now."""
    return work.session.scalar(
        sa.select(TakeHomeBottle.patient_id).where(
            TakeHomeBottle.site_id == work.site.id, TakeHomeBottle.code == code.strip().upper()
        )
    )


def _card(work: Work, row: DosingCard) -> CardRecord:
    revoked = None if row.revoked_at is None else work.site.local(row.revoked_at)
    issued = work.site.local(row.recorded_at)
    return CardRecord(row.patient_id, row.code, issued, row.recorded_by_name, revoked)

"""Stand at a window, wait in line, be known by a card: everything around the dose itself."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing.facts.line import (
    ClaimEnd,
    LinePriority,
)
from clinic.dosing.models import Dose, DosingCard, LineMark, WindowClaim
from clinic.dosing.queries import line
from clinic.dosing.rules.cards import ALPHABET, RANDOM_LENGTH, card_code
from clinic.patients import services as patients
from clinic.scheduling import queries as arrivals
from clinic.scheduling import services as scheduling


def open_at_window(work: Work, *, patient_id: UUID, window: int, take_over: bool = False) -> None:
    """The patient stands at this window now, and nobody else does.

    A patient whom another window has open stays there, unless this one knowingly takes over.
    Raises: Forbidden; NotFound.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    standing = _open_claims(work, patient_id=patient_id, window=window)
    for claim in standing:
        if claim.expires_at <= work.now:
            _end(work, claim, ClaimEnd.EXPIRED)
        elif claim.patient_id != patient_id:
            _end(work, claim, ClaimEnd.LEFT)
        elif claim.window == window or not take_over:
            return
        else:
            _end(work, claim, ClaimEnd.TAKEN_OVER)
            audit.record(
                work,
                action="window.take_over",
                subject=f"window {claim.window}",
                patient_id=patient_id,
                detail={"to": window, "from": claim.recorded_by_name},
            )
    work.session.flush()
    minutes = line.window_policy(work).claim_minutes
    work.session.add(
        WindowClaim(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            window=window,
            service_date=work.service_date,
            expires_at=work.now + timedelta(minutes=minutes),
            **work.attribution,
        )
    )
    work.session.flush()


def leave_window(work: Work, *, patient_id: UUID, window: int) -> None:
    """The patient stepped away undosed. One who stands at another window stays there."""
    for claim in _open_claims(work, patient_id=patient_id, window=window):
        if claim.patient_id == patient_id and claim.window == window:
            _end(work, claim, ClaimEnd.LEFT)
    work.session.flush()


def _open_claims(work: Work, *, patient_id: UUID, window: int) -> list[WindowClaim]:
    return list(
        work.session.scalars(
            sa.select(WindowClaim)
            .where(
                WindowClaim.site_id == work.site.id,
                WindowClaim.ended_at.is_(None),
                sa.or_(WindowClaim.patient_id == patient_id, WindowClaim.window == window),
            )
            .order_by(WindowClaim.id)
        )
    )


def _end(work: Work, claim: WindowClaim, how: ClaimEnd) -> None:
    claim.ended_at = max(work.now, claim.recorded_at)
    claim.ended_how = how


def check_in(work: Work, *, patient_id: UUID) -> int:
    """The patient is here and waits for a dose; which of their arrivals today this is.

    Raises: Clash naming since when they wait; Forbidden; NotFound.
    """
    work.actor.require(Permission.CHECK_IN)
    patients.take_turn(work, patient_id=patient_id)
    here = arrivals.latest_arrival(work, patient_id=patient_id)
    dosed_at = work.session.scalar(
        sa.select(sa.func.max(Dose.occurred_at)).where(
            Dose.site_id == work.site.id,
            Dose.patient_id == patient_id,
            Dose.service_date == work.service_date,
        )
    )
    if here is not None and (dosed_at is None or here > dosed_at):
        raise Clash(f"Already in line since {here:%H:%M}.")
    return scheduling.arrive(work, patient_id=patient_id)


def mark_priority(
    work: Work,
    *,
    patient_id: UUID,
    priority: LinePriority,
    reason: str,
    until: date | None = None,
) -> None:
    """Let a patient go before others from now on, or no longer.

    Raises: Refused without a reason; Forbidden; NotFound.
    """
    work.actor.require(Permission.CHECK_IN)
    patients.take_turn(work, patient_id=patient_id)
    if priority is not LinePriority.NONE and not reason:
        raise Refused("Say why this patient goes first.")
    work.session.add(
        LineMark(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            priority=priority,
            reason=reason,
            until=until,
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(
        work,
        action="window.priority",
        subject=priority.value,
        patient_id=patient_id,
        detail={"reason": reason, "until": until.isoformat() if until else None},
    )


def issue_card(work: Work, *, patient_id: UUID) -> str:
    """Give the patient a new card; the one before no longer opens anything. Its code.

    Raises: Forbidden; NotFound.
    """
    work.actor.require(Permission.EDIT_PATIENT)
    patients.take_turn(work, patient_id=patient_id)
    _revoke(work, patient_id)
    code = card_code(secrets.randbelow(len(ALPHABET) ** RANDOM_LENGTH))
    work.session.add(
        DosingCard(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            code=code,
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(work, action="card.issue", subject="dosing card", patient_id=patient_id)
    return code


def revoke_card(work: Work, *, patient_id: UUID) -> None:
    """The card is lost: it opens nothing from now on.

    Raises: NotFound when there is none; Forbidden.
    """
    work.actor.require(Permission.EDIT_PATIENT)
    patients.take_turn(work, patient_id=patient_id)
    if not _revoke(work, patient_id):
        raise NotFound("card")
    audit.record(work, action="card.revoke", subject="dosing card", patient_id=patient_id)


def _revoke(work: Work, patient_id: UUID) -> bool:
    card = work.session.scalar(
        sa.select(DosingCard).where(
            DosingCard.site_id == work.site.id,
            DosingCard.patient_id == patient_id,
            DosingCard.revoked_at.is_(None),
        )
    )
    if card is None:
        return False
    card.revoked_at = work.now
    work.session.flush()
    return True

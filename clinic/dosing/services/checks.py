"""What a nurse sees, weighs and scores before a dose. A sign of impairment holds at once."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing.facts import HoldReason
from clinic.dosing.facts.line import CheckKind, ImpairmentSign
from clinic.dosing.models import DosingHold, WindowCheck
from clinic.dosing.services.holds import hold
from clinic.patients import services as patients


def record_screen(
    work: Work, *, patient_id: UUID, signs: Collection[ImpairmentSign], note: str = ""
) -> bool:
    """Record an impairment screen. With any sign the doses are held at once; whether they are.

    Source: clinical-rules section 9, item 4.
    """
    said = " ".join(sign.value for sign in ImpairmentSign if sign in set(signs))
    _record_check(work, patient_id=patient_id, kind=CheckKind.IMPAIRMENT, signs=said)
    if not said:
        return False
    if not _is_held(work, patient_id):
        words = ", ".join(sign.label.lower() for sign in ImpairmentSign if sign in set(signs))
        hold(
            work,
            patient_id=patient_id,
            reason=HoldReason.IMPAIRMENT,
            note=f"{words}; {note}" if note else words,
        )
    return True


def record_weight(work: Work, *, patient_id: UUID, weight_g: int) -> None:
    """Record a weight in whole grams."""
    _record_check(work, patient_id=patient_id, kind=CheckKind.WEIGHT, weight_g=weight_g)


def record_cows(work: Work, *, patient_id: UUID, score: int) -> None:
    """Record a COWS total of 0 to 48 taken at the window."""
    _record_check(work, patient_id=patient_id, kind=CheckKind.COWS, score=score)


def _record_check(
    work: Work,
    *,
    patient_id: UUID,
    kind: CheckKind,
    signs: str | None = None,
    weight_g: int | None = None,
    score: int | None = None,
) -> None:
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    work.session.add(
        WindowCheck(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            kind=kind,
            signs=signs,
            weight_g=weight_g,
            score=score,
            **work.on_service_day(),
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(
        work,
        action="window.check",
        subject=kind.value,
        patient_id=patient_id,
        detail={"signs": signs, "weight_g": weight_g, "score": score},
    )


def _is_held(work: Work, patient_id: UUID) -> bool:
    held = sa.exists().where(
        DosingHold.site_id == work.site.id,
        DosingHold.patient_id == patient_id,
        DosingHold.cleared_at.is_(None),
    )
    return bool(work.session.scalar(sa.select(held)))

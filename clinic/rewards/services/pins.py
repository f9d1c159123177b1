"""Give a patient a PIN for rewards, and count the wrong ones."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.data.upsert import insert
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.rewards.models import RewardPin
from clinic.rewards.queries.pins import pin_of, pin_terms


def set_pin(work: Work, *, patient_id: UUID, pin_hash: str) -> None:
    """Let the patient sign for rewards at this site with a PIN, or with another one than before.

    Wrong tries start from none again.
    Raises: NotFound.
    """
    patient_services.take_turn(work, patient_id=patient_id)
    row = {
        "site_id": work.site.id,
        "patient_id": patient_id,
        "pin_hash": pin_hash,
        "failures": 0,
        **work.attribution,
    }
    work.session.execute(
        insert(work.session, RewardPin)
        .values(id=work.new_id(), version=1, **row)
        .on_conflict_do_update(
            index_elements=["site_id", "patient_id"],
            set_={**row, "version": RewardPin.version + 1},
        )
    )
    audit.record(
        work, action="rewards.set_pin", subject=f"patient {patient_id}", patient_id=patient_id
    )


def note_pin(work: Work, *, patient_id: UUID, is_right: bool) -> UUID | None:
    """Count a try of the patient's PIN; the PIN's id when it was right and is not locked.

    Invariant: the tries are counted in the database, so that many at once are as limited as many
    in a row.
    """
    pin = pin_of(work, patient_id=patient_id)
    if pin is None:
        return None
    may_try = RewardPin.failures < pin_terms(work, on=work.service_date).pin_failures_max
    counted = work.session.scalar(
        sa.update(RewardPin)
        .where(RewardPin.site_id == work.site.id, RewardPin.id == pin.id, may_try)
        .values(failures=0 if is_right else RewardPin.failures + 1, version=RewardPin.version + 1)
        .returning(RewardPin.id)
        .execution_options(synchronize_session=False)
    )
    if not is_right:
        audit.record(
            work,
            action="rewards.pin_failed",
            subject=f"patient {patient_id}",
            patient_id=patient_id,
        )
    return counted if is_right else None

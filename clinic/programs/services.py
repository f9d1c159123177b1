"""Refer, move, discharge: what is written of an episode is appended and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.patients import services as patient_services
from clinic.programs import queries
from clinic.programs.facts import (
    WAITING,
    Admitted,
    CareState,
    Discharged,
    DischargeReason,
    EpisodeFacts,
    MedicationState,
    Particulars,
    ProposedMove,
    ReferralSource,
    StayTerms,
)
from clinic.programs.models import (
    ALREADY_OPEN,
    MOVED_ALREADY,
    CareTransition,
    Episode,
    EpisodeParticulars,
    MedicationTransition,
)
from clinic.programs.rules.moves import is_admission, may_move
from clinic.sites.queries import policy


def refer(
    work: Work,
    *,
    patient_id: UUID,
    referral_source: ReferralSource,
    requested_at: datetime | None = None,
    injects: bool = False,
    pregnant: bool = False,
) -> UUID:
    """Open an episode with an inquiry; a readmission is the patient's next episode.

    Shape: ``requested_at`` is when treatment was asked for, now unless told; waiting counts from
    it.
    Raises: NotFound; Clash while an episode is open; Refused for the dead, and for a request in
    the future or before the last discharge.
    """
    patient_services.take_turn(work, patient_id=patient_id)
    requested_at = requested_at or work.now
    earlier = queries.episodes(work, patient_id=patient_id)
    if any(one.is_open for one in earlier):
        raise Clash(ALREADY_OPEN)
    if patients.get(work, patient_id=patient_id).deceased_on is not None:
        raise Refused("The patient has died.")
    if requested_at > work.now:
        raise Refused("A request is recorded once it has been made.")
    if earlier and requested_at < earlier[0].moved_at:
        raise Refused("The patient was still in an earlier episode then.")
    episode = Episode(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        number=max((one.number for one in earlier), default=0) + 1,
        requested_at=requested_at,
        referral_source=referral_source,
        injects=injects,
        pregnant=pregnant,
        **work.attribution,
    )
    work.session.add(episode)
    work.session.flush()
    inquiry = CareTransition(
        episode_id=episode.id,
        sequence=1,
        to_state=CareState.INQUIRY,
        **_act(work, patient_id, requested_at),
    )
    work.session.add(inquiry)
    audit.record(
        work,
        action="programs.refer",
        subject=f"episode {episode.number}",
        patient_id=patient_id,
        detail={"referral_source": referral_source.value},
    )
    return episode.id


def move(
    work: Work,
    *,
    episode_id: UUID,
    to_state: CareState,
    expected_sequence: int,
    note: str = "",
    planned_days: int | None = None,
    discharge_reason: DischargeReason | None = None,
    occurred_at: datetime | None = None,
) -> None:
    """Append a move, and make known that care has begun or ended.

    Invariant: ``expected_sequence`` is the last move the person saw; of two who move one patient
    at once, the second is told.
    Raises: NotFound; Clash when somebody was there first; Refused as ``rules.moves`` says.
    """
    held = _hold(work, episode_id)
    before = queries.episode(work, episode_id=episode_id)
    if before.sequence != expected_sequence:
        raise Clash(MOVED_ALREADY)
    happened_at = occurred_at or work.now
    decision = consider(
        work,
        episode=before,
        to_state=to_state,
        note=note,
        planned_days=planned_days,
        discharge_reason=discharge_reason,
        occurred_at=happened_at,
    )
    decision.require()
    step = CareTransition(
        episode_id=episode_id,
        sequence=before.sequence + 1,
        from_state=before.state,
        to_state=to_state,
        planned_days=planned_days,
        discharge_reason=discharge_reason,
        note=note.strip(),
        **_act(work, before.patient_id, happened_at),
    )
    work.session.add(step)
    work.session.flush()
    audit.record(
        work,
        action="programs.move",
        subject=f"episode {before.number}",
        patient_id=before.patient_id,
        detail={
            "from": before.state.value,
            "to": to_state.value,
            "occurred_at": happened_at.isoformat(),
            "decision": decision.to_json(),
        },
    )
    _consequences(work, held, before, step)


def consider(
    work: Work,
    *,
    episode: EpisodeFacts,
    to_state: CareState,
    note: str = "",
    planned_days: int | None = None,
    discharge_reason: DischargeReason | None = None,
    occurred_at: datetime | None = None,
) -> Decision:
    """What ``move`` would decide now, for the page that asks before it acts. Writes nothing."""
    proposal = ProposedMove(
        to_state=to_state,
        occurred_at=occurred_at or work.now,
        now=work.now,
        note=note,
        planned_days=planned_days,
        discharge_reason=discharge_reason,
    )
    terms = policy(work, StayTerms(), of="programs", on=work.service_date)
    return may_move(queries.standing(work, episode=episode), proposal=proposal, terms=terms)


def set_medication(work: Work, *, patient_id: UUID, to: MedicationState) -> None:
    """Record which primary medication the patient is on from now; no change writes nothing.

    Raises: Refused when a medication would begin for somebody who is not in care here.
    """
    patient_services.take_turn(work, patient_id=patient_id)
    here = queries.open_episode(work, patient_id=patient_id)
    if here is None:
        if to is MedicationState.NONE:
            return
        raise Refused("The patient has no open episode of care here.")
    if to is not MedicationState.NONE and here.state in WAITING - {CareState.INTERIM}:
        raise Refused(f"The patient has not been admitted yet: {here.state.label}.")
    _change_medication(work, here, to=to, at=work.now)


def change_particulars(
    work: Work,
    *,
    episode_id: UUID,
    to: Particulars,
    expected_sequence: int,
    occurred_at: datetime | None = None,
) -> None:
    """Record who counsels, where the patient stays, what gives priority, from an instant on.

    Invariant: ``expected_sequence`` is the last change the person saw, 0 before the first. No
    change writes nothing.
    Raises: NotFound; Clash when somebody was there first; Refused after discharge, in the
    future, and before the last change or the request for treatment.
    """
    held = _hold(work, episode_id)
    sequence, before, since = queries.particulars(work, episode_id=episode_id)
    if sequence != expected_sequence:
        raise Clash(MOVED_ALREADY)
    if to == before:
        return
    at = occurred_at or work.now
    if held.closed_on is not None:
        raise Refused("The episode has ended.")
    if at > work.now:
        raise Refused("A change is recorded once it has happened.")
    if at < since:
        raise Refused("A later change is on record, or treatment had not been asked for then.")
    if sequence == 0:
        sequence = 1
        first_told = {
            "recorded_at": held.recorded_at,
            "recorded_by": held.recorded_by,
            "recorded_by_name": held.recorded_by_name,
        }
        _note_particulars(work, held, before, sequence=1, at=since, told=first_told)
    _note_particulars(work, held, to, sequence=sequence + 1, at=at, told=work.attribution)
    held.counselor_id, held.injects, held.pregnant = to.counselor_id, to.injects, to.pregnant
    work.session.flush()
    audit.record(
        work,
        action="programs.change_particulars",
        subject=f"episode {held.number}",
        patient_id=held.patient_id,
        detail={
            "counselor_id": str(to.counselor_id),
            "unit": to.unit,
            "injects": to.injects,
            "pregnant": to.pregnant,
        },
    )


def _note_particulars(
    work: Work,
    held: Episode,
    what: Particulars,
    *,
    sequence: int,
    at: datetime,
    told: dict[str, Any],
) -> None:
    work.session.add(
        EpisodeParticulars(
            episode_id=held.id,
            sequence=sequence,
            counselor_id=what.counselor_id,
            unit=what.unit,
            injects=what.injects,
            pregnant=what.pregnant,
            **_act(work, held.patient_id, at) | told,
        )
    )
    work.session.flush()


def _consequences(work: Work, held: Episode, before: EpisodeFacts, step: CareTransition) -> None:
    if is_admission(step.from_state, to_state=step.to_state):
        work.announce(Admitted(before.id, before.patient_id, step.service_date))
    if step.discharge_reason is None:
        return
    _change_medication(work, before, to=MedicationState.NONE, at=step.occurred_at)
    held.closed_on = step.service_date
    if step.discharge_reason is DischargeReason.DIED:
        patient_services.note_death(
            work, patient_id=before.patient_id, deceased_on=step.service_date
        )
    work.session.flush()
    work.announce(
        Discharged(before.id, before.patient_id, step.service_date, step.discharge_reason)
    )


def _change_medication(
    work: Work, episode: EpisodeFacts, *, to: MedicationState, at: datetime
) -> None:
    last = work.session.execute(
        sa.select(
            MedicationTransition.sequence,
            MedicationTransition.to_medication,
            MedicationTransition.occurred_at,
        )
        .where(
            MedicationTransition.site_id == work.site.id,
            MedicationTransition.episode_id == episode.id,
        )
        .order_by(MedicationTransition.sequence.desc())
        .limit(1)
    ).first()
    sequence, current = (last.sequence, last.to_medication) if last else (0, MedicationState.NONE)
    if current is to:
        return
    since = max(at, last.occurred_at) if last else at
    work.session.add(
        MedicationTransition(
            episode_id=episode.id,
            sequence=sequence + 1,
            from_medication=current,
            to_medication=to,
            **_act(work, episode.patient_id, since),
        )
    )
    work.session.flush()
    audit.record(
        work,
        action="programs.set_medication",
        subject=f"episode {episode.number}",
        patient_id=episode.patient_id,
        detail={"from": current.value, "to": to.value},
    )


def _hold(work: Work, episode_id: UUID) -> Episode:
    """The episode, nobody else's to move until this work ends: its patient's turn is taken."""
    here = (Episode.id == episode_id, Episode.site_id == work.site.id)
    patient_id = work.session.scalar(sa.select(Episode.patient_id).where(*here))
    if patient_id is None:
        raise NotFound("episode")
    patient_services.take_turn(work, patient_id=patient_id)
    fresh = sa.select(Episode).where(*here).execution_options(populate_existing=True)
    return work.session.scalars(fresh).one()


def _act(work: Work, patient_id: UUID, occurred_at: datetime) -> dict[str, Any]:
    return {
        "id": work.new_id(),
        "site_id": work.site.id,
        "patient_id": patient_id,
        **work.on_service_day(occurred_at),
        **work.attribution,
    }

"""Post a visit from its card, once: the specimen, its readings, and what they earned."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from clinic.core.errors import Clash, Refused
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.rewards import queries
from clinic.rewards.facts import Collected, Enrolment, Mark, PostedVisit, VisitOutcome
from clinic.rewards.rules.visits import collected, kept_outcome, rows_of
from clinic.rewards.services.awards import reward_without_specimen
from clinic.scheduling import services as scheduling
from clinic.toxicology import services as toxicology
from clinic.toxicology.facts import Analyte, CollectionOutcome

_WAS_HERE = frozenset({CollectionOutcome.COLLECTED, CollectionOutcome.REFUSED})


def post_visit(
    work: Work,
    *,
    patient_id: UUID,
    number: int,
    marks: Mapping[Analyte, Mark],
    came: Mark | None = None,
    was_observed: bool = False,
    note: str = "",
    laboratory: str = "",
) -> PostedVisit:
    """Record what the card says and let the announcement reward it; ``number`` is the card's visit.

    Whoever was there has attended today's booking for it, if one is open.
    Shape: ``marks`` hold one per row of a protocol that asks for a test, ``came`` the one mark of
    a protocol that does not. A ``laboratory`` gets the specimen to confirm it.
    Invariant: a visit number is posted once, however many cards were open.
    Raises: NotFound; Refused without an enrolment or with rows unread; Clash when the visit was
    recorded meanwhile, here or elsewhere.
    """
    patient_services.take_turn(work, patient_id=patient_id)
    enrolment = _enrolment_at(work, patient_id=patient_id, number=number)
    rows = rows_of(enrolment.protocol)
    if not rows:
        if came is None:
            raise Refused("Say what came of the visit.")
        outcome = kept_outcome(came)
        posted = reward_without_specimen(work, patient_id=patient_id, outcome=outcome)
        was_here = outcome is VisitOutcome.NEGATIVE
    else:
        read = collected(marks, rows=rows)
        posted = _record(
            work,
            patient_id=patient_id,
            read=read,
            was_observed=was_observed,
            note=note,
            laboratory=laboratory,
        )
        was_here = read.outcome in _WAS_HERE
    if was_here:
        scheduling.attend_today(
            work, patient_id=patient_id, modality=queries.CONTINGENCY_MANAGEMENT
        )
    return posted


def _enrolment_at(work: Work, *, patient_id: UUID, number: int) -> Enrolment:
    """The open enrolment, while the card's visit is the one that comes next."""
    enrolment = queries.latest_enrolment(work, patient_id=patient_id)
    if enrolment is None:
        raise Refused("The patient is in no reward protocol.")
    visits = queries.visits(work, enrolment_id=enrolment.id)
    recorded = next((one for one in visits if one.number == number), None)
    if recorded is not None:
        raise Clash(
            f"Visit {number} is recorded already, by {recorded.recorded_by_name}:"
            f" {recorded.sentence}"
        )
    if enrolment.ended_on is not None:
        raise Refused("The protocol has ended: nothing more is earned under it.")
    if number != len(visits) + 1:
        raise Clash(f"Visit {len(visits) + 1} comes first. Open the card again.")
    return enrolment


def _record(
    work: Work,
    *,
    patient_id: UUID,
    read: Collected,
    was_observed: bool,
    note: str,
    laboratory: str,
) -> PostedVisit:
    recorded = toxicology.record_result(
        work,
        patient_id=patient_id,
        outcome=read.outcome,
        readings=read.readings,
        was_observed=was_observed,
        note=note,
    )
    if laboratory and read.outcome is CollectionOutcome.COLLECTED:
        toxicology.send_to_laboratory(
            work,
            patient_id=patient_id,
            specimen_id=recorded.specimen_id,
            laboratory=laboratory,
        )
    visit = queries.visit_of_specimen(work, specimen_id=recorded.specimen_id)
    return PostedVisit(visit_id=visit.id if visit else None, told=recorded.told)

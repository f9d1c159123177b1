"""Start a patient on a protocol, and stop the earning when care ends."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.data.work import Work
from clinic.patients import services as patient_services
from clinic.programs import queries as programs
from clinic.programs.facts import Discharged, ModalityBegun
from clinic.rewards import queries
from clinic.rewards.facts import PROTOCOLS, Protocol
from clinic.rewards.models import RewardEnrolment, RewardEnrolmentOverride
from clinic.rewards.rules.enrolment import may_enrol
from clinic.rewards.services import ledger

CONTINGENCY_MANAGEMENT = "contingency_management"
"""The catalogue's code of the treatment this domain does the work of."""


def enrol(
    work: Work, *, patient_id: UUID, protocol_code: str, funding_source_id: UUID | None = None
) -> Protocol:
    """Start the patient on the newest active version of a protocol, which is the answer.

    They stay on that version, whatever becomes of the protocol, and with the source that was
    chosen to pay; without a choice the usual one is fixed with the first award.

    Raises: NotFound; Refused for a protocol that is not offered, without an open episode, in
    another protocol already, in a level of care the protocol excludes, when it pays for
    opioid-negative samples and no override stands, or for a source that does not pay for it.
    """
    protocol = _startable(work, name=protocol_code)
    patient_services.take_turn(work, patient_id=patient_id)
    episode = programs.open_episode(work, patient_id=patient_id)
    enrolled = queries.open_enrolment(work, patient_id=patient_id)
    override = queries.standing_overrides(work).get((protocol.name, protocol.version))
    decision = may_enrol(
        protocol,
        episode=episode,
        is_enrolled=enrolled is not None,
        is_overridden=override is not None,
    )
    if episode is None or not decision:
        raise Refused([reason.message for reason in decision.stops], decision=decision)
    enrolment_id = work.new_id()
    work.session.execute(
        sa.insert(RewardEnrolment),
        {
            "id": enrolment_id,
            "site_id": work.site.id,
            "patient_id": patient_id,
            "episode_id": episode.id,
            "protocol": protocol.name,
            "protocol_version": protocol.version,
            "starts_on": work.service_date,
            "version": 1,
            **work.attribution,
        },
    )
    if override is not None:
        _note_override(work, enrolment_id=enrolment_id, override_id=override.id)
    if funding_source_id is not None:
        _fund(work, enrolment_id=enrolment_id, protocol=protocol, source_id=funding_source_id)
    audit.record(
        work,
        action="rewards.enrol",
        subject=f"enrolment {enrolment_id}",
        patient_id=patient_id,
        detail={
            "protocol": protocol.name,
            "version": protocol.version,
            "override": str(override.id) if override else None,
            "funding_source": str(funding_source_id) if funding_source_id else None,
        },
    )
    work.announce(ModalityBegun(CONTINGENCY_MANAGEMENT, episode.id, patient_id, work.service_date))
    return protocol


def close_enrolments(work: Work, fact: Discharged) -> None:
    """End the patient's earning at this site with the discharge. What was earned stays theirs."""
    patient_services.take_turn(work, patient_id=fact.patient_id)
    enrolment = queries.open_enrolment(work, patient_id=fact.patient_id)
    if enrolment is not None:
        end_enrolment(work, enrolment_id=enrolment.id)
        audit.record(
            work,
            action="rewards.close",
            subject=f"enrolment {enrolment.id}",
            patient_id=fact.patient_id,
            detail={"why": f"discharged: {fact.reason.value}"},
        )


def end_enrolment(work: Work, *, enrolment_id: UUID) -> None:
    """No visit is rewarded from now on."""
    work.session.execute(
        sa.update(RewardEnrolment)
        .where(RewardEnrolment.site_id == work.site.id, RewardEnrolment.id == enrolment_id)
        .values(ended_on=work.service_date, version=RewardEnrolment.version + 1)
        .execution_options(synchronize_session=False)
    )


def _note_override(work: Work, *, enrolment_id: UUID, override_id: UUID) -> None:
    work.session.execute(
        sa.insert(RewardEnrolmentOverride),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "enrolment_id": enrolment_id,
            "override_id": override_id,
            **work.attribution,
        },
    )


def _fund(work: Work, *, enrolment_id: UUID, protocol: Protocol, source_id: UUID) -> None:
    """Let the chosen source pay. Raises: Refused for one that does not pay for the protocol."""
    paying = queries.choices_of_funding(work, protocol=protocol.name, on=work.service_date)
    if source_id not in {source.id for source in paying}:
        raise Refused(f"This source does not pay for {protocol.title} now.")
    ledger.fix_source(work, enrolment_id=enrolment_id, source_id=source_id)


def _startable(work: Work, *, name: str) -> Protocol:
    """The version new patients start on. One that only lacks its override is answered with that."""
    offered = queries.offered_protocol(work, name=name) or PROTOCOLS.get(name)
    if offered is None:
        raise Refused(f"{name} is not offered as a reward protocol.")
    return offered

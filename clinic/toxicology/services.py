"""Record what came of a test, and what the laboratory read of it. Nothing is edited afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import Work
from clinic.patients import services as patients
from clinic.toxicology import queries
from clinic.toxicology.facts import (
    Analyte,
    CollectionOutcome,
    Reading,
    RecordedResult,
    ResultConfirmed,
    ResultRecorded,
)
from clinic.toxicology.models import ConfirmationRequest, ConfirmedResult, Result, Specimen


def record_result(
    work: Work,
    *,
    patient_id: UUID,
    outcome: CollectionOutcome,
    readings: Mapping[Analyte, Reading],
    was_random: bool = False,
    was_observed: bool = False,
    note: str = "",
) -> RecordedResult:
    """Append the specimen and its readings, and announce them.

    Invariant: whatever the announcement brings about, a reward above all, is in this transaction:
    if it fails, the result is not recorded either.
    Raises: NotFound; Refused when a collected specimen has no reading, or another has one.
    """
    patients.take_turn(work, patient_id=patient_id)
    if (outcome is CollectionOutcome.COLLECTED) != bool(readings):
        raise Refused(
            "A collected specimen needs at least one reading."
            if outcome is CollectionOutcome.COLLECTED
            else f"{outcome.label}: there is no specimen to read."
        )
    specimen_id = work.new_id()
    when = {
        "site_id": work.site.id,
        "patient_id": patient_id,
        **work.on_service_day(),
        **work.attribution,
    }
    work.session.execute(
        sa.insert(Specimen),
        when
        | {
            "id": specimen_id,
            "outcome": outcome,
            "was_random": was_random,
            "was_observed": was_observed,
            "note": note,
        },
    )
    if readings:
        work.session.execute(
            sa.insert(Result),
            [
                when
                | {
                    "id": work.new_id(),
                    "specimen_id": specimen_id,
                    "analyte": analyte,
                    "reading": reading,
                }
                for analyte, reading in readings.items()
            ],
        )
    audit.record(
        work,
        action="result.record",
        subject=f"specimen {specimen_id}",
        patient_id=patient_id,
        detail={"outcome": outcome.value, "readings": len(readings)},
    )
    fact = ResultRecorded(
        specimen_id=specimen_id,
        patient_id=patient_id,
        service_date=work.service_date,
        outcome=outcome,
        readings=tuple(readings.items()),
    )
    work.announce(fact)
    return RecordedResult(specimen_id=specimen_id, told=tuple(fact.told))


def send_to_laboratory(work: Work, *, patient_id: UUID, specimen_id: UUID, laboratory: str) -> None:
    """Say that a specimen goes to a laboratory; its result is awaited from now on.

    Raises: NotFound for a specimen that is not the patient's or was not collected; Clash when it
    is there already; Refused without the laboratory's name.
    """
    if not laboratory.strip():
        raise Refused("Name the laboratory.")
    patients.take_turn(work, patient_id=patient_id)
    _collected(work, patient_id=patient_id, specimen_id=specimen_id)
    work.session.execute(
        sa.insert(ConfirmationRequest),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "patient_id": patient_id,
            "specimen_id": specimen_id,
            "laboratory": laboratory.strip(),
            **work.on_service_day(),
            **work.attribution,
        },
    )
    audit.record(
        work,
        action="result.send",
        subject=f"specimen {specimen_id}",
        patient_id=patient_id,
        detail={"laboratory": laboratory.strip()},
    )


def record_confirmation(
    work: Work,
    *,
    patient_id: UUID,
    specimen_id: UUID,
    readings: Mapping[Analyte, Reading],
    report: str = "",
) -> RecordedResult:
    """Append what the laboratory read of a specimen, and announce it. The cup's readings stay.

    Raises: NotFound for a specimen that is not the patient's or was not collected; Clash when its
    confirmation is recorded; Refused without a reading, or for an invalid one.
    """
    if not readings or Reading.INVALID in readings.values():
        raise Refused("The laboratory reads each analyte negative or positive, at least one.")
    patients.take_turn(work, patient_id=patient_id)
    specimen = _collected(work, patient_id=patient_id, specimen_id=specimen_id)
    if specimen_id in queries.confirmed_by_laboratory(work, patient_id=patient_id):
        raise Clash("The laboratory's result of this specimen is recorded already.")
    common = {
        "site_id": work.site.id,
        "patient_id": patient_id,
        "specimen_id": specimen_id,
        "report": report,
        **work.on_service_day(),
        **work.attribution,
    }
    work.session.execute(
        sa.insert(ConfirmedResult),
        [
            common | {"id": work.new_id(), "analyte": analyte, "reading": reading}
            for analyte, reading in readings.items()
        ],
    )
    audit.record(
        work,
        action="result.confirm",
        subject=f"specimen {specimen_id}",
        patient_id=patient_id,
        detail={"readings": len(readings)},
    )
    cup = queries.readings_of(work, specimen_ids=[specimen_id]).get(specimen_id, {})
    fact = ResultConfirmed(
        specimen_id=specimen_id,
        patient_id=patient_id,
        service_date=specimen.service_date,
        readings=tuple((cup | dict(readings)).items()),
    )
    work.announce(fact)
    return RecordedResult(specimen_id=specimen_id, told=tuple(fact.told))


def _collected(work: Work, *, patient_id: UUID, specimen_id: UUID) -> Specimen:
    """Raises: NotFound when there is nothing a laboratory could read."""
    specimen = work.session.scalar(
        sa.select(Specimen).where(
            Specimen.site_id == work.site.id,
            Specimen.patient_id == patient_id,
            Specimen.id == specimen_id,
            Specimen.outcome == CollectionOutcome.COLLECTED,
        )
    )
    if specimen is None:
        raise NotFound("specimen")
    return specimen

"""Record what came of a test. Nothing is edited afterwards: a correction is another specimen."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.data.work import Work
from clinic.patients import services as patients
from clinic.toxicology.facts import (
    Analyte,
    CollectionOutcome,
    Reading,
    RecordedResult,
    ResultRecorded,
)
from clinic.toxicology.models import Result, Specimen


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

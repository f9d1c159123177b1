"""Record a filled form. Nothing is edited afterwards: a correction is another form."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from clinic.assessments import rules
from clinic.assessments.facts import CURRENT, RecordedAssessment
from clinic.assessments.models import Assessment
from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.data.work import Work
from clinic.patients import services as patients


def record_assessment(
    work: Work,
    *,
    patient_id: UUID,
    instrument: str,
    answers: Mapping[str, int],
    note: str = "",
) -> RecordedAssessment:
    """Append the answers with what they came to, on the edition in use now.

    Invariant: a safety prompt never keeps an answer from being kept; it is handed back.
    Raises: NotFound for a stranger or an instrument nobody has; Refused when nothing is answered
    or a score is not on the form.
    """
    patients.take_turn(work, patient_id=patient_id)
    edition = CURRENT.get(instrument)
    if edition is None:
        raise NotFound("instrument")
    if not answers:
        raise Refused("Answer at least one item.")
    score = rules.score(edition, answers=answers)
    decision = rules.safety(edition, answers=answers)
    assessment_id = work.new_id()
    work.session.execute(
        sa.insert(Assessment),
        {
            "id": assessment_id,
            "site_id": work.site.id,
            "patient_id": patient_id,
            "instrument": edition.id,
            "instrument_version": edition.version,
            "answers": dict(answers),
            "total": score.total,
            "band": score.band.name if score.band else None,
            "note": note,
            **work.on_service_day(),
            **work.attribution,
        },
    )
    audit.record(
        work,
        action="assessment.record",
        subject=f"assessment {assessment_id}",
        patient_id=patient_id,
        detail={"instrument": edition.id, "asks": [reason.code for reason in decision.reasons]},
    )
    return RecordedAssessment(assessment_id=assessment_id, score=score, decision=decision)

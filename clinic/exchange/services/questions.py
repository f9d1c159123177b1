"""Settle what an import could only ask: which of a day's contradicting doses was given."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision, Effect, Reason
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import STALE, Work
from clinic.dosing.facts import DoseOrigin
from clinic.dosing.models import Dose, DoseQuestion
from clinic.exchange.facts.outcome import possible_answers
from clinic.stock.facts import Form, Medication

_FORMS = {
    Medication.METHADONE: Form.ORAL_CONCENTRATE,
    Medication.NALTREXONE: Form.INJECTION,
}


def settle_question(work: Work, *, question_id: UUID, version: int, dose_ug: int | None) -> None:
    """Record what a person decided about a day's dose rows: one history dose, or none.

    Units: ``dose_ug`` is micrograms; None means no dose of that day is to be believed.
    Raises: NotFound; Clash when somebody settled it meanwhile; Refused for an amount that is
    neither one of the rows nor their sum.
    """
    question = work.session.scalar(
        sa.select(DoseQuestion)
        .where(DoseQuestion.site_id == work.site.id, DoseQuestion.id == question_id)
        .with_for_update()
    )
    if question is None:
        raise NotFound("question")
    if question.version != version or question.settled_at is not None:
        raise Clash(STALE)
    if dose_ug is not None and dose_ug not in possible_answers(tuple(question.doses_ug)):
        raise Refused("Choose one of the recorded doses, their sum, or none.")
    question.settled_at, question.settled_dose_ug = work.now, dose_ug
    if dose_ug is not None:
        work.session.add(_history_dose(work, question, dose_ug))
    audit.record(
        work,
        action="dose_question.settle",
        subject=f"dose question {question.service_date}",
        patient_id=question.patient_id,
        detail={"doses_ug": question.doses_ug, "settled_dose_ug": dose_ug},
    )


def _history_dose(work: Work, question: DoseQuestion, dose_ug: int) -> Dose:
    decided = Reason(
        "imported_history_settled",
        f"The list had {len(question.doses_ug)} rows for this day; {work.actor.name} decided.",
        "site policy: outside dose records are reviewed by a person",
        Effect.INFORM,
    )
    return Dose(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=question.patient_id,
        origin=DoseOrigin.HISTORY,
        medication=question.medication,
        form=_FORMS.get(question.medication, Form.SUBLINGUAL),
        dose_ug=dose_ug,
        occurred_at=work.site.day_start(question.service_date),
        service_date=question.service_date,
        time_zone=work.site.time_zone,
        decision=Decision.of([decided]).to_json(),
        **work.attribution,
    )

"""Recording a form: what is kept, what is refused, and that it stays."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from clinic.assessments.models import Assessment
from clinic.audit.models import AuditLeaf
from clinic.core.decision import Verdict
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import Work
from tests import cast
from tests.assessments.builders import COWS_OF_NINE, an_assessment, zeros
from tests.conftest import WorkAs
from tests.patients.builders import a_patient


def forms(work: Work) -> int:
    return work.session.scalar(sa.select(sa.func.count()).select_from(Assessment)) or 0


def test_the_answers_are_kept_with_what_they_came_to_and_who_when_and_where(work: Work) -> None:
    patient_id = a_patient(work)

    recorded = an_assessment(work, patient_id=patient_id, note="before the first dose")

    row = work.session.get_one(Assessment, recorded.assessment_id)
    assert (row.patient_id, row.instrument, row.instrument_version) == (patient_id, "cows", "2003")
    assert row.answers == COWS_OF_NINE
    assert (row.total, row.band, row.note) == (9, "mild", "before the first dose")
    assert row.recorded_by_name == "Ada Administrator"
    assert row.service_date.isoformat() == "2026-03-03"
    assert row.time_zone == "America/New_York"
    leaf = work.session.scalars(
        sa.select(AuditLeaf).where(AuditLeaf.action == "assessment.record")
    ).one()
    assert (leaf.patient_id, leaf.detail) == (patient_id, {"instrument": "cows", "asks": []})


def test_a_form_with_a_gap_is_kept_without_a_total(work: Work) -> None:
    recorded = an_assessment(work, patient_id=a_patient(work), answers={"tremor": 2})

    row = work.session.get_one(Assessment, recorded.assessment_id)
    assert (row.answers, row.total, row.band) == ({"tremor": 2}, None, None)
    assert len(recorded.score.missing) == 10


def test_an_answer_of_self_harm_is_kept_and_asks_for_a_person(work: Work) -> None:
    recorded = an_assessment(
        work,
        patient_id=a_patient(work),
        instrument="phq_9",
        answers=zeros("phq_9") | {"self_harm": 1},
    )

    assert recorded.decision.verdict is Verdict.ASK
    assert work.session.get_one(Assessment, recorded.assessment_id).answers["self_harm"] == 1
    leaf = work.session.scalars(
        sa.select(AuditLeaf).where(AuditLeaf.action == "assessment.record")
    ).one()
    assert leaf.detail == {"instrument": "phq_9", "asks": ["phq_9_self_harm"]}


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "Answer at least one item"),
        (COWS_OF_NINE | {"gooseflesh": 4}, "gooseflesh must be one of 0, 3, 5"),
    ],
)
def test_what_the_form_does_not_have_is_refused_and_nothing_kept(
    work: Work, answers: dict[str, int], sentence: str
) -> None:
    patient_id = a_patient(work)

    with pytest.raises(Refused, match=sentence):
        an_assessment(work, patient_id=patient_id, answers=answers)
    assert forms(work) == 0


def test_a_stranger_and_an_unknown_instrument_are_not_found(work: Work) -> None:
    with pytest.raises(NotFound):
        an_assessment(work, patient_id=cast.PAT.id)
    with pytest.raises(NotFound):
        an_assessment(work, patient_id=a_patient(work), instrument="cina")


def test_around_the_code_a_measurement_cannot_be_changed_or_removed(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        an_assessment(work, patient_id=a_patient(work))

    for statement in (sa.update(Assessment).values(total=0), sa.delete(Assessment)):
        with pytest.raises(Clash, match="cannot be changed"), work_as(cast.NORA) as work:
            work.session.execute(statement)

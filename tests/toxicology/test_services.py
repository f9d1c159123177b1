"""Recording a test: what is kept, what is refused, what is announced."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import Work
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading, ResultRecorded
from clinic.toxicology.models import Result, Specimen
from tests import cast
from tests.conftest import WorkAs
from tests.patients.builders import a_patient
from tests.toxicology.builders import NEGATIVE, a_result


def test_a_specimen_and_its_readings_are_kept_with_who_when_and_where(work: Work) -> None:
    patient_id = a_patient(work)

    recorded = a_result(
        work,
        patient_id=patient_id,
        readings={Analyte.COCAINE: Reading.NEGATIVE, Analyte.EDDP: Reading.POSITIVE},
        was_random=True,
        was_observed=True,
        note="temperature in range",
    )

    specimen = work.session.get_one(Specimen, recorded.specimen_id)
    assert specimen.patient_id == patient_id
    assert specimen.outcome is CollectionOutcome.COLLECTED
    assert (specimen.was_random, specimen.was_observed) == (True, True)
    assert specimen.note == "temperature in range"
    assert specimen.recorded_by_name == "Ada Administrator"
    assert specimen.service_date.isoformat() == "2026-03-03"
    assert specimen.time_zone == "America/New_York"
    rows = work.session.execute(sa.select(Result.analyte, Result.reading, Result.specimen_id))
    assert {(analyte, reading) for analyte, reading, _ in rows} == {
        (Analyte.COCAINE, Reading.NEGATIVE),
        (Analyte.EDDP, Reading.POSITIVE),
    }
    leaf = work.session.scalars(
        sa.select(AuditLeaf).where(AuditLeaf.action == "result.record")
    ).one()
    assert leaf.patient_id == patient_id


def test_the_result_is_announced_and_listeners_may_answer(work: Work) -> None:
    patient_id = a_patient(work)
    heard: list[ResultRecorded] = []

    def listen(_work: Work, fact: Any) -> None:
        heard.append(fact)
        fact.told.append("Thank you.")

    work.reactions = {ResultRecorded: [listen]}
    recorded = a_result(work, patient_id=patient_id, readings={Analyte.MDMA: Reading.INVALID})

    assert recorded.told == ("Thank you.",)
    assert [(fact.patient_id, fact.outcome, fact.readings) for fact in heard] == [
        (patient_id, CollectionOutcome.COLLECTED, ((Analyte.MDMA, Reading.INVALID),))
    ]


@pytest.mark.parametrize(
    "outcome", [CollectionOutcome.REFUSED, CollectionOutcome.MISSED, CollectionOutcome.EXCUSED]
)
def test_without_a_specimen_there_is_nothing_to_read(
    work: Work, outcome: CollectionOutcome
) -> None:
    patient_id = a_patient(work)

    with pytest.raises(Refused, match="no specimen to read"):
        a_result(work, patient_id=patient_id, outcome=outcome)
    recorded = a_result(work, patient_id=patient_id, outcome=outcome, readings={})
    assert work.session.get_one(Specimen, recorded.specimen_id).outcome is outcome


def test_a_collected_specimen_has_a_reading(work: Work) -> None:
    with pytest.raises(Refused, match="at least one reading"):
        a_result(work, patient_id=a_patient(work), readings={})


def test_a_stranger_s_test_is_not_recorded(work: Work) -> None:
    with pytest.raises(NotFound):
        a_result(work, patient_id=cast.PAT.id)


def test_around_the_code_a_result_cannot_be_changed_removed_or_read_twice(
    work_as: WorkAs,
) -> None:
    with work_as(cast.NORA) as work:
        a_result(work, patient_id=a_patient(work), readings=NEGATIVE)

    for statement in (
        sa.update(Result).values(reading=Reading.POSITIVE),
        sa.delete(Result),
        sa.update(Specimen).values(note="changed"),
        sa.delete(Specimen),
    ):
        with pytest.raises(Clash, match="cannot be changed"), work_as(cast.NORA) as work:
            work.session.execute(statement)
    with work_as(cast.NORA) as work:
        row = work.session.execute(sa.select(Result.__table__)).mappings().first()
    assert row is not None
    with pytest.raises(Clash), work_as(cast.NORA) as work:
        work.session.execute(sa.insert(Result).values(dict(row) | {"id": work.new_id()}))

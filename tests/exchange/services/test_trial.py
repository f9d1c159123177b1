"""Treatment histories at a demo site: synthetic people, real shapes, nothing added up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from clinic.core.errors import Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.dosing.facts import DoseOrigin
from clinic.dosing.models import Dose, DoseQuestion
from clinic.exchange.facts.outcome import ImportOutcome, Tally
from clinic.exchange.facts.trial import TrialHistory
from clinic.exchange.readers import trial_history
from clinic.exchange.services import import_trial
from clinic.patients.models import Patient, PatientAlert
from clinic.programs.models import CareTransition, Episode
from clinic.scheduling.facts import Disposition
from clinic.scheduling.models import PastVisit
from clinic.stock.facts import Medication
from clinic.toxicology.facts import Analyte, Reading
from clinic.toxicology.models import Result, Specimen
from tests import cast
from tests.conftest import WorkAs
from tests.exchange.builders import a_trial

MONDAY = date(2024, 1, 1)


class MachineGone(Exception):
    """Stands for a power cut between two statements."""


def import_then_fail(work: Work, history: TrialHistory) -> None:
    import_trial(work, history=history)
    raise MachineGone


def taken_in(work_as: WorkAs, folder: Path, *, day_zero: date = MONDAY) -> ImportOutcome:
    history = trial_history.read_folder(folder, day_zero=day_zero)
    with work_as(cast.ADA) as work:
        return import_trial(work, history=history)


def grouped(column: sa.orm.InstrumentedAttribute[object], *where: object) -> dict[object, int]:
    query = sa.select(column, sa.func.count()).where(*where).group_by(column)  # type: ignore[arg-type]
    return dict(db.session.execute(query).all())


def participant(number: int) -> Patient:
    return db.session.scalars(
        sa.select(Patient).where(Patient.family_name == f"Participant {number}")
    ).one()


def test_people_are_plainly_synthetic(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, a_trial(tmp_path / "trial"))

    seventeen, eighteen = participant(17), participant(18)
    assert (seventeen.given_names, seventeen.birth_date) == ("Trial", date(1990, 1, 1))
    assert (seventeen.sex, eighteen.sex) == ("male", "female")
    alert = db.session.scalars(sa.select(PatientAlert)).one()
    assert alert.patient_id == eighteen.id
    assert alert.text == "Age unknown: the birth date shown is a placeholder."


def test_doses_are_history_and_a_doubled_day_is_a_question(work_as: WorkAs, tmp_path: Path) -> None:
    outcome = taken_in(work_as, a_trial(tmp_path / "trial"))

    doses = db.session.execute(
        sa.select(Dose.service_date, Dose.dose_ug, Dose.origin, Dose.order_id)
        .where(Dose.medication == Medication.METHADONE)
        .order_by(Dose.service_date)
    ).all()
    assert [tuple(dose) for dose in doses] == [
        (date(2024, 1, 1), 30_000, DoseOrigin.HISTORY, None),
        (date(2024, 1, 2), 40_000, DoseOrigin.HISTORY, None),
        (date(2024, 1, 4), 40_000, DoseOrigin.HISTORY, None),
    ]
    question = db.session.scalars(sa.select(DoseQuestion)).one()
    assert (question.service_date, question.doses_ug) == (date(2024, 1, 5), [4_000, 12_000])
    assert [each.decision.reasons[0].code for each in outcome.reviews] == ["same_day_doses"]


def test_an_episode_runs_from_the_first_day_to_the_last(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, a_trial(tmp_path / "trial"))

    moves = db.session.execute(
        sa.select(CareTransition.service_date, CareTransition.to_state)
        .where(CareTransition.patient_id == participant(17).id)
        .order_by(CareTransition.sequence)
    ).all()
    assert [(day.isoformat(), state.value) for day, state in moves] == [
        ("2024-01-01", "inquiry"),
        ("2024-01-01", "opioid_treatment"),
        ("2024-01-11", "discharged"),
    ]
    assert grouped(Episode.closed_on) == {date(2024, 1, 11): 1, date(2024, 1, 8): 1}


def test_visits_keep_their_four_states_and_their_missing_days(
    work_as: WorkAs, tmp_path: Path
) -> None:
    taken_in(work_as, a_trial(tmp_path / "trial"))

    assert grouped(PastVisit.disposition) == {
        Disposition.VISIT: 1,
        Disposition.NO_VISIT: 1,
        Disposition.MISSING: 1,
        Disposition.BLANK: 1,
        Disposition.FINAL: 1,
    }
    assert grouped(PastVisit.service_date)[None] == 3


def test_a_sample_without_a_day_is_left_out_and_said(work_as: WorkAs, tmp_path: Path) -> None:
    outcome = taken_in(work_as, a_trial(tmp_path / "trial"))

    assert outcome.figures["left_out"] == {"urine_without_a_day": 1, "withdrawal_bands": 1}
    assert grouped(Specimen.note) == {"Other: Alcohol": 1, "Temperature out of range": 1}
    assert grouped(Result.reading, Result.analyte == Analyte.OPIATES) == {
        Reading.POSITIVE: 1,
        Reading.NEGATIVE: 1,
    }


def test_the_same_again_changes_nothing(work_as: WorkAs, tmp_path: Path) -> None:
    folder = a_trial(tmp_path / "trial")
    first = taken_in(work_as, folder)
    again = taken_in(work_as, folder)

    assert sum(again.added.values()) == 0
    assert again.unchanged == first.added


def test_a_person_added_later_is_all_that_is_added(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, a_trial(tmp_path / "trial"))
    grown = a_trial(
        tmp_path / "grown",
        participants="who,project,site_masked,age,is_male\n17,27,4,34,Yes\n18,27,4,,No\n"
        "19,51,9,41,No\n20,30,4,50,Yes\n",
    )
    outcome = taken_in(work_as, grown)

    assert outcome.tallies["patients"] == Tally(added=1, unchanged=3)
    assert outcome.tallies["doses"] == Tally(unchanged=4)


def test_a_dose_told_differently_is_noted_and_kept_as_it_was(
    work_as: WorkAs, tmp_path: Path
) -> None:
    taken_in(work_as, a_trial(tmp_path / "trial"))
    other = a_trial(tmp_path / "other", dosing="who,amount,when\n17,35,0\n")
    outcome = taken_in(work_as, other)

    assert [warning.code for warning in outcome.warnings] == ["dose_differs"]
    assert 35_000 not in grouped(Dose.dose_ug)


def test_another_day_zero_is_refused(work_as: WorkAs, tmp_path: Path) -> None:
    folder = a_trial(tmp_path / "trial")
    taken_in(work_as, folder)

    with pytest.raises(Refused, match="study day 0 on 2024-01-01"):
        taken_in(work_as, folder, day_zero=date(2024, 1, 8))


def test_a_history_that_reaches_into_the_future_is_refused(work_as: WorkAs, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="11 Mar 2026, which is yet to come"):
        taken_in(work_as, a_trial(tmp_path / "trial"), day_zero=date(2026, 3, 2))


def test_a_failure_half_way_leaves_nothing(work_as: WorkAs, tmp_path: Path) -> None:
    history = trial_history.read_folder(a_trial(tmp_path / "trial"), day_zero=MONDAY)
    with pytest.raises(MachineGone), work_as(cast.ADA) as work:
        import_then_fail(work, history)

    for model in (Patient, Episode, Dose, PastVisit, Specimen, Result):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


def test_the_whole_set(work_as: WorkAs, shared_data: Path) -> None:
    first = taken_in(work_as, shared_data / "ctn0094")

    figures = first.figures
    assert (figures["people"], figures["people_with_doses"]) == (300, 273)
    assert (figures["dose_rows"], figures["person_days"]) == (30_012, 30_010)
    assert figures["dose_rows_by_medication"]["methadone"] == 19_097
    assert figures["methadone_total_mg"] == "1577272"
    assert figures["methadone_attendance_percent"] == "89.76"
    assert (figures["doses_over_200_mg"], figures["gaps_of_5_days"]) == (68, 42)
    assert figures["show_rate_percent"] == "87.97"
    assert (figures["visits_undated"], figures["visit_reasons"]["no_show"]) == (1_220, 264)
    assert figures["urine_collected"] == 4_804
    assert sum(figures["urine_positives"].values()) == 5_544
    assert (first.added["patients"], first.added["doses"]) == (300, 30_008)
    assert first.added["dose_questions"] == 2
    assert grouped(PastVisit.disposition) == {
        Disposition.VISIT: 5_190,
        Disposition.NO_VISIT: 710,
        Disposition.MISSING: 520,
        Disposition.BLANK: 71,
        Disposition.FINAL: 3,
    }
    assert grouped(Result.reading, Result.analyte == Analyte.OPIATES)[Reading.POSITIVE] == 1_810
    assert grouped(Result.reading, Result.analyte == Analyte.COCAINE) == {
        Reading.POSITIVE: 1_392,
        Reading.NEGATIVE: 3_411,
    }
    methadone_ug = sa.select(sa.func.sum(Dose.dose_ug)).where(
        Dose.medication == Medication.METHADONE
    )
    asked_ug = sum(
        sum(question.doses_ug)
        for question in db.session.scalars(sa.select(DoseQuestion))
        if question.medication is Medication.METHADONE
    )
    assert (db.session.scalar(methadone_ug) or 0) + asked_ug == 1_577_272_000

    again = taken_in(work_as, shared_data / "ctn0094")

    assert sum(again.added.values()) == 0
    assert again.unchanged == first.added

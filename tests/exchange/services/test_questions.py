"""A day with two dose rows is settled by a person, once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.db import db
from clinic.dosing.facts import DoseOrigin
from clinic.dosing.models import Dose
from clinic.exchange import queries
from clinic.exchange.queries import OpenQuestion
from clinic.exchange.readers import trial_history
from clinic.exchange.services import import_trial, settle_question
from tests import cast
from tests.conftest import WorkAs
from tests.exchange.builders import a_trial

ASKED_DAY = date(2024, 1, 5)


@pytest.fixture
def asked(work_as: WorkAs, tmp_path: Path) -> OpenQuestion:
    """4 mg and 12 mg on one day."""
    history = trial_history.read_folder(a_trial(tmp_path / "trial"), day_zero=date(2024, 1, 1))
    with work_as(cast.ADA) as work:
        import_trial(work, history=history)
        [question] = queries.questions(work)
    return question


def doses_of_the_day() -> list[tuple[int, DoseOrigin]]:
    rows = db.session.execute(
        sa.select(Dose.dose_ug, Dose.origin).where(Dose.service_date == ASKED_DAY)
    )
    return [(dose_ug, origin) for dose_ug, origin in rows]


@pytest.mark.parametrize("dose_ug", [4_000, 12_000, 16_000])
def test_one_of_the_rows_or_their_sum_becomes_the_dose(
    work_as: WorkAs, asked: OpenQuestion, dose_ug: int
) -> None:
    with work_as(cast.PIA) as work:
        settle_question(work, question_id=asked.id, version=asked.version, dose_ug=dose_ug)
        left = queries.questions(work)

    assert doses_of_the_day() == [(dose_ug, DoseOrigin.HISTORY)]
    assert left == []


def test_none_of_them_becomes_no_dose(work_as: WorkAs, asked: OpenQuestion) -> None:
    with work_as(cast.PIA) as work:
        settle_question(work, question_id=asked.id, version=asked.version, dose_ug=None)

    assert doses_of_the_day() == []


def test_an_amount_nobody_recorded_is_refused(work_as: WorkAs, asked: OpenQuestion) -> None:
    with pytest.raises(Refused), work_as(cast.PIA) as work:
        settle_question(work, question_id=asked.id, version=asked.version, dose_ug=8_000)


def test_it_is_settled_once(work_as: WorkAs, asked: OpenQuestion) -> None:
    with work_as(cast.PIA) as work:
        settle_question(work, question_id=asked.id, version=asked.version, dose_ug=4_000)
    with pytest.raises(Clash), work_as(cast.PIA) as work:
        settle_question(work, question_id=asked.id, version=asked.version, dose_ug=12_000)

    assert doses_of_the_day() == [(4_000, DoseOrigin.HISTORY)]


def test_another_site_knows_of_no_such_question(work_as: WorkAs, asked: OpenQuestion) -> None:
    with pytest.raises(NotFound), work_as(cast.OLGA) as work:
        settle_question(work, question_id=asked.id, version=asked.version, dose_ug=None)

"""Counselor, unit and priority of an episode: changed on screen, and what held before is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Refused
from clinic.data.work import Work
from clinic.programs import queries, services
from clinic.programs.facts import Particulars
from clinic.programs.models import EpisodeParticulars
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission

HARBOR = Particulars(unit="Harbor House", pregnant=True)


@pytest.fixture
def episode_id(work_as: WorkAs) -> UUID:
    with work_as(cast.FRANK) as work:
        patient_id = a_patient(work, family_name="Ash")
    with work_as(cast.PIA) as work:
        return an_admission(work, patient_id=patient_id)


def change(work: Work, episode_id: UUID, to: Particulars, *, seen: int) -> None:
    services.change_particulars(work, episode_id=episode_id, to=to, expected_sequence=seen)


def test_what_held_before_stays_on_record(work_as: WorkAs, episode_id: UUID) -> None:
    with work_as(cast.PIA) as work:
        change(work, episode_id, HARBOR, seen=0)
        now = queries.particulars(work, episode_id=episode_id)
        kept = work.session.execute(
            sa.select(EpisodeParticulars.sequence, EpisodeParticulars.unit).order_by(
                EpisodeParticulars.sequence
            )
        ).all()

    assert now[:2] == (2, HARBOR)
    assert [tuple(row) for row in kept] == [(1, ""), (2, "Harbor House")]
    with work_as(cast.PIA) as work:
        assert queries.episode(work, episode_id=episode_id).pregnant


def test_who_saw_an_older_state_is_told(work_as: WorkAs, episode_id: UUID) -> None:
    with work_as(cast.PIA) as work:
        change(work, episode_id, HARBOR, seen=0)
    with pytest.raises(Clash), work_as(cast.PIA) as work:
        change(work, episode_id, Particulars(), seen=0)


def test_no_change_writes_nothing(work_as: WorkAs, episode_id: UUID) -> None:
    with work_as(cast.PIA) as work:
        change(work, episode_id, queries.particulars(work, episode_id=episode_id)[1], seen=0)
        assert queries.particulars(work, episode_id=episode_id)[0] == 0


@pytest.mark.parametrize("hours", [1, -24 * 400])
def test_neither_ahead_nor_before_treatment_was_asked_for(
    work_as: WorkAs, episode_id: UUID, hours: int
) -> None:
    with pytest.raises(Refused), work_as(cast.PIA) as work:
        services.change_particulars(
            work,
            episode_id=episode_id,
            to=HARBOR,
            expected_sequence=0,
            occurred_at=work.now + timedelta(hours=hours),
        )


def test_a_change_can_neither_be_altered_nor_removed(work_as: WorkAs, episode_id: UUID) -> None:
    with work_as(cast.PIA) as work:
        change(work, episode_id, HARBOR, seen=0)
    with pytest.raises(Clash, match="recorded fact"), work_as(cast.PIA) as work:
        work.session.execute(sa.update(EpisodeParticulars).values(unit="Elsewhere"))


def test_the_counselor_is_changed_on_the_page(sign_in: SignIn, episode_id: UUID) -> None:
    client = sign_in(cast.PIA)
    address = f"/episodes/{episode_id}/particulars"
    shown = client.get(address)
    option = re.search(r'<option value="([0-9a-f-]{36})">', shown.text)
    assert option is not None

    answer = client.post(
        address, data={"expected_sequence": "0", "counselor": option[1], "unit": "Main"}
    )
    stranger = client.post(
        address, data={"expected_sequence": "2", "counselor": str(cast.NORA.id), "unit": ""}
    )

    assert answer.status_code == 303
    assert "Main" in client.get(answer.location).text
    assert stranger.status_code == 422
    assert sign_in(cast.INGRID).get(address).status_code == 403

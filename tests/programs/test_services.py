"""Referral to readmission: every move appended, attributed, in turn, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.events import Fact
from clinic.data.db import db
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.programs import queries, services
from clinic.programs.facts import (
    Admitted,
    CareState,
    Discharged,
    DischargeReason,
    MedicationState,
    ReferralSource,
)
from clinic.programs.models import CareTransition, Episode
from tests import cast
from tests.conftest import Clinic, WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import a_referral, an_admission, moved

S = CareState
YESTERDAY = cast.NOW - timedelta(days=1)


def states(work: Work, episode_id: UUID) -> list[tuple[CareState | None, CareState]]:
    return [
        (move.from_state, move.to_state)
        for move in queries.transitions(work, episode_id=episode_id)
    ]


def heard(work: Work) -> list[Fact]:
    facts: list[Fact] = []

    def listen(_work: Work, fact: Any) -> None:
        facts.append(fact)

    work.reactions = {Admitted: [listen], Discharged: [listen]}
    return facts


def test_from_referral_to_readmission(work: Work) -> None:
    patient_id = a_patient(work)
    first = a_referral(work, patient_id=patient_id)
    for state in (S.WAITLIST, S.WITHDRAWAL_MANAGEMENT, S.OPIOID_TREATMENT):
        moved(work, episode_id=first, to_state=state)
    moved(work, episode_id=first, to_state=S.RESIDENTIAL_HIGH, planned_days=30)
    moved(work, episode_id=first, to_state=S.AFTERCARE)
    moved(
        work,
        episode_id=first,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.COMPLETED,
    )
    again = a_referral(work, patient_id=patient_id)

    assert states(work, first) == [
        (None, S.INQUIRY),
        (S.INQUIRY, S.WAITLIST),
        (S.WAITLIST, S.WITHDRAWAL_MANAGEMENT),
        (S.WITHDRAWAL_MANAGEMENT, S.OPIOID_TREATMENT),
        (S.OPIOID_TREATMENT, S.RESIDENTIAL_HIGH),
        (S.RESIDENTIAL_HIGH, S.AFTERCARE),
        (S.AFTERCARE, S.DISCHARGED),
    ]
    assert queries.episode(work, episode_id=first).closed_on == date(2026, 3, 3)
    readmitted = queries.open_episode(work, patient_id=patient_id)
    assert readmitted is not None
    assert (readmitted.id, readmitted.number, readmitted.state) == (again, 2, S.INQUIRY)


def test_a_move_is_attributed_and_stands_on_the_sites_day(work_as: WorkAs) -> None:
    late = datetime(2026, 3, 4, 3, 30, tzinfo=UTC)  # 22:30 on 3 March in New York
    with work_as(cast.PIA, now=late) as work:
        episode_id = an_admission(work)
        last = work.session.scalars(
            sa.select(CareTransition).order_by(CareTransition.sequence.desc())
        ).first()

        assert last is not None
        assert last.episode_id == episode_id
        assert last.service_date == date(2026, 3, 3)
        assert (last.time_zone, last.recorded_by_name) == ("America/New_York", "Pia Prescriber")


def test_admission_and_discharge_are_announced_once(work: Work) -> None:
    patient_id = a_patient(work)
    facts = heard(work)
    episode_id = a_referral(work, patient_id=patient_id, requested_at=YESTERDAY)
    moved(work, episode_id=episode_id, to_state=S.INTERIM, occurred_at=YESTERDAY)
    assert facts == []
    moved(work, episode_id=episode_id, to_state=S.OPIOID_TREATMENT, occurred_at=YESTERDAY)
    moved(work, episode_id=episode_id, to_state=S.OUTPATIENT)
    moved(
        work,
        episode_id=episode_id,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.TRANSFERRED,
    )

    assert facts == [
        Admitted(episode_id, patient_id, date(2026, 3, 2)),
        Discharged(episode_id, patient_id, date(2026, 3, 3), DischargeReason.TRANSFERRED),
    ]


def test_a_second_open_episode_is_a_clash(work: Work) -> None:
    patient_id = a_patient(work)
    a_referral(work, patient_id=patient_id)

    with pytest.raises(Clash, match="open episode"):
        a_referral(work, patient_id=patient_id)


def test_the_schema_itself_allows_one_open_episode(work: Work) -> None:
    patient_id = a_patient(work)
    a_referral(work, patient_id=patient_id)
    second = Episode(
        site_id=work.site.id,
        patient_id=patient_id,
        number=2,
        requested_at=work.now,
        referral_source=ReferralSource.SELF,
        recorded_at=work.now,
        recorded_by_name="around the rule",
    )

    with pytest.raises(IntegrityError), work.session.begin_nested():
        work.session.add(second)


def test_another_site_may_have_its_own_episode_and_sees_no_other(work_as: WorkAs) -> None:
    with work_as(cast.PIA) as work:
        patient_id = a_patient(work)
        north = an_admission(work, patient_id=patient_id)
    with work_as(cast.OLGA) as work:
        assert queries.open_episode(work, patient_id=patient_id) is None
        assert queries.history(work, patient_id=patient_id) == []
        with pytest.raises(NotFound):
            queries.episode(work, episode_id=north)
        with pytest.raises(NotFound):
            queries.transitions(work, episode_id=north)
        with pytest.raises(NotFound):
            services.move(work, episode_id=north, to_state=S.OUTPATIENT, expected_sequence=2)
        south = a_referral(work, patient_id=patient_id)
        assert queries.episode(work, episode_id=south).number == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"requested_at": cast.NOW + timedelta(seconds=1)}, "once it has been made"),
        ({"requested_at": YESTERDAY - timedelta(days=1)}, "earlier episode"),
    ],
)
def test_a_request_has_its_time(work: Work, change: dict[str, Any], reason: str) -> None:
    patient_id = a_patient(work)
    episode_id = a_referral(work, patient_id=patient_id, requested_at=YESTERDAY)
    moved(
        work,
        episode_id=episode_id,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.TRANSFERRED,
        occurred_at=YESTERDAY,
    )

    with pytest.raises(Refused, match=reason):
        a_referral(work, patient_id=patient_id, **change)


def test_a_move_that_breaks_a_rule_leaves_nothing(work: Work) -> None:
    episode_id = an_admission(work)
    for refused in (
        {"to_state": S.WAITLIST},
        {"to_state": S.RESIDENTIAL_HIGH, "planned_days": 10},
        {"to_state": S.OUTPATIENT, "occurred_at": YESTERDAY},
        {"to_state": S.OUTPATIENT, "occurred_at": cast.NOW + timedelta(minutes=1)},
        {"to_state": S.DISCHARGED},
    ):
        with pytest.raises(Refused):
            moved(work, episode_id=episode_id, **refused)

    assert queries.episode(work, episode_id=episode_id).sequence == 2


def test_who_saw_an_older_state_is_told(work: Work) -> None:
    episode_id = an_admission(work)

    with pytest.raises(Clash, match="a moment ago"):
        services.move(work, episode_id=episode_id, to_state=S.OUTPATIENT, expected_sequence=1)


def test_nothing_follows_a_discharge(work: Work) -> None:
    episode_id = an_admission(work)
    moved(
        work,
        episode_id=episode_id,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.COMPLETED,
    )

    with pytest.raises(Refused, match="begins a new episode"):
        moved(work, episode_id=episode_id, to_state=S.OUTPATIENT)


def test_death_is_noted_with_the_patient_and_ends_readmission(work: Work) -> None:
    patient_id = a_patient(work)
    episode_id = an_admission(
        work, patient_id=patient_id, requested_at=YESTERDAY, occurred_at=YESTERDAY
    )
    moved(
        work,
        episode_id=episode_id,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.DIED,
        occurred_at=YESTERDAY,
    )
    work.session.flush()

    assert patients.get(work, patient_id=patient_id).deceased_on == date(2026, 3, 2)
    with pytest.raises(Refused, match="died"):
        a_referral(work, patient_id=patient_id)


def test_the_schema_itself_wants_a_reason_for_a_discharge(work: Work) -> None:
    episode_id = an_admission(work)
    around = CareTransition(
        site_id=work.site.id,
        episode_id=episode_id,
        patient_id=queries.episode(work, episode_id=episode_id).patient_id,
        sequence=3,
        from_state=S.OPIOID_TREATMENT,
        to_state=S.DISCHARGED,
        occurred_at=work.now,
        service_date=work.service_date,
        time_zone=work.site.time_zone,
        recorded_at=work.now,
        recorded_by_name="around the rule",
    )

    with pytest.raises(IntegrityError), work.session.begin_nested():
        work.session.add(around)


def test_a_recorded_move_cannot_be_changed(work: Work) -> None:
    an_admission(work)

    with pytest.raises(IntegrityError), work.session.begin_nested():
        work.session.execute(sa.update(CareTransition).values(note="rewritten"))


def test_medication_is_an_axis_of_its_own(work: Work) -> None:
    patient_id = a_patient(work)
    episode_id = an_admission(work, patient_id=patient_id)
    services.set_medication(work, patient_id=patient_id, to=MedicationState.METHADONE)
    services.set_medication(work, patient_id=patient_id, to=MedicationState.METHADONE)
    services.set_medication(work, patient_id=patient_id, to=MedicationState.BUPRENORPHINE)

    here = queries.open_episode(work, patient_id=patient_id)
    assert here is not None
    assert (here.state, here.medication) == (S.OPIOID_TREATMENT, MedicationState.BUPRENORPHINE)

    moved(
        work,
        episode_id=episode_id,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.TRANSFERRED,
    )
    services.set_medication(work, patient_id=patient_id, to=MedicationState.NONE)
    assert queries.episode(work, episode_id=episode_id).medication is MedicationState.NONE


def test_medication_begins_only_in_care(work: Work) -> None:
    patient_id = a_patient(work)
    with pytest.raises(Refused, match="no open episode"):
        services.set_medication(work, patient_id=patient_id, to=MedicationState.METHADONE)
    episode_id = a_referral(work, patient_id=patient_id)
    with pytest.raises(Refused, match="not been admitted"):
        services.set_medication(work, patient_id=patient_id, to=MedicationState.METHADONE)
    moved(work, episode_id=episode_id, to_state=S.INTERIM)
    services.set_medication(work, patient_id=patient_id, to=MedicationState.METHADONE)


def test_unknown_patients_and_episodes_are_not_found(work: Work) -> None:
    with pytest.raises(NotFound):
        a_referral(work, patient_id=uuid4())
    with pytest.raises(NotFound):
        services.set_medication(work, patient_id=uuid4(), to=MedicationState.METHADONE)
    with pytest.raises(NotFound):
        services.move(work, episode_id=uuid4(), to_state=S.OUTPATIENT, expected_sequence=1)


def test_of_people_who_move_one_patient_at_once_one_succeeds(
    clinic: Clinic, work_as: WorkAs
) -> None:
    with work_as(cast.PIA) as work:
        episode_id = an_admission(work)
    targets = (S.OUTPATIENT, S.AFTERCARE, S.INTENSIVE_OUTPATIENT, S.DISCHARGED)
    together = Barrier(len(targets))
    outcomes: list[str] = []

    def move(to_state: CareState) -> None:
        leaves = to_state is S.DISCHARGED
        with clinic.app.app_context():
            together.wait()
            try:
                with work_as(cast.PIA) as work:
                    services.move(
                        work,
                        episode_id=episode_id,
                        to_state=to_state,
                        expected_sequence=2,
                        discharge_reason=DischargeReason.TRANSFERRED if leaves else None,
                    )
                outcomes.append("moved")
            except Clash as clash:
                outcomes.append(str(clash))
            finally:
                db.session.remove()

    people = [Thread(target=move, args=(state,)) for state in targets]
    for one in people:
        one.start()
    for one in people:
        one.join()

    told = "Somebody moved this patient a moment ago. Look again."
    assert sorted(outcomes) == [told, told, told, "moved"]
    assert db.session.scalar(sa.select(sa.func.max(CareTransition.sequence))) == 3


def test_two_referrals_at_once_open_one_episode(clinic: Clinic, work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = a_patient(work)
    together = Barrier(2)
    outcomes: list[str] = []

    def refer() -> None:
        with clinic.app.app_context():
            together.wait()
            try:
                with work_as(cast.FRANK) as work:
                    a_referral(work, patient_id=patient_id)
                outcomes.append("referred")
            except Clash:
                outcomes.append("told")
            finally:
                db.session.remove()

    desks = [Thread(target=refer) for _ in range(2)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()

    assert sorted(outcomes) == ["referred", "told"]

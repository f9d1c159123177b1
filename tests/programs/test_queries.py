"""Where patients stand, how the pathway is drawn, and who waits in which order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.programs import queries, services
from clinic.programs.facts import (
    Bar,
    Capacity,
    CareState,
    DischargeReason,
    Mark,
    MedicationState,
    Priority,
)
from clinic.sites.models import Site
from tests import cast
from tests.conftest import WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import a_referral, an_admission, moved

S = CareState


def days_ago(days: int) -> datetime:
    return cast.NOW - timedelta(days=days)


@pytest.fixture
def patient_id(work: Work) -> UUID:
    """Asked 20 days ago, admitted 15 ago, in rehabilitation since 5 days, on methadone today."""
    patient_id = a_patient(work)
    episode_id = an_admission(
        work, patient_id=patient_id, requested_at=days_ago(20), occurred_at=days_ago(15)
    )
    moved(
        work,
        episode_id=episode_id,
        to_state=S.RESIDENTIAL_HIGH,
        planned_days=60,
        occurred_at=days_ago(5),
        note="Needs a place to stay.",
    )
    services.set_medication(work, patient_id=patient_id, to=MedicationState.METHADONE)
    return patient_id


def test_where_a_patient_stands(work: Work, patient_id: UUID) -> None:
    here = queries.open_episode(work, patient_id=patient_id)

    assert here is not None
    assert (here.state, here.came_from) == (S.RESIDENTIAL_HIGH, S.OPIOID_TREATMENT)
    assert (here.admitted_on, here.since) == (date(2026, 2, 16), date(2026, 2, 26))
    assert (here.planned_days, here.sequence) == (60, 3)
    assert here.medication is MedicationState.METHADONE


def test_the_banner_says_level_of_care_and_medication(work: Work, patient_id: UUID) -> None:
    banner = queries.chart_banner(work, patient_id=patient_id)

    assert banner.level_of_care == "Inpatient rehabilitation (3.5)"
    assert banner.medication == "Methadone"


def test_somebody_never_referred_has_a_bare_banner(work: Work) -> None:
    banner = queries.chart_banner(work, patient_id=a_patient(work))

    assert (banner.level_of_care, banner.medication) == (None, None)


def test_the_pathway_draws_two_axes(work: Work, patient_id: UUID) -> None:
    pathway = queries.pathway(work, patient_id=patient_id)

    care, medication = pathway.lanes
    assert care.bars == (
        Bar("Inquiry", "neutral", date(2026, 2, 11), date(2026, 2, 16)),
        Bar("Opioid treatment program", "ok", date(2026, 2, 16), date(2026, 2, 26)),
        Bar("Inpatient rehabilitation (3.5)", "info", date(2026, 2, 26), None),
    )
    assert medication.bars == (Bar("Methadone", "ok", date(2026, 3, 3), None),)
    assert pathway.marks == (Mark(date(2026, 2, 16), "Admitted", "ok"),)
    assert (pathway.start, pathway.end) == (date(2026, 2, 4), date(2026, 3, 10))


def test_a_state_of_less_than_a_day_is_not_drawn(work: Work) -> None:
    patient_id = a_patient(work)
    an_admission(work, patient_id=patient_id, through=[S.WAITLIST])

    care = queries.pathway(work, patient_id=patient_id).lanes[0]
    assert [bar.label for bar in care.bars] == ["Opioid treatment program"]


def test_a_backdated_discharge_ends_every_bar(work: Work, patient_id: UUID) -> None:
    here = queries.open_episode(work, patient_id=patient_id)
    assert here is not None
    moved(
        work,
        episode_id=here.id,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.LEFT_AGAINST_ADVICE,
        occurred_at=days_ago(2),
    )

    care, medication = queries.pathway(work, patient_id=patient_id).lanes
    assert care.bars[-1].until == date(2026, 3, 1)
    assert medication.bars == ()


def test_open_episodes_of_many_take_one_statement(work: Work, patient_id: UUID) -> None:
    others = [a_patient(work) for _ in range(3)]
    an_admission(work, patient_id=others[0])
    work.session.flush()
    statements: list[str] = []
    sa.event.listen(
        work.session.get_bind(),
        "before_cursor_execute",
        lambda *args: statements.append(args[2]),
    )

    found = queries.open_episodes(work, patient_ids=[patient_id, *others])

    assert {one: found[one].state for one in found} == {
        patient_id: S.RESIDENTIAL_HIGH,
        others[0]: S.OPIOID_TREATMENT,
    }
    assert len(statements) == 1


def test_the_waitlist_is_in_the_order_of_admission(work: Work) -> None:
    plain = a_referral(work, requested_at=days_ago(30))
    injects = a_referral(work, requested_at=days_ago(3), injects=True)
    injects_longer = a_referral(work, requested_at=days_ago(10), injects=True)
    pregnant = a_referral(work, requested_at=days_ago(1), pregnant=True)
    both = a_referral(work, requested_at=days_ago(0), pregnant=True, injects=True)
    moved(work, episode_id=plain, to_state=S.WAITLIST)
    an_admission(work)

    waiting = queries.waitlist(work)

    assert [one.episode_id for one in waiting] == [both, pregnant, injects_longer, injects, plain]
    assert [one.priority for one in waiting] == [
        Priority.PREGNANT_INJECTING,
        Priority.PREGNANT,
        Priority.INJECTING,
        Priority.INJECTING,
        Priority.OTHER,
    ]
    assert [one.days_waiting for one in waiting] == [0, 1, 10, 3, 30]


def test_clocks_run_while_the_program_is_full(work: Work) -> None:
    work.session.execute(sa.update(Site).where(Site.id == work.site.id).values(capacity=1))
    an_admission(work)
    waits = a_referral(work, requested_at=days_ago(3), injects=True)

    before = queries.waitlist(work)[0]
    assert before.admit_by == date(2026, 3, 14)
    assert before.interim_services_by == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
    assert before.overdue

    moved(work, episode_id=waits, to_state=S.INTERIM)
    served = queries.waitlist(work)[0]
    assert (served.admit_by, served.interim_services_by) == (date(2026, 6, 28), None)
    assert not served.overdue


def test_capacity_counts_those_in_care(work: Work) -> None:
    a_referral(work)
    episode_id = an_admission(work)
    an_admission(work, to_state=S.AFTERCARE)
    assert queries.capacity(work) == Capacity(2, 250)

    moved(
        work,
        episode_id=episode_id,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.COMPLETED,
    )
    assert queries.capacity(work) == Capacity(1, 250)


def test_the_admission_of_somebody_else_names_who_goes_first(work: Work) -> None:
    a_referral(work, pregnant=True)
    plain = queries.episode(work, episode_id=a_referral(work))

    assert queries.standing(work, episode=plain).ahead == 1


def test_history_spans_episodes_latest_first(work: Work) -> None:
    patient_id = a_patient(work)
    first = an_admission(work, patient_id=patient_id)
    moved(
        work,
        episode_id=first,
        to_state=S.DISCHARGED,
        discharge_reason=DischargeReason.COMPLETED,
    )
    a_referral(work, patient_id=patient_id)

    found = queries.history(work, patient_id=patient_id)
    assert [(one.episode_number, one.to_state) for one in found] == [
        (2, S.INQUIRY),
        (1, S.DISCHARGED),
        (1, S.OPIOID_TREATMENT),
        (1, S.INQUIRY),
    ]


def test_a_patient_of_another_site_shows_name_but_no_care(work_as: WorkAs) -> None:
    with work_as(cast.PIA) as work:
        patient_id = a_patient(work)
        an_admission(work, patient_id=patient_id)
    with work_as(cast.OLGA) as work:
        assert patients.names(work, patient_ids=[patient_id])
        assert queries.chart_banner(work, patient_id=patient_id).level_of_care is None
        assert queries.waitlist(work) == []

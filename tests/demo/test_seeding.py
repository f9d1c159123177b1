from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from clinic.core.actors import Actor
from clinic.core.decision import Verdict
from clinic.core.errors import Refused
from clinic.data.work import Work, unit_of_reading, unit_of_work
from clinic.demo.house import House
from clinic.demo.rows import Rows
from clinic.demo.seeding import Size, build, seed_demo, seed_if_empty
from clinic.dosing import queries as dosing
from clinic.dosing.facts import Place
from clinic.dosing.models import Dose, MedicationOrder
from clinic.patients.models import Patient
from clinic.portal.models import PortalAccess
from clinic.programs.models import CareTransition, Episode
from clinic.rewards import queries as rewards
from clinic.rewards.models import RewardVisit
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.models import AttendanceEvent, Booking
from clinic.scheduling.models import Session as BookedSession
from clinic.stock.facts import Form, StockMovementKind
from clinic.stock.models import StockBottle, StockMovement
from clinic.stock.queries.bottles import CHANGE
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.models import Course, ModalityReferral
from tests import cast
from tests.conftest import Clinic

SMALL = Size(patients=12, days=30, seed=4)
ACTOR = Actor.system("tests")


@pytest.fixture(scope="module")
def built() -> tuple[House, Rows]:
    return build(SMALL, now=cast.NOW, password_hash="nobody signs in here")


@pytest.fixture
def planted(clinic: Clinic, built: tuple[House, Rows]) -> House:
    """A small demo written beside the clinic of the tests."""
    house, rows = built
    site = house.sites[0].clock
    with unit_of_work(actor=ACTOR, now=clinic.clock.now, site=site, reactions={}) as work:
        rows.write(work.session)
    return house


@pytest.fixture
def reading(planted: House) -> Work:
    with unit_of_reading(actor=ACTOR, now=cast.NOW, site=planted.sites[0].clock) as work:
        return work


def test_every_row_gets_past_the_walls(reading: Work, built: tuple[House, Rows]) -> None:
    counts = built[1].counts()
    for model in (Dose, StockMovement, Booking, AttendanceEvent, CareTransition):
        written = reading.session.scalar(sa.select(sa.func.count()).select_from(model))
        assert written == counts[model.__tablename__]
        assert written > 10


def test_the_ledger_balances(reading: Work) -> None:
    books = rewards.trial_balance(reading)
    assert books.is_balanced
    assert len(books.accounts) >= 2


def test_every_bottle_holds_what_its_movements_say(reading: Work) -> None:
    moved = {
        bottle_id: int(change)
        for bottle_id, change in reading.session.execute(
            sa.select(StockMovement.bottle_id, sa.func.sum(CHANGE)).group_by(
                StockMovement.bottle_id
            )
        )
    }
    bottles = reading.session.scalars(sa.select(StockBottle)).all()
    assert bottles
    assert {bottle.id: bottle.balance for bottle in bottles} == moved


def test_what_left_the_bottles_is_what_was_drunk(reading: Work) -> None:
    drunk = reading.session.scalar(sa.select(sa.func.sum(Dose.volume_ul)))
    left = reading.session.scalar(
        sa.select(sa.func.sum(CHANGE))
        .join(StockBottle, StockBottle.id == StockMovement.bottle_id)
        .where(
            StockMovement.kind == StockMovementKind.DOSE, StockBottle.form == Form.ORAL_CONCENTRATE
        )
    )
    assert drunk
    assert left == -drunk


def test_no_dose_without_an_order_that_covers_it(reading: Work) -> None:
    astray = reading.session.scalar(
        sa.select(sa.func.count())
        .select_from(Dose)
        .join(MedicationOrder, MedicationOrder.id == Dose.order_id)
        .where(
            (Dose.service_date < MedicationOrder.starts_on)
            | (Dose.service_date >= MedicationOrder.ends_on)
            | (Dose.occurred_at < MedicationOrder.recorded_at)
            | (Dose.dose_ug != MedicationOrder.dose_ug)
        )
    )
    assert astray == 0


def test_an_open_episode_stands_in_one_state_and_a_closed_one_in_discharge(
    session: Session,
) -> None:
    last = (
        sa.select(CareTransition.to_state)
        .where(CareTransition.episode_id == Episode.id)
        .order_by(CareTransition.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(sa.select(Episode.closed_on, last)).all()
    assert len(rows) >= SMALL.patients
    assert all((closed_on is not None) == (state == "discharged") for closed_on, state in rows)


@pytest.fixture
def session(reading: Work) -> Session:
    return reading.session


def test_every_treatment_that_can_be_scheduled_is_scheduled(session: Session) -> None:
    with_sessions = {code for code, each in CATALOGUE.items() if each.phases}
    assert len(with_sessions) == 17
    assert set(session.scalars(sa.select(BookedSession.modality).distinct())) == with_sessions
    assert set(session.scalars(sa.select(Course.modality).distinct())) == with_sessions | {
        "inpatient_rehabilitation"
    }


def test_what_is_research_only_is_referred(session: Session) -> None:
    assert set(session.scalars(sa.select(ModalityReferral.modality))) == {"gene_therapy"}


def test_no_course_began_against_its_gates(session: Session) -> None:
    decisions = session.scalars(sa.select(Course.decision)).all()
    assert {decision["verdict"] for decision in decisions} <= {"go", "ask"}


def test_the_window_has_a_case_of_every_verdict(reading: Work) -> None:
    queue = dosing.queue(reading, day=reading.service_date)
    assert {row.decision.verdict for row in queue.rows} == set(Verdict)
    codes = Counter(reason.code for row in queue.rows for reason in row.decision.reasons)
    assert codes["hold"] == 1
    assert codes["missed_doses"] >= 1
    assert codes["nurse_assessment"] >= 1
    assert codes["order_ends"] >= 1
    assert queue.count(Place.DOSED) >= 1
    assert queue.left >= 1


def test_nothing_has_happened_after_now(session: Session) -> None:
    for model in (Dose, CareTransition, AttendanceEvent, RewardVisit):
        latest = session.scalar(sa.select(sa.func.max(model.occurred_at)))
        assert latest is not None
        assert latest <= cast.NOW


def test_a_booking_says_what_its_last_step_said(session: Session) -> None:
    last = (
        sa.select(AttendanceEvent.status)
        .where(AttendanceEvent.booking_id == Booking.id)
        .order_by(AttendanceEvent.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    for status, step in session.execute(sa.select(Booking.status, last)):
        assert step == (None if status is BookingStatus.BOOKED else status)


def test_the_portal_patient_has_appointments_ahead_and_rewards(reading: Work) -> None:
    patient_id = reading.session.scalars(sa.select(PortalAccess.patient_id)).one()
    ahead = reading.session.scalar(
        sa.select(sa.func.count()).where(
            Booking.patient_id == patient_id, Booking.starts_at > cast.NOW
        )
    )
    assert ahead
    assert rewards.card(reading, patient_id=patient_id).visits


def test_names_with_accents_are_found_by_folded_text(session: Session) -> None:
    texts = session.scalars(sa.select(Patient.search_text)).all()
    assert len(texts) == SMALL.patients
    assert all(text.isascii() for text in texts)


def test_the_same_seed_gives_the_same_clinic_to_the_last_id(built: tuple[House, Rows]) -> None:
    later = cast.NOW + timedelta(minutes=29)
    again = build(SMALL, now=later, password_hash="salted otherwise")[1]
    assert again.digest() == built[1].digest()


def test_another_seed_gives_another_clinic(built: tuple[House, Rows]) -> None:
    other = build(replace(SMALL, seed=5), now=cast.NOW, password_hash="")[1]
    assert other.digest() != built[1].digest()
    assert other.counts()["patient"] == 12


def test_ids_are_uuids_of_version_seven(built: tuple[House, Rows]) -> None:
    for row in built[1].tables["dose"]:
        assert row["id"].version == 7


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 3, 8, 6, 30, tzinfo=UTC),
        datetime(2026, 3, 8, 13, 0, tzinfo=UTC),
        datetime(2026, 11, 1, 15, 0, tzinfo=UTC),
        datetime(2026, 12, 25, 15, 0, tzinfo=UTC),
        datetime(2026, 7, 7, 3, 59, tzinfo=UTC),
    ],
    ids=["the night clocks change", "a Sunday", "the hour twice", "Christmas", "late evening"],
)
def test_nothing_happens_in_the_future_whenever_it_is_seeded(now: datetime) -> None:
    _, rows = build(SMALL, now=now, password_hash="")
    for table in ("dose", "care_transition", "attendance_event", "specimen"):
        assert all(row["occurred_at"] <= now for row in rows.tables[table])


def test_before_the_clinic_opens_nothing_of_today_has_happened() -> None:
    five_in_new_york = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    house, rows = build(SMALL, now=five_in_new_york, password_hash="")
    harbor = house.sites[0]
    assert harbor.today == date(2026, 3, 3)
    here = [row for row in rows.tables["dose"] if row["site_id"] == harbor.clock.id]
    assert max(row["service_date"] for row in here) == date(2026, 3, 2)


def test_a_house_that_is_somebody_s_is_never_touched(clinic: Clinic) -> None:
    with pytest.raises(Refused, match="never mixed"):
        seed_demo(SMALL, now=clinic.clock.now)
    assert seed_if_empty(patients=12, days=30, seed=1) is None


def test_a_demo_house_is_known_again(planted: House) -> None:
    table = seed_if_empty(patients=12, days=30, seed=1)
    assert table is not None
    assert [account.username for account in table.accounts] == [
        "frontdesk",
        "nurse",
        "counselor",
        "prescriber",
        "director",
        "pharmacist",
        "admin",
        "inspector",
        "patient",
    ]
    assert len(table.password) >= 12
    assert planted.sites[0].plan.name == "Harbor Street Clinic"

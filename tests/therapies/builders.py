"""A patient in care and a site that can give TMS and talk, for the courses' tests."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from clinic.data.work import Work
from clinic.patients.facts import Sex
from clinic.programs.facts import CareState, DischargeReason
from clinic.scheduling import services as scheduling
from clinic.scheduling.facts import ResourceKind
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.facts import OnRecord, SafetyScreen, StartFacts
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission, moved

TODAY = date(2026, 3, 3)
NINE = time(9, 0)


def in_care(work: Work, *, name: str = "Ash", born: date = date(1985, 5, 17)) -> tuple[UUID, UUID]:
    """A man admitted today, and his episode."""
    patient = a_patient(work, family_name=name, birth_date=born, sex=Sex.MALE)
    return patient, an_admission(work, patient_id=patient)


def discharged(work: Work, *, episode_id: UUID) -> None:
    moved(
        work,
        episode_id=episode_id,
        to_state=CareState.DISCHARGED,
        discharge_reason=DischargeReason.COMPLETED,
    )


def a_resource(work: Work, *, kind: ResourceKind, name: str, skill: str) -> UUID:
    return scheduling.add_resource(work, kind=kind, name=name, skills=[skill])


def a_tms_suite(work: Work) -> None:
    for kind, name, skill in (
        (ResourceKind.STAFF, "Otto Operator", "tms_operator"),
        (ResourceKind.DEVICE, "Coil 1", "tms_stimulator"),
        (ResourceKind.ROOM, "TMS room", "tms_room"),
    ):
        a_resource(work, kind=kind, name=name, skill=skill)


def a_talking_room(work: Work) -> UUID:
    """A therapist and a room; the room's id."""
    a_resource(work, kind=ResourceKind.STAFF, name="Thea Therapist", skill="psychotherapist")
    return a_resource(work, kind=ResourceKind.ROOM, name="Room 1", skill="counseling_room")


def all_clear(code: str) -> StartFacts:
    """Everything signed and on record, every screen answered no."""
    entry = CATALOGUE[code]
    screens = [gate for gate in entry.gates if isinstance(gate, SafetyScreen)]
    return StartFacts(
        consents=frozenset(form.code for form in entry.consents),
        answers={question.code: False for screen in screens for question in screen.questions},
        on_record=frozenset(gate.item for gate in entry.gates if isinstance(gate, OnRecord)),
    )

"""The treatments' pages, as a counselor uses them."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.data.db import db
from clinic.scheduling.models import Booking
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.models import Course, ModalityReferral
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.therapies.builders import a_talking_room, a_tms_suite, in_care

START = {
    "idempotency_key": "k1",
    "starts_on": "2026-03-03",
    "at": "09:00",
    "setting": "in_person",
    "consent_treatment": "y",
}


@pytest.fixture
def patient(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        found, _ = in_care(work)
        a_talking_room(work)
        a_tms_suite(work)
    return found


def courses() -> list[Course]:
    db.session.rollback()
    found = list(db.session.scalars(sa.select(Course)))
    db.session.rollback()
    return found


class TestCatalogue:
    def test_every_treatment_stands_there_with_its_standing(self, sign_in: SignIn) -> None:
        page = sign_in(cast.INGRID).get("/treatments").text

        assert all(f"/treatments/{code}" in page for code in CATALOGUE)
        for word in ("Established", "Off label", "Investigational", "Research only"):
            assert word in page

    @pytest.mark.parametrize("code", sorted(CATALOGUE))
    def test_each_opens_with_all_its_sources(self, sign_in: SignIn, code: str) -> None:
        page = sign_in(cast.CARL).get(f"/treatments/{code}")

        assert page.status_code == 200
        text = page.text.replace("&#39;", "'").replace("&amp;", "&")
        assert [source for source in CATALOGUE[code].sources if source not in text] == []

    def test_it_exports_and_an_unknown_one_is_not_found(self, sign_in: SignIn) -> None:
        client = sign_in(cast.CARL)

        assert len(client.get("/treatments?format=csv").text.splitlines()) == len(CATALOGUE) + 2
        assert client.get("/treatments/leeches").status_code == 404


class TestStarting:
    def url(self, patient: UUID, code: str = "cbt") -> str:
        return f"/patients/{patient}/treatments/{code}/start"

    def test_the_dates_are_shown_before_anything_is_saved(
        self, sign_in: SignIn, patient: UUID
    ) -> None:
        page = sign_in(cast.CARL).post(self.url(patient), data=START | {"step": "propose"})

        assert page.status_code == 200
        assert "12 of 12 placed, ends 19 May 2026" in page.text
        assert "Thea Therapist" in page.text
        assert "Accept and book" in page.text
        assert courses() == []

    def test_accepted_once_however_often_it_is_sent(self, sign_in: SignIn, patient: UUID) -> None:
        client = sign_in(cast.CARL)
        accept = START | {"step": "accept"}

        answers = [client.post(self.url(patient), data=accept) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert len(courses()) == 1
        page = client.get(f"/patients/{patient}/treatments").text
        assert "12 sessions booked, the last on Tue 19 May 2026" in page
        assert "0 of 12" in page

    def test_a_missing_consent_greys_the_button_and_refuses(
        self, sign_in: SignIn, patient: UUID
    ) -> None:
        client = sign_in(cast.CARL)
        unsigned = {name: value for name, value in START.items() if "consent" not in name}

        shown = client.post(self.url(patient), data=unsigned | {"step": "propose"})
        refused = client.post(self.url(patient), data=unsigned | {"step": "accept"})

        assert "Not signed: Informed, voluntary consent to treatment." in shown.text
        assert 'aria-disabled="true"' in shown.text
        assert refused.status_code == 422
        assert courses() == []

    def test_what_the_gates_ask_is_on_the_form(self, sign_in: SignIn, patient: UUID) -> None:
        page = sign_in(cast.PIA).get(self.url(patient, "tms")).text

        for question in ("Metal in the head or neck near the coil?", "Pregnant?", "Coil 1"):
            assert question in page

    def test_asked_things_need_a_tick(self, sign_in: SignIn, patient: UUID) -> None:
        client = sign_in(cast.PIA)
        wish = START | {"consent_off_label_tms": "y", "step": "accept"}

        assert client.post(self.url(patient, "tms"), data=wish).status_code == 422
        answer = client.post(self.url(patient, "tms"), data=wish | {"acknowledged": "y"})

        assert answer.status_code == 303
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Booking)) == 36

    def test_a_date_taken_meanwhile_shows_the_proposal_as_it_is_now(
        self, sign_in: SignIn, work_as: WorkAs, patient: UUID
    ) -> None:
        with work_as(cast.CARL) as work:
            other, _ = in_care(work, name="Birch")
        client = sign_in(cast.CARL)
        client.post(self.url(other), data=START | {"step": "accept"})

        answer = client.post(
            self.url(patient), data=START | {"idempotency_key": "k2", "step": "accept"}
        )

        assert answer.status_code == 409
        assert "0 of 12 placed" in answer.text
        assert "no psychotherapist is free" in answer.text
        assert "Every date could be had at" in answer.text

    def test_an_unreadable_date_comes_back(self, sign_in: SignIn, patient: UUID) -> None:
        answer = sign_in(cast.CARL).post(self.url(patient), data=START | {"starts_on": "soon"})

        assert answer.status_code == 422

    def test_the_inspector_starts_nothing(self, sign_in: SignIn, patient: UUID) -> None:
        assert sign_in(cast.INGRID).get(self.url(patient)).status_code == 403

    @pytest.mark.parametrize("code", sorted(CATALOGUE))
    def test_every_treatment_has_a_form_that_opens(
        self, sign_in: SignIn, patient: UUID, code: str
    ) -> None:
        assert sign_in(cast.CARL).get(self.url(patient, code)).status_code == 200


class TestReferral:
    def test_research_only_offers_nothing_but_a_referral(
        self, sign_in: SignIn, patient: UUID
    ) -> None:
        client = sign_in(cast.CARL)
        page = client.get(f"/patients/{patient}/treatments/gene_therapy/start").text
        assert "This can only be referred" in page
        assert "Show the dates" not in page

        answer = client.post(
            f"/patients/{patient}/treatments/gene_therapy/refer",
            data={"idempotency_key": "k1", "referred_to": "Trial", "reason": "asked"},
            follow_redirects=True,
        )

        assert "Referred elsewhere" in answer.text
        assert db.session.scalars(sa.select(ModalityReferral)).one().referred_to == "Trial"

    def test_without_a_name_nothing_is_saved(self, sign_in: SignIn, patient: UUID) -> None:
        answer = sign_in(cast.CARL).post(
            f"/patients/{patient}/treatments/gene_therapy/refer",
            data={"idempotency_key": "k1", "reason": "asked"},
            follow_redirects=True,
        )

        assert "names who it goes to" in answer.text
        assert db.session.scalars(sa.select(ModalityReferral)).all() == []


class TestCourses:
    def test_a_course_is_ended_with_a_reason(self, sign_in: SignIn, patient: UUID) -> None:
        client = sign_in(cast.CARL)
        client.post(f"/patients/{patient}/treatments/cbt/start", data=START | {"step": "accept"})
        [course] = courses()
        end = f"/patients/{patient}/courses/{course.id}/end"

        without = client.post(
            end, data={"idempotency_key": "k2", "version": "1"}, follow_redirects=True
        )
        assert "say why" in without.text
        ended = client.post(
            end,
            data={"idempotency_key": "k3", "version": "1", "why": "Moved away"},
            follow_redirects=True,
        )

        assert "Past courses" in ended.text
        assert "Moved away" in ended.text

    def test_the_pathway_comes_as_a_fragment(self, sign_in: SignIn, patient: UUID) -> None:
        answer = sign_in(cast.CARL).get(f"/patients/{patient}/pathway")

        assert answer.status_code == 200
        assert "Treatments" in answer.text
        assert "<html" not in answer.text

    def test_it_exports(self, sign_in: SignIn, patient: UUID) -> None:
        answer = sign_in(cast.CARL).get(f"/patients/{patient}/treatments?format=csv")

        assert answer.text.startswith("Treatment,Started,Ended,Why")

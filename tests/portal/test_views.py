"""A patient's own page: theirs, found through their account, and nobody else's."""

from __future__ import annotations

from uuid import UUID

import pytest

from clinic.core.errors import Clash, NotFound
from clinic.data.work import Work
from clinic.portal import queries, services
from clinic.portal.models import PortalAccess
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient
from tests.rewards.builders import an_enrolled_patient
from tests.toxicology.builders import a_visit


def give_access(work: Work, *, user_id: UUID, patient_id: UUID) -> None:
    work.session.add(
        PortalAccess(organization_id=cast.ORGANIZATION, user_id=user_id, patient_id=patient_id)
    )


def test_a_patient_sees_their_balance_and_what_comes_next(work_as: WorkAs, sign_in: SignIn) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, protocol_code="higgins")
        a_visit(work, "N", patient_id=patient_id)
        give_access(work, user_id=cast.PAT.id, patient_id=patient_id)

    page = sign_in(cast.PAT).get("/me").get_data(as_text=True)

    assert "$2.50" in page
    assert "$3.75" in page


def test_an_account_that_is_nobodys_finds_nothing(work_as: WorkAs, sign_in: SignIn) -> None:
    assert sign_in(cast.PAT).get("/me").status_code == 404

    with work_as(cast.PAT) as work, pytest.raises(NotFound):
        queries.own_patient(work)


def test_staff_have_no_page_of_their_own(sign_in: SignIn) -> None:
    assert sign_in(cast.NORA).get("/me").status_code == 403


def test_a_patient_opens_no_other_page(work_as: WorkAs, sign_in: SignIn) -> None:
    with work_as(cast.FRANK) as work:
        somebody = a_patient(work)

    assert sign_in(cast.PAT).get(f"/patients/{somebody}").status_code == 403


def test_a_patient_has_one_account(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        patient_id = a_patient(work)
        services.open_portal(
            work, patient_id=patient_id, username="own.page", password_hash="hashed"
        )

    with work_as(cast.ADA) as work, pytest.raises(Clash):
        services.open_portal(
            work, patient_id=patient_id, username="another", password_hash="hashed"
        )


def test_a_patient_sees_their_own_path_in_kind_words(work_as: WorkAs, sign_in: SignIn) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NNNP")
        an_enrolled_patient(work, visits="NNNNN")  # somebody else's
        give_access(work, user_id=cast.PAT.id, patient_id=patient_id)

    page = sign_in(cast.PAT).get("/portal/rewards").get_data(as_text=True)

    assert "A hard day is not the end of it." in page
    assert "What you earned stays yours" in page
    assert page.count("Well done") == 6  # three visits, in the table and behind the picture
    assert "Not this time" in page
    assert "$21.25" in page
    assert '"type": "dotted"' in page
    assert "5th negative in a row" not in page


def test_a_patient_in_no_program_is_told_so(work_as: WorkAs, sign_in: SignIn) -> None:
    with work_as(cast.CARL) as work:
        give_access(work, user_id=cast.PAT.id, patient_id=a_patient(work))

    page = sign_in(cast.PAT).get("/portal/rewards").get_data(as_text=True)

    assert "You are not in a reward program now." in page


def test_nobody_else_opens_a_patient_s_rewards_there(sign_in: SignIn) -> None:
    assert sign_in(cast.PAT).get("/portal/rewards").status_code == 404
    assert sign_in(cast.CARL).get("/portal/rewards").status_code == 403

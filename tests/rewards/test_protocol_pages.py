"""The editor and the laboratory, as a browser meets them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from clinic.rewards import queries
from clinic.rewards.facts import ProtocolStatus
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission
from tests.rewards.protocols import FORM, OPIOIDS, a_draft, an_active_protocol

PREVIEW = "/rewards/protocols/preview"
OWN = "/rewards/protocols/our_vouchers/1"


@pytest.fixture
def ada(sign_in: SignIn) -> FlaskClient:
    return sign_in(cast.ADA)


def test_the_list_has_the_published_and_the_sites_own(ada: FlaskClient, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_draft(work)
    text = ada.get("/rewards/protocols").text

    assert "California Recovery Incentives" in text
    assert "Needs an override" in text
    assert "Our vouchers" in text
    assert "our_vouchers,1,Test negative for stimulants,24,Draft" in (
        ada.get("/rewards/protocols?format=csv").text
    )


def test_the_schedule_is_laid_out_as_it_is_typed(ada: FlaskClient) -> None:
    whole = ada.post(PREVIEW, data=FORM | {"scheduled_visits": "36"})
    part = ada.post(PREVIEW, data=FORM | {"name": "", "why": ""}, headers={"HX-Request": "true"})

    assert whole.status_code == 200
    assert "$997.50" in whole.text
    assert "is over the funder" in whole.text
    # 24 visits: 24 x 2.50 + 1.25 x 276 + 8 x 10 = 485.00
    assert "$485.00" in part.text
    assert "<html" not in part.text


def test_a_bowl_is_laid_out_with_its_scatter(ada: FlaskClient) -> None:
    text = ada.post(PREVIEW, data=FORM | {"kind": "prize"}).text

    assert "$363.75" in text
    assert "$88.26" in text
    assert "77,897,501 square cents" in text


FAULTS = [
    ({"first": "much"}, "Type dollars and cents, such as 2.50."),
    ({"first": "201"}, "An amount is $0.00 to $200.00."),
    ({"scheduled_visits": "0"}, "A whole number from 1 to 104."),
    ({"scheduled_visits": "many"}, "Not a valid integer value."),
    ({"final_visits": "15 x1000"}, "At most 60 amounts"),
    ({"final_visits": "a lot"}, "Type amounts with commas between"),
    ({"final_visits": "1.00 x30"}, "There are more flat last visits than visits."),
    ({"bonus_every": "0"}, "A bonus needs both an amount and after how many"),
    ({"yearly_cap": "none"}, "Type dollars and cents, such as 2.50."),
    ({"kind": "prize", "first_draws": "9"}, "Draws begin with at least 1 and rise"),
    ({"target": "sobriety"}, "Not a valid choice"),
    ({"name": "Higgins!"}, "The short name has 3 to 40 small letters"),
    ({"why": ""}, "This field is required."),
]


def test_what_is_wrong_is_said_and_nothing_is_kept(ada: FlaskClient, work_as: WorkAs) -> None:
    for changes, sentence in FAULTS:
        answer = ada.post("/rewards/protocols", data=FORM | changes)
        assert (answer.status_code, sentence in answer.text) == (422, True), changes
    with work_as(cast.ADA) as work:
        assert queries.latest_version(work, name="our_vouchers") == 0


def test_a_double_click_keeps_one_version_and_a_stale_form_none(
    ada: FlaskClient, work_as: WorkAs
) -> None:
    first = ada.post("/rewards/protocols", data=FORM)
    second = ada.post("/rewards/protocols", data=FORM)
    stale = ada.post("/rewards/protocols", data=FORM | {"idempotency_key": "another"})

    assert first.location == second.location == OWN
    assert stale.status_code == 409
    with work_as(cast.ADA) as work:
        assert queries.latest_version(work, name="our_vouchers") == 1
        kept = queries.protocol_of(work, name="our_vouchers", version=1)
        assert kept.scheduled_visits == 24


def test_a_new_version_and_a_copy_begin_with_what_is_there(
    ada: FlaskClient, work_as: WorkAs
) -> None:
    with work_as(cast.ADA) as work:
        a_draft(work)
    new = ada.get("/rewards/protocols/new?name=our_vouchers&version=1").text
    copy = ada.get("/rewards/protocols/new?name=higgins&version=1").text

    assert "New version of our_vouchers" in new
    assert 'value="our_vouchers"' in new
    assert "New protocol" in copy
    assert "$997.50" in copy
    assert ada.get("/rewards/protocols/new?name=nobodys&version=1").status_code == 404


def test_a_version_is_switched_on_and_retired(ada: FlaskClient, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_draft(work)
    empty = ada.post(f"{OWN}/activate", data={"reason": "", "idempotency_key": "a"})
    on = ada.post(f"{OWN}/activate", data={"reason": "agreed", "idempotency_key": "b"})
    twice = ada.post(f"{OWN}/activate", data={"reason": "agreed", "idempotency_key": "b"})
    again = ada.post(f"{OWN}/activate", data={"reason": "agreed", "idempotency_key": "c"})

    assert [one.status_code for one in (empty, on, twice, again)] == [422, 303, 303, 422]
    off = ada.post(f"{OWN}/retire", data={"reason": "over", "idempotency_key": "d"})
    assert off.status_code == 303
    with work_as(cast.ADA) as work:
        found = queries.site_protocol(work, name="our_vouchers", version=1)
        assert found.status is ProtocolStatus.RETIRED


def test_the_whole_schedule_of_a_version_is_a_file_too(ada: FlaskClient) -> None:
    lines = ada.get("/rewards/protocols/higgins/1?format=csv").text.splitlines()

    assert lines[0] == "Visit,Amount,Bonus,Draws,On average,Total so far"
    assert lines[36] == "36,$46.25,$10.00,0,$56.25,$997.50"
    assert ada.get("/rewards/protocols/higgins/2").status_code == 404


def test_the_medical_director_reads_the_note_and_confirms_it(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    with work_as(cast.ADA) as work:
        a_draft(work, OPIOIDS)
    url = f"/rewards/protocols/{OPIOIDS.name}/1"
    ada = sign_in(cast.ADA)
    assert "rewards lost tolerance" in ada.get(url).text
    refused = ada.post(f"{url}/activate", data={"reason": "x", "idempotency_key": "a"})
    assert refused.status_code == 422
    assert "medical director" in refused.text
    assert ada.post(f"{url}/override", data={}).status_code == 403

    meg = sign_in(cast.MEG)
    unread = meg.post(f"{url}/override", data={"reason": "weighed", "idempotency_key": "b"})
    read = meg.post(
        f"{url}/override",
        data={"reason": "weighed", "is_note_confirmed": "y", "idempotency_key": "c"},
    )
    assert (unread.status_code, read.status_code) == (422, 303)
    shown = meg.get(url).text
    assert "by Meg Medicaldirector" in shown
    with work_as(cast.MEG) as work:
        override = queries.site_protocol(work, name=OPIOIDS.name, version=1).override
        assert override is not None
    revoked = meg.post(
        f"{url}/override/{override.id}/revoke", data={"reason": "over", "idempotency_key": "d"}
    )
    assert revoked.status_code == 303
    assert "Record the override" in meg.get(url).text


def test_new_patients_are_offered_what_is_active_now(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        an_active_protocol(work)
        patient_id = a_patient(work)
        an_admission(work, patient_id=patient_id)
    client = sign_in(cast.CARL)
    card = client.get(f"/patients/{patient_id}/rewards").text

    assert "Our vouchers" in card
    assert "opioid bonus" not in card
    enrolled = client.post(
        f"/patients/{patient_id}/rewards/enrolment",
        data={"protocol": "our_vouchers"},
        follow_redirects=True,
    )
    assert "Enrolled: Our vouchers." in enrolled.text

"""The reward pages, as a browser meets them."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from clinic.rewards import queries
from clinic.rewards.models import PrizeCommitment, PrizeDraw, PrizeSeed
from clinic.rewards.rules.receipts import disagreements
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission
from tests.rewards.builders import an_enrolled_patient


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        return an_enrolled_patient(work, visits="NNN")  # 21.25


def test_a_counselor_enrols_a_patient(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = a_patient(work)
        an_admission(work, patient_id=patient_id)
    client = sign_in(cast.CARL)

    before = client.get(f"/patients/{patient_id}/rewards").text
    assert "Paying for opioid-free" in before
    assert "VA prize bowl" in before
    after = client.post(
        f"/patients/{patient_id}/rewards/enrolment",
        data={"protocol": "higgins"},
        follow_redirects=True,
    )

    assert "Next visit, if negative" in after.text
    assert "$2.50" in after.text


def test_without_an_episode_the_button_says_why_and_the_server_refuses(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    with work_as(cast.CARL) as work:
        patient_id = a_patient(work)
    client = sign_in(cast.CARL)

    assert (
        "Rewards need an open episode of care."
        in client.get(f"/patients/{patient_id}/rewards").text
    )
    answer = client.post(f"/patients/{patient_id}/rewards/enrolment", data={"protocol": "higgins"})
    assert answer.status_code == 422


@pytest.mark.parametrize("code", ["", "opioid_negative"])
def test_only_offered_protocols_can_be_chosen(sign_in: SignIn, patient_id: UUID, code: str) -> None:
    answer = sign_in(cast.CARL).post(
        f"/patients/{patient_id}/rewards/enrolment", data={"protocol": code}
    )

    assert answer.status_code == 422


def test_the_card_shows_balance_streak_next_amount_and_path(
    sign_in: SignIn, patient_id: UUID
) -> None:
    text = sign_in(cast.INGRID).get(f"/patients/{patient_id}/rewards").text

    assert "$21.25" in text
    assert "longest 3" in text
    assert "$6.25" in text
    assert "3rd negative in a row: $5.00, and $10.00 bonus for 3 in a row." in text
    assert '"type": "dotted"' in text
    leaf = db.session.scalars(sa.select(AuditLeaf).where(AuditLeaf.action == "chart.view")).one()
    assert (leaf.patient_id, leaf.subject) == (patient_id, "rewards")


def redemption(**changes: str) -> dict[str, str]:
    return {
        "idempotency_key": "k1",
        "amount": "20",
        "handed_over": "goods",
        "memo": "Boots",
        "signed_name": "Pat Example",
        "received": "y",
    } | changes


def test_redeeming_twice_with_one_form_pays_once(sign_in: SignIn, patient_id: UUID) -> None:
    client = sign_in(cast.CARL)
    address = f"/patients/{patient_id}/rewards/redemptions"

    first = client.post(address, data=redemption(), follow_redirects=True)
    again = client.post(address, data=redemption(), follow_redirects=True)

    for answer in (first, again):
        assert "$20.00 redeemed. Balance $1.25." in answer.text
        assert answer.text.count("Goods: Boots") == 2  # said, and to be taken back


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": "21.26"}, "The balance is $21.25; $21.26 is more than that."),
        ({"amount": "0"}, "The amount must be more than zero."),
        ({"amount": "-5"}, "Type dollars and cents"),
        ({"amount": "1.234"}, "Type dollars and cents"),
        ({"handed_over": "cash"}, "Not a valid choice"),
        ({"memo": " "}, "This field is required"),
        ({"signed_name": " "}, "The patient has to sign for it, by name or by PIN."),
        ({"received": ""}, "Tick this when the patient has it in hand."),
        ({"strokes": '{"a": 1}'}, "The drawn signature cannot be read."),
        ({"strokes": "[" * 9000}, "The drawn signature cannot be read."),
        ({"witness": "ada", "witness_password": "guessed"}, "do not match"),
    ],
)
def test_what_cannot_be_redeemed_says_why(
    sign_in: SignIn, patient_id: UUID, changes: dict[str, str], sentence: str
) -> None:
    answer = sign_in(cast.CARL).post(
        f"/patients/{patient_id}/rewards/redemptions", data=redemption(**changes)
    )

    assert answer.status_code == 422
    assert sentence.replace("'", "&#39;") in answer.text


def test_two_people_void_from_the_card(sign_in: SignIn, work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.CARL) as work:
        award = queries.statement(work, patient_id=patient_id)[2].transfer_id
    address = f"/patients/{patient_id}/rewards/awards/{award}/void"
    form = {"idempotency_key": "k1", "reason": "cup of somebody else"}
    ada = {"witness": "ada", "witness_password": cast.PASSWORD}

    counselor = sign_in(cast.CARL)
    assert address in counselor.get(f"/patients/{patient_id}/rewards").text
    assert "$15.00" in counselor.get(address).text
    assert counselor.post(address, data={"idempotency_key": "k0"} | ada).status_code == 422
    assert counselor.post(address, data=form).status_code == 422
    own = form | {"witness": "carl", "witness_password": cast.PASSWORD}
    assert "Somebody else has to approve this" in counselor.post(address, data=own).text
    answer = counselor.post(address, data=form | ada, follow_redirects=True)

    assert "Award voided. Balance $6.25." in answer.text
    assert "Voided: cup of somebody else" in answer.text
    assert counselor.get(address.replace(str(award), str(patient_id))).status_code == 404


def test_the_statement_is_a_page_and_a_table(sign_in: SignIn, patient_id: UUID) -> None:
    client = sign_in(cast.INGRID)

    assert (
        "1st negative in a row: $2.50."
        in client.get(f"/patients/{patient_id}/rewards/statement").text
    )
    lines = client.get(f"/patients/{patient_id}/rewards/statement?format=csv").text.splitlines()
    assert lines[0] == "Date,What,Change,Balance,Voided,Recorded by"
    assert lines[1] == "2026-03-03,1st negative in a row: $2.50.,$2.50,$2.50,,Carl Counselor"


@pytest.mark.usefixtures("patient_id")
def test_the_overview_is_a_page_and_a_table(sign_in: SignIn) -> None:
    client = sign_in(cast.INGRID)

    text = client.get("/rewards").text
    assert "Zero" in text
    assert "$21.25" in text
    lines = client.get("/rewards?format=csv").text.splitlines()
    assert lines[0].startswith("Patient,Protocol,Visits,In a row,Balance")
    assert ",3 of 36,3,$21.25,$21.25,$21.25,$21.25 of $750.00," in lines[1]


def test_roles(sign_in: SignIn, patient_id: UUID) -> None:
    pages = ("/rewards", f"/patients/{patient_id}/rewards")
    nurse, front_desk = sign_in(cast.NORA), sign_in(cast.FRANK)

    assert [nurse.get(page).status_code for page in pages] == [200, 200]
    assert [front_desk.get(page).status_code for page in pages] == [403, 403]
    assert (
        nurse.post(f"/patients/{patient_id}/rewards/redemptions", data=redemption()).status_code
        == 403
    )
    assert sign_in(cast.OLGA).get(f"/patients/{patient_id}/rewards").text.count("$21.25") == 0


@pytest.fixture
def player(work_as: WorkAs) -> tuple[UUID, UUID]:
    """A patient at the prize bowl, and the visit whose two draws wait."""
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, protocol_code="prize_va", visits="NN")
        return patient_id, queries.open_draws(work, patient_id=patient_id)[1].visit_id


def test_the_card_says_that_draws_wait(sign_in: SignIn, player: tuple[UUID, UUID]) -> None:
    patient_id, visit_id = player

    text = sign_in(cast.CARL).get(f"/patients/{patient_id}/rewards").text

    assert "Draws waiting" in text
    assert "2nd negative in a row: 2 draws." in text
    assert "3 draws" in text
    assert f"/patients/{patient_id}/rewards/visits/{visit_id}/draw" in text


def test_a_draw_by_a_patient_s_word(sign_in: SignIn, player: tuple[UUID, UUID]) -> None:
    patient_id, visit_id = player
    address = f"/patients/{patient_id}/rewards/visits/{visit_id}"
    client = sign_in(cast.CARL)
    commitment, seed = db.session.execute(
        sa.select(PrizeCommitment.commitment, PrizeSeed.seed)
        .join(PrizeSeed, PrizeSeed.reward_visit_id == PrizeCommitment.reward_visit_id)
        .where(PrizeCommitment.reward_visit_id == visit_id)
    ).one()

    before = client.get(f"{address}/draw").text
    assert commitment in before
    assert seed not in before
    assert client.get(f"{address}/receipt").status_code == 404
    form = {"idempotency_key": "k1", "choice": "blue heron"}
    first = client.post(f"{address}/draw", data=form, follow_redirects=True)
    again = client.post(f"{address}/draw", data=form, follow_redirects=True)

    for answer in (first, again):
        assert answer.status_code == 200
        assert "Receipt of a prize draw" in answer.text
        assert "Drew " in answer.text
        assert seed in answer.text
        assert "3 draws" in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PrizeDraw)) == 1


def test_a_lost_answer_leads_to_the_receipt_and_not_to_another_draw(
    sign_in: SignIn, player: tuple[UUID, UUID]
) -> None:
    patient_id, visit_id = player
    address = f"/patients/{patient_id}/rewards/visits/{visit_id}"
    client = sign_in(cast.CARL)
    client.post(f"{address}/draw", data={"idempotency_key": "k1", "choice": "7"})

    assert client.get(f"{address}/draw").location == f"{address}/receipt"
    other = client.post(f"{address}/draw", data={"idempotency_key": "k2", "choice": "8"})
    assert other.status_code == 409
    assert "drawn already" in other.text
    card = client.get(f"/patients/{patient_id}/rewards").text
    assert "Receipt of visit 2" in card


def test_the_receipt_that_is_saved_is_confirmed(sign_in: SignIn, player: tuple[UUID, UUID]) -> None:
    patient_id, visit_id = player
    address = f"/patients/{patient_id}/rewards/visits/{visit_id}"
    client = sign_in(cast.CARL)
    client.post(f"{address}/draw", data={"idempotency_key": "k1", "choice": "蒼鷺 & <heron>"})

    saved = client.get(f"{address}/receipt?format=json")

    assert saved.mimetype == "application/json"
    assert saved.json is not None
    assert saved.json["choice"] == "蒼鷺 & <heron>"
    assert disagreements(saved.json) == ()
    assert "<heron>" not in client.get(f"{address}/receipt").text


def test_without_a_word_the_same_page_says_so(sign_in: SignIn, player: tuple[UUID, UUID]) -> None:
    patient_id, visit_id = player

    answer = sign_in(cast.CARL).post(
        f"/patients/{patient_id}/rewards/visits/{visit_id}/draw",
        data={"idempotency_key": "k1", "choice": " "},
    )

    assert answer.status_code == 422
    assert "Fixed before you choose" in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PrizeDraw)) == 0


def test_a_nurse_looks_and_a_counselor_draws(sign_in: SignIn, player: tuple[UUID, UUID]) -> None:
    patient_id, visit_id = player
    address = f"/patients/{patient_id}/rewards/visits/{visit_id}/draw"
    nurse = sign_in(cast.NORA)

    assert "A counselor draws with the patient." in nurse.get(address).text
    form = {"idempotency_key": "k1", "choice": "7"}
    assert nurse.post(address, data=form).status_code == 403
    assert nurse.get(address.replace(str(visit_id), str(patient_id))).status_code == 404
    assert sign_in(cast.OLGA).get(address).status_code == 404

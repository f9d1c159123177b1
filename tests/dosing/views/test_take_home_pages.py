"""Take-homes at the screen: prepared, handed out, brought back, decided, declared."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
import sqlalchemy as sa

from clinic.data.db import db
from clinic.dosing.facts import BottleState, TakeHomeCriterion
from clinic.dosing.models import GuestStay, TakeHomeBottle, TakeHomeCallback
from tests import cast
from tests.conftest import Clock, SignIn, WorkAs
from tests.dosing.builders import in_treatment, ready_to_dose
from tests.dosing.take_home_builders import all_handed_out, coming_on_tuesdays


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    return coming_on_tuesdays(work_as)


def page_of(patient_id: UUID, rest: str = "") -> str:
    return f"/patients/{patient_id}/dosing/take-homes{rest}"


def key() -> dict[str, str]:
    key.number += 1  # type: ignore[attr-defined]
    return {"idempotency_key": f"key {key.number}"}  # type: ignore[attr-defined]


key.number = 0  # type: ignore[attr-defined]


def states() -> list[str]:
    found = db.session.scalars(sa.select(TakeHomeBottle.state).order_by(TakeHomeBottle.take_on))
    return [one.value for one in found]


def codes() -> list[str]:
    return list(db.session.scalars(sa.select(TakeHomeBottle.code).order_by(TakeHomeBottle.take_on)))


def test_bottles_from_the_shelf_into_the_bag(sign_in: SignIn, patient_id: UUID) -> None:
    nora = sign_in(cast.NORA)
    assert "Prepare 6 bottles" in nora.get(page_of(patient_id)).text
    assert "6 bottles" in nora.get("/dosing/take-homes").text

    sent = key()
    for _ in range(2):  # a double click
        assert nora.post(page_of(patient_id, "/prepare"), data=sent).status_code == 303
    assert states() == ["prepared"] * 6
    shown = nora.get(page_of(patient_id)).text
    assert codes()[0] in shown
    assert "Prepared, still here" in shown

    nell = sign_in(cast.NELL)
    nell.post(page_of(patient_id, "/check"), data=key())
    scanned = {"scanned": " ".join(codes()).lower()}
    assert nell.post(page_of(patient_id, "/hand-out"), data=key() | scanned).status_code == 303
    assert states() == ["handed_out"] * 6
    again = nell.post(page_of(patient_id, "/hand-out"), data=key() | scanned)
    assert again.status_code == 409
    assert "Not here any more" in again.text
    listed = nora.get("/dosing/take-homes?format=csv").text
    assert listed.count("Handed out") == 6


def test_bottles_brought_back_lost_and_answered(
    sign_in: SignIn, work_as: WorkAs, clock: Clock, patient_id: UUID
) -> None:
    all_handed_out(work_as, patient_id)
    clock.now += timedelta(days=2)
    nora, pia = sign_in(cast.NORA), sign_in(cast.PIA)
    data = key() | {"codes": codes()[:1], "full": codes()[:1]}
    nora.post(page_of(patient_id, "/return"), data=data)
    bottle_id = db.session.scalars(
        sa.select(TakeHomeBottle.id).where(TakeHomeBottle.code == codes()[1])
    ).one()
    one = f"/dosing/take-homes/{bottle_id}"
    assert nora.post(f"{one}/lost", data=key() | {"how": "stolen"}).status_code == 422
    account = {"how": "stolen", "account": "Taken out of the car at night."}
    assert nora.post(f"{one}/lost", data=key() | account).status_code == 303
    assert states()[:2] == ["returned_full", "stolen"]
    assert "Lost or stolen" in nora.get("/dosing/take-homes").text
    answer = {"replaced": "yes", "reason": "Police report 12-34"}
    assert nora.post(f"{one}/answer", data=key() | answer).status_code == 403
    assert pia.post(f"{one}/answer", data=key() | answer).status_code == 303
    assert "Released" in pia.get(one).text


def test_a_bottle_is_wasted_with_a_second_signature(sign_in: SignIn, patient_id: UUID) -> None:
    nora = sign_in(cast.NORA)
    nora.post(page_of(patient_id, "/prepare"), data=key())
    bottle_id = db.session.scalars(sa.select(TakeHomeBottle.id)).first()
    destroy = f"/dosing/take-homes/{bottle_id}/destroy"
    wrong = {"reason": "Not fetched", "witness": "nell", "witness_password": "no"}
    assert nora.post(destroy, data=key() | wrong).status_code == 422
    right = wrong | {"witness_password": cast.PASSWORD}
    assert nora.post(destroy, data=key() | right).status_code == 303
    assert sorted(states()) == ["destroyed", *["prepared"] * 5]


def criteria(**changes: str) -> dict[str, Any]:
    answers = {one.value: "met" for one in TakeHomeCriterion}
    findings = {f"{one.value}_finding": "Looked at." for one in TakeHomeCriterion}
    return (
        answers
        | findings
        | {
            "outcome": "granted",
            "ceiling_doses": "6",
            "rationale": "Comes every day, stable home.",
            "valid_from": "2026-03-03",
        }
        | changes
        | key()
    )


def test_the_practitioner_decides_and_revokes(sign_in: SignIn, patient_id: UUID) -> None:
    pia = sign_in(cast.PIA)
    decision = page_of(patient_id, "/decision")
    assert "at most 7 doses" in pia.get(decision).text
    assert pia.post(decision, data=criteria(regular_attendance_finding="")).status_code == 422
    refused = pia.post(decision, data=criteria(no_recent_diversion="not_met"))
    assert refused.status_code == 422
    assert "no recent diversion" in refused.text
    assert pia.post(decision, data=criteria()).status_code == 303
    assert "Comes every day" in pia.get(page_of(patient_id)).text
    days = {"weekdays": ["1", "4"], "valid_from": "2026-03-03", "lockbox_seen": "y"}
    assert pia.post(page_of(patient_id, "/schedule"), data=key() | days).status_code == 303
    assert "Tuesday, Friday" in pia.get(page_of(patient_id)).text
    travel = {
        "kind": "travel",
        "doses": "10",
        "starts_on": "2026-03-03",
        "last_on": "2026-03-20",
        "source": "SMA-168",
        "reason": "Funeral",
    }
    assert pia.post(page_of(patient_id, "/exceptions"), data=key() | travel).status_code == 303
    revoke = key() | {"reason": "Sold bottles, says the police."}
    assert pia.post(page_of(patient_id, "/revoke"), data=revoke).status_code == 303
    assert "Revoked" in pia.get(page_of(patient_id)).text
    assert sign_in(cast.NORA).get(decision).status_code == 403


def test_a_callback_from_call_to_count(sign_in: SignIn, work_as: WorkAs, patient_id: UUID) -> None:
    all_handed_out(work_as, patient_id)
    nora = sign_in(cast.NORA)
    told = key() | {"told_how": "Telephone, 9:10"}
    nora.post(page_of(patient_id, "/callback"), data=told)
    callback = db.session.scalars(sa.select(TakeHomeCallback)).one()
    assert callback.due_by.isoformat() == "2026-03-05"
    address = f"/dosing/take-homes/callbacks/{callback.id}"
    assert "What should be there" in nora.get(address).text
    counted = {"sealed": "5", "empties": "0", "seals_whole": "y", "labels_right": "y"}
    assert nora.post(address, data=key() | counted).status_code == 303
    assert "Review the criteria" in nora.get("/dosing/take-homes").text
    assert nora.post(address, data=key() | counted).status_code == 409
    none = nora.post("/dosing/take-homes/callbacks", data=key() | {"patients_wanted": "1"})
    assert none.status_code == 422  # six at home: fewer than the policy's seven


def test_an_emergency_is_looked_at_signed_by_two_and_printed(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    meg = sign_in(cast.MEG)
    with work_as(cast.FRANK) as work:
        in_treatment(work)
    preview = meg.get("/dosing/emergency?first=2026-03-04&last=2026-03-05").text
    assert "Close and prepare 2 bottles" in preview
    assert "at most the next 7 days" in meg.get("/dosing/emergency?last=2026-04-01").text
    signed = {
        "first_on": "2026-03-04",
        "last_on": "2026-03-05",
        "reason": "Flood: the road is closed.",
        "witness": "nora",
        "witness_password": cast.PASSWORD,
    }
    wrong = meg.post("/dosing/emergency", data=key() | signed | {"witness_password": "x"})
    assert wrong.status_code == 422
    done = meg.post("/dosing/emergency", data=key() | signed)
    assert done.status_code == 303
    listed = meg.get(done.location)
    assert "Flood: the road is closed." in listed.text
    assert meg.get(f"{done.location}?format=csv").text.count("2026-03-0") == 2
    assert states() == [BottleState.PREPARED.value] * 2
    assert sign_in(cast.PIA).get("/dosing/emergency").status_code == 403
    assert sign_in(cast.NORA).get(page_of(patient_id)).status_code == 200


def test_a_guest_leaves_with_a_packet(sign_in: SignIn, work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    nora = sign_in(cast.NORA)
    stays = f"/patients/{patient_id}/dosing/guest"
    form = {
        "direction": "out",
        "other_name": "Bay Clinic",
        "other_telephone": "555-0100",
        "starts_on": "2026-03-04",
        "last_on": "2026-03-08",
        "reason": "travel",
        "justification": "Visits a sick parent.",
        "consent_on": "2026-03-03",
        "id_seen": "Driving licence 123",
        "medication": "methadone",
    }
    assert nora.post(stays, data=key() | form | {"consent_on": ""}).status_code == 422
    assert nora.post(stays, data=key() | form).status_code == 303
    stay_id = db.session.scalars(sa.select(GuestStay.id)).one()
    packet = nora.get(f"/dosing/guests/{stay_id}/packet.pdf")
    text = "".join(
        one.get_textpage().get_text_bounded() for one in pypdfium2.PdfDocument(packet.data)
    )
    for said in ("Bay Clinic", "40 mg once a day", "04 Mar 2026 to 08 Mar 2026", "licence 123"):
        assert said in re.sub(r"\s+", " ", text)
    assert "Bay Clinic" in nora.get("/dosing/guests").text
    assert "Guest of Bay Clinic" not in nora.get(f"/dosing/{patient_id}").text  # from tomorrow
    told = {"given_on": "2026-03-04", "dose_mg": "40", "told_by": "Bell"}
    assert nora.post(f"{stays}/{stay_id}/dose", data=key() | told).status_code == 422
    assert nora.post(f"{stays}/{stay_id}/end", data=key() | {"reason": "Off"}).status_code == 303


@pytest.mark.parametrize("member", [cast.FRANK, cast.ADA], ids=["front desk", "administrator"])
def test_others_do_not_see_them(sign_in: SignIn, patient_id: UUID, member: cast.Member) -> None:
    visitor = sign_in(member)
    for address in (page_of(patient_id), "/dosing/take-homes", "/dosing/guests"):
        assert visitor.get(address).status_code == 403

"""Cards and prizes from delivery to the patient's hand, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.rewards import queries, services
from clinic.rewards.facts import Signature
from clinic.rewards.models import RewardHandover
from clinic.sites import services as sites
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.rewards.builders import an_enrolled_patient
from tests.rewards.stock import SIGNED, cards


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        return an_enrolled_patient(work, visits="NNN")  # 21.25


@pytest.fixture
def instrument_id(work_as: WorkAs) -> UUID:
    with work_as(cast.ADA) as work:
        return cards(work, "0042", "0043")  # worth 10.00 each


def test_a_card_goes_from_the_shelf_to_the_patient(
    work_as: WorkAs, patient_id: UUID, instrument_id: UUID
) -> None:
    with work_as(cast.CARL) as work:
        handed = services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)
        assert (handed.amount_cents, handed.balance_cents, handed.left_on_item_cents) == (
            1000,
            1125,
            0,
        )
        (one,) = queries.handovers(work, patient_id=patient_id)
        assert (one.serial, one.signed_name, one.second_person_name) == (
            "0042",
            "Pat Example",
            None,
        )
        assert work.session.scalars(sa.select(RewardHandover.strokes)).one() == [[[1, 2], [3, 4]]]
        found = queries.instrument(work, instrument_id=instrument_id)
        assert (found.in_stock, found.shelf_cents) == (1, 1000)
        assert queries.trial_balance(work).is_balanced
        assert queries.differences(work) == ()


@pytest.mark.usefixtures("instrument_id")
def test_a_card_is_handed_over_once(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.CARL) as work:
        services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)
        with pytest.raises(Refused, match="Grocer 0042 has been handed over already"):
            services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)
        with pytest.raises(Refused, match="No card or prize 0099"):
            services.hand_over(work, patient_id=patient_id, serial="0099", signature=SIGNED)
        with pytest.raises(NotFound):
            services.hand_over(work, patient_id=cast.PAT.id, serial="0043", signature=SIGNED)


@pytest.mark.usefixtures("instrument_id")
def test_a_part_of_a_card_leaves_the_rest_on_it(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.CARL) as work:
        first = services.hand_over(
            work, patient_id=patient_id, serial="0042", signature=SIGNED, amount_cents=400
        )
        assert (first.balance_cents, first.left_on_item_cents) == (1725, 600)
        with pytest.raises(Refused, match=r"worth \$6.00 now"):
            services.hand_over(
                work, patient_id=patient_id, serial="0042", signature=SIGNED, amount_cents=601
            )
        rest = services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)
        assert (rest.amount_cents, rest.left_on_item_cents) == (600, 0)


def test_a_card_comes_back_by_two(work_as: WorkAs, patient_id: UUID, instrument_id: UUID) -> None:
    with work_as(cast.CARL) as work:
        handed = services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)

        def back(approved_by: UUID, reason: str = "card was blank") -> int:
            return services.take_back(
                work,
                patient_id=patient_id,
                transfer_id=handed.transfer_id,
                reason=reason,
                approved_by=approved_by,
            )

        with pytest.raises(Refused, match="Say why"):
            back(cast.ADA.id, reason=" ")
        with pytest.raises(Refused, match="Somebody else has to approve"):
            back(cast.CARL.id)
        with pytest.raises(Refused, match="may not void"):
            back(cast.NORA.id)
        assert back(cast.ADA.id) == 2125
        assert queries.instrument(work, instrument_id=instrument_id).in_stock == 2
        (one,) = queries.handovers(work, patient_id=patient_id)
        assert one.returned_at == cast.NOW
        assert queries.differences(work) == ()
        with pytest.raises(Clash, match="returned already"):
            back(cast.ADA.id)
        assert services.hand_over(
            work, patient_id=patient_id, serial="0042", signature=SIGNED
        ).balance_cents == (1125)


@pytest.mark.usefixtures("instrument_id")
def test_from_the_site_s_amount_on_two_people_hand_over(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.ADA) as work:
        sites.choose_setting(
            work,
            setting="rewards.second_person_from_cents",
            value=1000,
            starts_on=work.service_date,
            source="rewards committee",
        )

    with work_as(cast.CARL) as work:
        for second_id, sentence in (
            (None, r"From \$10.00 on two people"),
            (cast.CARL.id, "somebody else"),
            (cast.PAT.id, "must work at this site"),
            (cast.OLGA.id, "must work at this site"),
        ):
            with pytest.raises(Refused, match=sentence):
                services.hand_over(
                    work,
                    patient_id=patient_id,
                    serial="0042",
                    signature=SIGNED,
                    second_person_id=second_id,
                )
        services.hand_over(
            work,
            patient_id=patient_id,
            serial="0042",
            signature=SIGNED,
            second_person_id=cast.NORA.id,
        )
        (one,) = queries.handovers(work, patient_id=patient_id)
        assert one.second_person_name == "Nora Nurse"


def test_goods_that_were_never_in_stock_are_signed_for(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.CARL) as work:
        handed = services.hand_over_goods(
            work, patient_id=patient_id, amount_cents=2000, memo="Goods: boots", signature=SIGNED
        )
        assert handed.balance_cents == 125
        with pytest.raises(Refused, match="more than that"):
            services.hand_over_goods(
                work, patient_id=patient_id, amount_cents=126, memo="Goods", signature=SIGNED
            )
        with pytest.raises(Refused, match="Say what"):
            services.hand_over_goods(
                work, patient_id=patient_id, amount_cents=100, memo=" ", signature=SIGNED
            )
        with pytest.raises(Refused, match="has to sign"):
            services.hand_over_goods(
                work,
                patient_id=patient_id,
                amount_cents=100,
                memo="Goods: soap",
                signature=Signature(" "),
            )


def test_serial_numbers_are_received_once_and_by_whoever_manages_funds(
    work_as: WorkAs, instrument_id: UUID
) -> None:
    with pytest.raises(Clash, match="is here already"), work_as(cast.ADA) as work:
        services.receive(work, instrument_id=instrument_id, serials=["0044", "0042"])
    with work_as(cast.ADA) as work:
        for serials, sentence in (
            ([], "at least one"),
            (["0044", "0044"], "0044 is there twice"),
            ([f"{number}" for number in range(501)], "At most 500"),
            (["x" * 81], "1 to 80"),
        ):
            with pytest.raises(Refused, match=sentence):
                services.receive(work, instrument_id=instrument_id, serials=serials)
        assert queries.instrument(work, instrument_id=instrument_id).in_stock == 2
        cards(work, "0042", issuer="Baker")  # another issuer's number
    with pytest.raises(Forbidden), work_as(cast.CARL) as work:
        services.receive(work, instrument_id=instrument_id, serials=["0045"])
    with pytest.raises(NotFound), work_as(cast.ADA, site=cast.SOUTH) as work:
        services.receive(work, instrument_id=instrument_id, serials=["0046"])


@pytest.mark.usefixtures("instrument_id")
def test_two_issuers_numbers_are_told_apart_by_what_is_in_stock(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.ADA) as work:
        cards(work, "0042", issuer="Baker", face_cents=500)
    two = "Two issuers use the serial number 0042"
    with pytest.raises(Refused, match=two), work_as(cast.CARL) as work:
        services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)


def test_the_page_hands_over_by_scanning_and_takes_back(
    sign_in: SignIn, patient_id: UUID, instrument_id: UUID
) -> None:
    address = f"/patients/{patient_id}/rewards/redeem"
    form = {
        "idempotency_key": "k1",
        "serial": "0042",
        "signed_name": "Pat Example",
        "received": "y",
        "strokes": "[[[1,2],[3,4]]]",
    }
    client = sign_in(cast.CARL)

    assert "data-scan" in client.get(address).text
    assert client.post(address, data=form | {"received": ""}).status_code == 422
    answers = [client.post(address, data=form, follow_redirects=True) for _ in range(2)]
    for answer in answers:
        assert "$10.00 redeemed. Balance $11.25." in answer.text
        assert "Take back" in answer.text
    assert client.post(address, data=form | {"idempotency_key": "k2"}).status_code == 422
    assert "1" in client.get(f"/rewards/stock/{instrument_id}").text
    csv = client.get(f"/rewards/stock/{instrument_id}?format=csv").text.splitlines()
    assert csv[1].startswith("0043,$10.00,in stock")
    assert csv[2].startswith("0042,$0.00,handed over")


def test_stock_is_listed_and_received_on_its_pages(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    sort = {
        "idempotency_key": "k1",
        "kind": "gift_card",
        "issuer": "Grocer",
        "name": "card",
        "category": "groceries",
        "face": "25",
    }

    for wrong in ({"category": "alcohol"}, {"kind": "cash"}, {"face": "much"}):
        assert client.post("/rewards/stock", data=sort | wrong).status_code == 422
    listed = client.post("/rewards/stock", data=sort)
    assert listed.status_code == 303
    serials = {"idempotency_key": "k2", "serials": " 1 \r\n2\r\n\r\n3"}
    answer = client.post(listed.location, data=serials, follow_redirects=True)
    assert "Received: worth $75.00." in answer.text
    lines = client.get("/rewards/stock?format=csv").text.splitlines()
    assert lines[1] == "Grocer,card,Gift card,Groceries,$25.00,3,$75.00"


def test_the_statement_is_paper_too(sign_in: SignIn, patient_id: UUID) -> None:
    answer = sign_in(cast.INGRID).get(f"/patients/{patient_id}/rewards/statement?format=pdf")

    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")


def test_a_card_of_yesterday_is_returned_today(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.ADA) as work:
        cards(work, "0042")
    with work_as(cast.CARL) as work:
        handed = services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)
    with work_as(cast.CARL, now=datetime(2026, 3, 4, 14, 0, tzinfo=UTC)) as work:
        left = services.take_back(
            work,
            patient_id=patient_id,
            transfer_id=handed.transfer_id,
            reason="wrong shop",
            approved_by=cast.ADA.id,
        )
        assert left == 2125

"""A patient's PIN in place of a signature: set, tried, limited, and signed with."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import NotFound, Refused
from clinic.portal.models import PortalAccess
from clinic.rewards import queries, services
from clinic.rewards.facts import Signature
from clinic.rewards.models import RewardPinSignature
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.rewards.builders import an_enrolled_patient
from tests.rewards.stock import cards


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        found = an_enrolled_patient(work, visits="NNN")
    with work_as(cast.ADA) as work:
        cards(work, "0042")
    return found


def hand_over(patient_id: UUID, sign_in: SignIn, *, pin: str) -> str:
    """The page that answers to a hand-over of the card signed by a PIN."""
    client = sign_in(cast.CARL)
    return client.post(
        f"/patients/{patient_id}/rewards/redeem",
        data={
            "serial": "0042",
            "amount": "2.50",
            "pin": pin,
            "received": "y",
            "idempotency_key": f"pin-{pin}",
        },
        follow_redirects=True,
    ).get_data(as_text=True)


def test_the_pin_a_patient_set_signs_for_a_card(
    work_as: WorkAs, sign_in: SignIn, patient_id: UUID
) -> None:
    with work_as(cast.ADA) as work:
        work.session.add(
            PortalAccess(
                organization_id=cast.ORGANIZATION, user_id=cast.PAT.id, patient_id=patient_id
            )
        )
    own = sign_in(cast.PAT)
    typed = {"pin": "483920", "pin_again": "483920"}
    refused = own.post("/portal/rewards/pin", data=typed | {"password": "not mine"})
    assert refused.status_code == 422
    assert "not your password" in refused.get_data(as_text=True)
    saved = own.post("/portal/rewards/pin", data=typed | {"password": cast.PASSWORD})
    assert saved.status_code == 303

    assert "not the patient&#39;s PIN" in hand_over(patient_id, sign_in, pin="483921")
    assert "$2.50 redeemed. $7.50 is left on the card." in hand_over(
        patient_id, sign_in, pin="483920"
    )

    with work_as(cast.CARL) as work:
        (one,) = queries.handovers(work, patient_id=patient_id)
        assert one.is_signed_by_pin
        assert one.signed_name


def test_wrong_pins_are_counted_and_then_none_fits(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.FRANK) as work:
        services.set_pin(work, patient_id=patient_id, pin_hash="hashed")

    def tried(*, is_right: bool) -> bool:
        with work_as(cast.CARL) as work:
            return services.note_pin(work, patient_id=patient_id, is_right=is_right) is not None

    assert [tried(is_right=False) for _ in range(4)] == [False] * 4
    assert tried(is_right=True)
    assert [tried(is_right=False) for _ in range(5)] == [False] * 5
    assert not tried(is_right=True)

    with work_as(cast.FRANK) as work:
        services.set_pin(work, patient_id=patient_id, pin_hash="another")
    assert tried(is_right=True)


def test_nobody_signs_in_the_patient_s_place(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.CARL) as work:
        services.set_pin(work, patient_id=patient_id, pin_hash="hashed")
        pin = queries.pin_of(work, patient_id=patient_id)
    assert pin is not None

    for pin_id, why in ((pin.id, "You set this PIN"), (UUID(int=7), "no PIN yet")):
        with pytest.raises(Refused, match=why), work_as(cast.CARL) as work:
            services.hand_over(
                work, patient_id=patient_id, serial="0042", signature=Signature("", (), pin_id)
            )

    with work_as(cast.CARL) as work:
        assert not work.session.scalar(sa.select(sa.func.count()).select_from(RewardPinSignature))
    with pytest.raises(NotFound), work_as(cast.CARL) as work:
        services.set_pin(work, patient_id=UUID(int=1), pin_hash="hashed")


def test_a_pin_is_chosen_at_the_desk(sign_in: SignIn, patient_id: UUID) -> None:
    desk = sign_in(cast.CARL)
    address = f"/patients/{patient_id}/rewards/pin"
    for pin, again, said in (
        ("123456", "123456", "too easy to guess"),
        ("483920", "483921", "do not match"),
        ("48392", "48392", "six digits".replace("six", "6")),
    ):
        answer = desk.post(address, data={"pin": pin, "pin_again": again})
        assert (answer.status_code, said in answer.get_data(as_text=True)) == (422, True)
    assert desk.post(address, data={"pin": "483920", "pin_again": "483920"}).status_code == 303
    assert "Set " in desk.get(f"/patients/{patient_id}/rewards/redeem").get_data(as_text=True)

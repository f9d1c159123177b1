from __future__ import annotations

import pytest

from tests import cast
from tests.conftest import SignIn

DORA = {
    "display_name": "Dora Nurse",
    "username": "dora",
    "password": "a password of hers",
    "roles": ["nurse"],
}


def test_a_person_added_is_listed_and_can_sign_in(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    assert client.post("/staff", data=DORA).status_code == 303
    assert "Dora Nurse" in client.get("/staff").text
    sent = {"username": "dora", "password": "a password of hers"}
    assert client.post("/sign-in", data=sent).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "Dora Nurse"}, "Small letters, digits, dots and dashes."),
        ({"password": "short"}, "between 12 and 200 characters"),
        ({"roles": ["patient"]}, "not a valid choice"),
        ({"roles": []}, "required"),
        ({"display_name": "x" * 201}, "longer than 200"),
    ],
)
def test_a_form_with_a_fault_comes_back_with_it(
    sign_in: SignIn, wrong: dict[str, object], said: str
) -> None:
    answer = sign_in(cast.ADA).post("/staff", data=DORA | wrong)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_taken_username_is_a_clash(sign_in: SignIn) -> None:
    answer = sign_in(cast.ADA).post("/staff", data=DORA | {"username": "nora"})
    assert answer.status_code == 409
    assert "The username nora is taken." in answer.text


def test_fields_that_are_not_on_the_form_change_nothing(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    client.post("/staff", data=DORA | {"is_active": "", "site_id": str(cast.SOUTH.id)})
    lines = client.get("/staff?format=csv").text.splitlines()
    assert "Dora Nurse,dora,Nurse,Open,—" in lines


def test_the_list_is_exported_with_its_notice(sign_in: SignIn) -> None:
    answer = sign_in(cast.ADA).get("/staff?format=csv")
    lines = answer.text.splitlines()
    assert answer.mimetype == "text/csv"
    assert lines[0] == "Name,Username,Roles,Access,Last signed in"
    assert lines[1].startswith("Ada Administrator,ada,Administrator,Open,")
    assert lines[-1] == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    assert "olga" not in answer.text

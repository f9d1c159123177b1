"""The laboratory on a small clinic's own year and on a file."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from clinic.rewards.facts import (
    ATTENDANCE,
    GOALS,
    HIGGINS,
    Protocol,
)
from clinic.rewards.queries.simulation import past_year
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.rewards.builders import an_enrolled_patient
from tests.rewards.protocols import a_draft

URL = "/rewards/laboratory"
FILE = b"patient,visit,result\n1,1,N\n1,2,N\n1,3,N\n2,1,P\n"


@pytest.fixture
def two_patients(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        an_enrolled_patient(work, visits="NNPX")
        an_enrolled_patient(work, visits="NM")


def letters(work_as: WorkAs, protocol: Protocol) -> list[str]:
    with work_as(cast.ADA) as work:
        return [
            "".join(visit.outcome.value for visit in one.visits)
            for one in past_year(work, protocol=protocol)
        ]


@pytest.mark.usefixtures("two_patients")
def test_the_past_year_as_each_target_sees_it(work_as: WorkAs) -> None:
    assert letters(work_as, HIGGINS) == ["NNPX", "NM"]
    assert letters(work_as, ATTENDANCE) == ["NNNX", "NM"]
    assert letters(work_as, GOALS) == []


@pytest.mark.usefixtures("two_patients")
def test_the_year_is_run_through_two_protocols(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    text = client.get(f"{URL}?protocol=higgins:1&compare=prize_va:1&seed=3").text

    assert "On this clinic" in text
    assert "$8.75" in text  # 2.50 + 3.75 and 2.50
    assert "Draws" in text
    csv = client.get(f"{URL}?protocol=higgins:1&compare=&seed=3&format=csv").text
    assert csv.splitlines()[1] == "higgins,1,3,1,4,2,0,$6.25,$6.25,"


def test_a_file_is_run_and_a_faulty_one_is_answered_with_its_lines(sign_in: SignIn) -> None:
    client = sign_in(cast.MEG)

    def send(content: bytes) -> tuple[int, str]:
        data = {
            "protocol": "higgins:1",
            "compare": "",
            "seed": "1",
            "results": (io.BytesIO(content), "ours.csv"),
        }
        answer = client.post(URL, data=data, content_type="multipart/form-data")
        return answer.status_code, answer.text

    status, text = send(FILE)
    assert (status, "On ours.csv" in text, "$21.25" in text) == (200, True, True)
    status, text = send(FILE + b"2,2,Q\n")
    assert status == 422
    assert "Line 6: result is" in text
    assert "it is one of N, P, M, X." in text
    assert send(b"\xff\xfe")[0] == 422


@pytest.mark.usefixtures("two_patients")
def test_without_a_file_the_address_holds_what_was_asked(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    answer = client.post(URL, data={"protocol": "higgins:1", "compare": "", "seed": "9"})

    assert answer.status_code == 303
    assert answer.location == f"{URL}?protocol=higgins:1&compare=&seed=9"
    for wrong in ("protocol=nobodys:1&seed=1", "protocol=higgins:1&seed=x", "protocol="):
        page = client.get(f"{URL}?{wrong}")
        assert (page.status_code, "Side by side" in page.text) == (200, False)
    assert client.post(URL, data={"protocol": "nobodys:1", "seed": "1"}).status_code == 422


@pytest.mark.usefixtures("two_patients")
def test_a_draft_is_tried_before_it_is_switched_on(sign_in: SignIn, work_as: WorkAs) -> None:
    bold = replace(HIGGINS, name="bold", title="Bold", first_cents=1000)
    with work_as(cast.ADA) as work:
        a_draft(work, bold)

    # 10.00 + 11.25 and 10.00
    assert "$31.25" in sign_in(cast.ADA).get(f"{URL}?protocol=bold:1&seed=1").text


def test_a_clinic_without_a_result_is_told_so(sign_in: SignIn) -> None:
    text = sign_in(cast.INGRID).get(f"{URL}?protocol=higgins:1&seed=1").text

    assert "not one visit this protocol could be run on" in text

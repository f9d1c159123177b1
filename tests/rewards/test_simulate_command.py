"""``clinic rewards simulate``: a protocol on a file of results, repeatably."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clinic.core.errors import NotFound, Refused
from clinic.rewards.commands import rewards_group
from tests import cast
from tests.conftest import WorkAs
from tests.rewards.protocols import a_draft

TEXT = "patient,visit,result\n1,1,N\n1,2,N\n1,3,N\n2,1,P\n"


def run(*options: str, results: str = "-", text: str = TEXT) -> Result:
    return CliRunner().invoke(
        rewards_group, ["simulate", *options, "--results", results], input=text
    )


def test_a_person_reads_totals_and_a_picture() -> None:
    answer = run("--protocol", "higgins")

    assert answer.exit_code == 0
    assert answer.output.splitlines()[:5] == [
        "Voucher reinforcement, 12 weeks, three visits a week (higgins, version 1)",
        "  2 histories, 4 visits, 75.0 % met; seed 1",
        "  total $21.25, mean $10.63, median $0.00, 90th percentile $21.25, most $21.25",
        "  0 stopped by a cap; 0 draws",
        "  0 levels lost, 0 paid again",
    ]
    assert "     $0.00 to     $4.99     1 ####################" in answer.output


def test_a_program_reads_the_same_of_two_protocols() -> None:
    options = ("--protocol", "higgins", "--protocol", "prize_va", "--seed", "7", "--json")
    answer = run(*options)
    vouchers, bowl = json.loads(answer.output)

    assert vouchers["total_cents"] == 2125
    assert (vouchers["patients"], vouchers["visits"], vouchers["met"]) == (2, 4, 3)
    assert (bowl["protocol"], bowl["seed"], bowl["draws"]) == ("prize_va", 7, 6)
    assert run(*options).output == answer.output


@pytest.mark.parametrize(
    ("options", "text", "reason"),
    [
        (("--protocol", "nobodys"), TEXT, "The published protocols are higgins"),
        (("--protocol", "higgins"), TEXT + "2,2,Q\n", "Line 6: result is 'Q'"),
        (("--protocol", "higgins"), "", "The first line must read"),
    ],
)
def test_what_cannot_be_run_is_refused(options: tuple[str, ...], text: str, reason: str) -> None:
    answer = run(*options, text=text)

    assert answer.exit_code == 1
    assert isinstance(answer.exception, Refused)
    assert reason in str(answer.exception)


def test_a_negative_seed_and_no_file_are_wrong_usage(tmp_path: Path) -> None:
    assert run("--protocol", "higgins", "--seed", "-1").exit_code == 2
    assert run("--protocol", "higgins", results=str(tmp_path / "none.csv")).exit_code == 2
    empty_folder = run("--protocol", "higgins", results=str(tmp_path))
    assert "The folder has no participants.csv" in str(empty_folder.exception)


def test_a_draft_of_the_site_is_run_by_its_version(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_draft(work)
    own = ("--protocol", "our_vouchers", "--protocol-version")

    assert "Our vouchers (our_vouchers, version 1)" in run(*own, "1").output
    assert isinstance(run(*own, "2").exception, NotFound)


def test_the_300_real_histories_through_two_protocols(shared_data: Path) -> None:
    answer = run(
        "--protocol",
        "higgins",
        "--protocol",
        "prize_va",
        "--json",
        results=str(shared_data / "ctn0094"),
    )

    found = {one["protocol"]: one for one in json.loads(answer.output)}
    assert found["higgins"]["patients"] == 300
    assert found["higgins"]["total_cents"] == 4696375
    assert found["prize_va"]["total_cents"] == 3600100
    assert [bar["patients"] for bar in found["higgins"]["histogram"]] == [
        177, 31, 23, 14, 19, 33, 3,
    ]  # fmt: skip
    assert [bar["patients"] for bar in found["prize_va"]["histogram"]] == [
        181, 35, 32, 36, 11, 5,
    ]  # fmt: skip

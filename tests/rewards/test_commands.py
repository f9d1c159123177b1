"""``clinic rewards verify-draw``: a receipt is believed only after drawing again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from clinic.cli import main
from clinic.core.errors import Refused
from clinic.rewards.commands import rewards_group
from tests.rewards.receipts import a_receipt


def verify(folder: Path, receipt: dict[str, Any], *options: str) -> Result:
    file = folder / "receipt.json"
    file.write_text(json.dumps(receipt))
    return CliRunner().invoke(rewards_group, ["verify-draw", str(file), *options])


def test_an_honest_receipt_is_confirmed(tmp_path: Path) -> None:
    answer = verify(tmp_path, a_receipt())

    assert (answer.exit_code, answer.output) == (0, "Every part agrees.\n")


def test_the_part_that_does_not_agree_is_said(tmp_path: Path) -> None:
    answer = verify(tmp_path, a_receipt(total_cents=10200))

    assert answer.exit_code == 1
    assert answer.output == (
        "total_cents: the receipt says 10200; drawn again 200\n1 of its parts did not agree.\n"
    )


def test_a_program_can_read_the_answer(tmp_path: Path) -> None:
    assert json.loads(verify(tmp_path, a_receipt(), "--json").output) == {
        "agrees": True,
        "disagreements": [],
    }
    wrong = verify(tmp_path, a_receipt(choice=7), "--json")
    assert wrong.exit_code == 1
    assert json.loads(wrong.output) == {
        "agrees": False,
        "disagreements": [{"part": "choice", "found": 7, "again": None}],
    }


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[" * 200_000])
def test_what_is_not_json_is_refused(text: bytes) -> None:
    answer = CliRunner().invoke(rewards_group, ["verify-draw", "-"], input=text)

    assert answer.exit_code == 1
    assert isinstance(answer.exception, Refused)


@pytest.mark.usefixtures("app")
def test_it_is_part_of_the_clinic_command(tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(a_receipt(commitment="0" * 64)))

    answer = CliRunner().invoke(main, ["rewards", "verify-draw", str(file)])

    assert answer.exit_code == 1
    assert answer.output.startswith("commitment: the receipt says 0000")

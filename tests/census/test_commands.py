"""``clinic census`` from a terminal."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from clinic.census.commands import census_group
from clinic.census.services import take_snapshot
from clinic.core.errors import NotFound, Refused
from tests import cast
from tests.census import builders as ward
from tests.conftest import WorkAs

MONDAY = date(2026, 3, 2)


def printed(*arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(census_group, arguments, catch_exceptions=False)
    assert result.exit_code == exit_code
    return result.output


@pytest.fixture(autouse=True)
def one_in_care(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        take_snapshot(work, service_date=MONDAY)
        ward.admitted(work, on=MONDAY)


def test_a_past_day_for_a_program_to_read() -> None:
    assert json.loads(printed("--on", "2026-03-02", "--json")) == {
        "site": "north",
        "date": "2026-03-02",
        "in_care": 1,
        "yesterday": 0,
        "admitted": 1,
        "readmitted": 0,
        "discharged": 0,
        "waiting": 0,
        "reconciles": True,
        "levels": {
            "opioid_treatment": {
                "yesterday": 0,
                "admitted": 1,
                "transferred_in": 0,
                "transferred_out": 0,
                "discharged": 0,
                "today": 1,
            }
        },
        "medications": {"none": 1},
        "modalities": {},
        "discharge_reasons": {},
    }


def test_today_at_the_first_site_unless_told_otherwise() -> None:
    assert json.loads(printed("--json"))["date"] == "2026-03-03"
    assert json.loads(printed("--json"))["in_care"] == 1
    assert json.loads(printed("--site", "south", "--json"))["in_care"] == 0


def test_for_a_person_to_read() -> None:
    words = printed("--on", "2026-03-02")

    assert "Opioid treatment program" in words
    assert "Every level reconciles." in words


def test_a_day_that_has_not_come() -> None:
    with pytest.raises(Refused):
        printed("--on", "2026-03-04")


def test_a_site_there_is_not() -> None:
    with pytest.raises(NotFound, match="the sites are: north, south"):
        printed("--site", "east")


def test_verifying_the_nights_and_rebuilding_them() -> None:
    assert "2026-03-02 level opioid_treatment: written 0, now 1" in printed(
        "verify", "--from", "2026-03-01", exit_code=1
    )
    printed("verify", "--from", "2026-03-01", "--rebuild")
    assert json.loads(printed("verify", "--from", "2026-03-01", "--json")) == []

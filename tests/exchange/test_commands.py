"""``clinic import``: counts for machines, sentences for people, exit 1 after a refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from clinic.cli import main
from clinic.data.db import db
from clinic.patients.models import Patient
from clinic.sites.models import Site
from tests.exchange.builders import a_patient, a_trial, bundle, everything


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good.json").write_bytes(bundle(*everything()))
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, arguments)])


def told(result: Result) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def people() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Patient)) or 0


@pytest.mark.usefixtures("clinic")
class TestFhir:
    def test_counts(self, files: Path) -> None:
        result = run("fhir", files, "--json")
        counts = told(result)

        assert result.exit_code == 0
        assert (counts["patients"], counts["active_oud_patients"]) == (1, 1)
        assert counts["medication_requests"]["all"] == 1
        assert counts["medication_requests"]["methadone"] == 1
        assert counts["encounters"] == {"AMB": 1}
        assert counts["added"]["patients"] == 1
        assert told(run("fhir", files, "--json"))["unchanged"]["patients"] == 1
        assert people() == 1

    def test_a_dry_run_saves_nothing(self, files: Path) -> None:
        counts = told(run("fhir", files, "--dry-run", "--json"))

        assert (counts["dry_run"], counts["run"]) == (True, None)
        assert counts["added"]["patients"] == 1
        assert people() == 0

    def test_a_refusal_names_file_place_and_reason(self, files: Path) -> None:
        (files / "bad.json").write_bytes(bundle(a_patient("p-2", gender="woman")))
        result = run("fhir", files)

        assert result.exit_code == 1
        assert (
            "refused: bad.json, /entry/0/resource/gender: "
            "'woman' is not one of male, female, other, unknown" in result.stderr
        )
        assert people() == 1

    def test_the_words_name_nobody(self, files: Path) -> None:
        result = run("fhir", files)

        assert "Núñez" not in result.output
        assert "patients: 1 added, 0 changed, 0 unchanged" in result.output

    def test_an_empty_folder_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "nothing").mkdir()
        result = run("fhir", tmp_path / "nothing", "--json")

        assert result.exit_code == 1
        assert told(result)["refusals"] == [
            {"file": "nothing", "place": "", "reason": "holds no .json or .ndjson file"}
        ]

    def test_an_unknown_site_is_refused(self, files: Path) -> None:
        result = run("fhir", files, "--site", "west")

        assert result.exit_code == 1
        assert "there is no site 'west'; the sites are: north, south" in result.stderr


@pytest.mark.usefixtures("clinic")
class TestTrial:
    def test_counts(self, tmp_path: Path) -> None:
        folder = a_trial(tmp_path / "trial")
        result = run("ctn0094", folder, "--json")
        counts = told(result)

        assert result.exit_code == 0
        assert (counts["people"], counts["dose_rows"], counts["person_days"]) == (3, 6, 5)
        assert counts["added"]["doses"] == 4
        assert told(run("ctn0094", folder, "--json"))["unchanged"]["doses"] == 4

    def test_a_broken_table_is_refused_whole(self, tmp_path: Path) -> None:
        folder = a_trial(tmp_path / "trial", dosing="who,amount,when\n17,lots,0\n")
        result = run("ctn0094", folder, "--json")

        assert result.exit_code == 1
        assert told(result)["refusals"] == [
            {"file": "dosing.csv", "place": "line 2", "reason": "amount 'lots' is not an amount"}
        ]
        assert people() == 0

    def test_each_masked_site_becomes_a_demo_site(self, tmp_path: Path) -> None:
        folder = a_trial(tmp_path / "trial")
        counts = told(run("ctn0094", folder, "--per-site", "--json"))
        again = told(run("ctn0094", folder, "--per-site", "--json"))

        codes = db.session.scalars(sa.select(Site.code).where(Site.code.startswith("trial-")))
        assert sorted(codes) == ["trial-4", "trial-9"]
        assert (counts["people"], counts["added"]["patients"]) == (3, 3)
        assert (again["added"]["patients"], again["unchanged"]["patients"]) == (0, 3)

    def test_day_zero_is_a_monday(self, tmp_path: Path) -> None:
        result = run("ctn0094", a_trial(tmp_path / "trial"), "--day-zero", "2024-01-02")

        assert result.exit_code == 2
        assert "is not a Monday" in result.stderr


@pytest.mark.usefixtures("clinic")
def test_the_forty_bundles(shared_data: Path) -> None:
    cohorts = [shared_data / "fhir" / name for name in ("oud-cohort", "controls", "synthea-java")]
    counts = told(run("fhir", *cohorts, "--json"))

    assert (counts["files"], counts["patients"], counts["active_oud_patients"]) == (40, 40, 22)
    assert counts["encounters_total"] == 2594
    assert counts["unsupported"]["Observation"] == 2145
    assert counts["refusals"] == []

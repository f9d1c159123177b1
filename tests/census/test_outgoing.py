"""What leaves the house by hand: files without live formulas, letters, surveys; and the jobs."""

from __future__ import annotations

import csv
import io
from datetime import date, time, timedelta
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import load_workbook

from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from clinic.data.work import Work
from clinic.programs.facts import CareState
from clinic.sites.models import Site
from clinic.web.exports import Export, workbook
from clinic.web.tables import REDISCLOSURE_NOTICE, Column, csv_response
from tasks.scheduler import Scheduler
from tasks.timetable import DailyJob
from tests import cast
from tests.census import builders as ward
from tests.conftest import Clock, SignIn, WorkAs

MONDAY = date(2026, 3, 2)
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "a\x00\x07b"]


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_no_cell_of_a_workbook_is_a_formula() -> None:
    export = Export("x", "Risky: [names]", "", (Column("=Head", str),), DANGEROUS, "", "")
    sheet = load_workbook(io.BytesIO(workbook(export))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]

    assert {cell.data_type for cell in cells} == {"s"}
    assert cells[1].value == "=1+1"
    assert cells[1].quotePrefix
    assert cells[-1].value == REDISCLOSURE_NOTICE
    assert cells[-2].value == "ab"


def test_numbers_and_days_of_a_workbook_stay_such() -> None:
    columns: tuple[Column[Any], ...] = (Column("n", int), Column("day", lambda _: MONDAY))
    sheet = load_workbook(io.BytesIO(workbook(Export("x", "T", "", columns, [-9], "", "")))).active
    assert sheet is not None
    assert sheet["A2"].value == -9
    assert sheet["B2"].is_date


def test_no_cell_of_a_csv_is_a_formula(app: Flask) -> None:
    with app.app_context():
        text = csv_response("x", (Column("n", str),), DANGEROUS[:7]).get_data(True)
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline="")) if row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@pytest.fixture
def ward_of_thirteen(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        for number in range(12):
            ward.admitted(work, on=date(2026, 2, 23), name=f"Ash{number}")
        ward.admitted(work, on=MONDAY, name="Birch", to=CareState.OUTPATIENT)


@pytest.mark.usefixtures("ward_of_thirteen")
def test_the_day_for_outsiders_in_three_kinds_of_file(sign_in: SignIn) -> None:
    client = sign_in(cast.INGRID)
    address = "/census/2026-03-02/files/outside"

    as_csv = client.get(f"{address}.csv").text
    as_pdf = text_of(client.get(f"{address}.pdf").data)
    sheet = load_workbook(io.BytesIO(client.get(f"{address}.xlsx").data)).active

    assert "Day,In care,withheld" in as_csv
    assert "Outpatient (1),<11" in as_csv
    assert "13" not in as_csv
    assert REDISCLOSURE_NOTICE in as_pdf
    assert "withheld" in as_pdf
    assert sheet is not None
    assert sheet["C2"].value == "withheld"
    leaves = db.session.scalars(
        sa.select(AuditLeaf.detail).where(AuditLeaf.action == "census.export")
    )
    assert sorted(leaf["file"] for leaf in leaves) == ["csv", "pdf", "xlsx"]


@pytest.mark.usefixtures("ward_of_thirteen")
@pytest.mark.parametrize("what", ["day", "history", "people", "movements"])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_every_table_in_every_kind(sign_in: SignIn, what: str, kind: str) -> None:
    assert sign_in(cast.ADA).get(f"/census/2026-03-02/files/{what}.{kind}").status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/census/2026-03-02/files/day.exe", 404),
        ("/census/2026-03-02/files/nothing.csv", 404),
        ("/reports/contingency/2026/2.csv", 404),
        ("/reports/contingency/2026/0.csv", 404),
        ("/reports/contingency/2026/1.csv", 200),
        ("/reports/contingency/2025/4.pdf", 200),
        ("/reports/survey.csv?on=2025-03-31", 200),
        ("/reports/survey.pdf", 200),
        ("/reports/capacity.pdf", 422),
    ],
)
def test_what_there_is_and_is_not(sign_in: SignIn, address: str, status: int) -> None:
    assert sign_in(cast.ADA).get(address).status_code == status


@pytest.mark.usefixtures("ward_of_thirteen")
def test_the_letter_to_the_state(work_as: WorkAs, sign_in: SignIn) -> None:
    with work_as(cast.ADA) as work:
        work.session.execute(sa.update(Site).where(Site.id == cast.NORTH.id).values(capacity=14))

    letter = text_of(sign_in(cast.ADA).get("/reports/capacity.pdf").data)

    assert "90 percent of its capacity" in letter
    assert "45 CFR 96.126(a)" in letter
    assert "92.9 %" in letter
    assert "09 Mar 2026" in letter  # a week after 2 March


@pytest.mark.usefixtures("ward_of_thirteen")
def test_the_survey_counts_by_setting(sign_in: SignIn) -> None:
    text = sign_in(cast.ADA).get("/reports/survey.csv?on=2026-03-02").text
    lines = {tuple(row[:2]): row[2] for row in csv.reader(io.StringIO(text)) if row[1:]}

    assert lines["Clients", "All"] == "13"
    assert lines["Clients", "Outpatient"] == "13"
    assert lines["Clients", "Under 18"] == "0"
    assert lines["Year", "Admissions in 12 months"] == "13"
    assert lines["Medication", "Methadone for detoxification"] == "not kept"


def test_an_administrator_subscribes_and_unsubscribes(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)

    refused = client.post("/reports/subscription", data={"email": "ada@clinic\nBcc: x@y.example"})
    client.post("/reports/subscription", data={"email": "ada@clinic.example"})

    assert refused.status_code == 422
    assert "ada@clinic.example" in client.get("/reports").text
    client.post("/reports/subscription/end")
    assert "ada@clinic.example" not in client.get("/reports").text


def failing(_work: Work, _day: date) -> None:
    raise LookupError("Ash, Test is nowhere to be found")


def test_a_job_that_failed_at_night_is_seen_at_the_next_sign_in_until_it_was_seen(
    app: Flask, clock: Clock, sign_in: SignIn
) -> None:
    one = Scheduler(
        app, clock, daily=[DailyJob("night.work", time(0, 5), failing)], steady=(), errands=()
    )
    one.tick()
    ada, nora = sign_in(cast.ADA), sign_in(cast.NORA)

    assert "1 job needs a look: night.work" in ada.get("/census").text
    assert "night.work" not in nora.get("/census").text
    page = ada.get("/jobs").text
    assert "LookupError" in page
    assert "Ash, Test" not in page

    clock.now += timedelta(minutes=1)
    ada.post("/jobs/seen")
    one.tick()
    assert "needs a look" not in ada.get("/census").text

    one.daily = [DailyJob("night.work", time(0, 5), lambda _work, _day: None)]
    one.tick()
    assert "LookupError" not in ada.get("/jobs").text


def test_a_job_nobody_ran_is_late(app: Flask, clock: Clock, sign_in: SignIn) -> None:
    job = DailyJob("night.work", time(0, 5), lambda _work, _day: None)
    Scheduler(app, clock, daily=[job], steady=(), errands=()).tick()
    assert "needs a look" not in sign_in(cast.ADA).get("/census").text

    clock.now = cast.NORTH.instant(date(2026, 3, 4), time(1, 5))
    assert "needs a look" not in sign_in(cast.ADA).get("/census").text
    clock.now += timedelta(minutes=1)
    page = sign_in(cast.ADA).get("/census").text
    assert "1 job needs a look: night.work" in page

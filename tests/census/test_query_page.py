"""Asking, saving the question, and reports that take long."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.audit.models import AuditLeaf
from clinic.census.facts.questions import RowKind
from clinic.census.models import ReportRun, SavedView
from clinic.census.queries import questions
from clinic.census.rules.questions import read_question
from clinic.census.services import runs
from clinic.core.actors import Actor
from clinic.core.permissions import Permission
from clinic.data.db import db
from clinic.data.work import Work
from clinic.programs.facts import CareState
from clinic.scheduling.facts import BookingStatus
from tests import cast
from tests.census import builders as ward
from tests.conftest import Clock, SignIn, WorkAs

MONDAY, TODAY = date(2026, 3, 2), date(2026, 3, 3)
Run = Callable[[], None]


@pytest.fixture
def doses_of_two(work_as: WorkAs) -> None:
    """Ash took 30 mg on two days, Birch on one; one of Ash's was taken back."""
    with work_as(cast.ADA) as work:
        for name, days in (("Ash", (MONDAY, TODAY)), ("Birch", (TODAY,))):
            episode = ward.admitted(work, on=MONDAY, name=name)
            order = ward.ordered(work, episode=episode, on=MONDAY)
            given = [ward.dosed(work, episode=episode, order_id=order, on=day) for day in days]
            if name == "Ash":
                ward.taken_back(work, episode=episode, dose_id=given[0], on=TODAY)


@pytest.fixture
def asides(app: Flask) -> list[Run]:
    """What was put aside, for the test to run when it likes."""
    kept: list[Run] = []
    app.extensions["aside"] = kept.append
    return kept


def ask(work: Work, *pairs: tuple[str, str]) -> list[tuple[object, ...]]:
    answer = questions.answer(work, question=read_question(pairs))
    assert answer is not None
    return list(answer.rows)


def file_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.usefixtures("doses_of_two")
def test_doses_are_counted_summed_and_averaged_without_those_taken_back(work: Work) -> None:
    by_form = [("rows", "doses"), ("group", "form")]

    assert ask(work, *by_form) == [("Oral concentrate", 2, 2)]
    assert ask(work, *by_form, ("show", "sum"), ("of", "dose_mg")) == [
        ("Oral concentrate", 2, 2, 60)
    ]
    assert ask(work, *by_form, ("show", "mean"), ("of", "dose_mg")) == [
        ("Oral concentrate", 2, 2, 30.0)
    ]
    assert ask(work, *by_form, ("dose_mg.min", "30.1")) == []


@pytest.mark.usefixtures("doses_of_two")
def test_dates_are_put_together_by_month_and_bounded(work: Work) -> None:
    assert ask(work, ("rows", "doses"), ("group", "date.month")) == [("2026-03", 2, 2)]
    assert ask(work, ("rows", "doses"), ("group", "date.year"), ("date.before", "2026-03-03")) == []


def test_episodes_know_where_they_stand(work: Work) -> None:
    ash = ward.admitted(work, on=MONDAY, name="Ash")
    ward.admitted(work, on=MONDAY, name="Birch", to=CareState.OUTPATIENT)
    ward.discharged(work, episode=ash, on=TODAY)

    assert ask(work, ("rows", "episodes"), ("group", "state"), ("group", "reason")) == [
        ("Outpatient (1)", "None", 1, 1),
        ("Discharged", "Completed", 1, 1),
    ]
    assert ask(work, ("rows", "episodes"), ("is_open.is", "yes"), ("group", "state")) == [
        ("Outpatient (1)", 1, 1)
    ]


def test_bookings_by_status(work: Work) -> None:
    person = ward.a_patient(work)
    ward.booked(work, patient_id=person, on=MONDAY, status=BookingStatus.NO_SHOW)
    ward.booked(work, patient_id=person, on=TODAY, status=BookingStatus.ATTENDED)

    found = ask(work, ("rows", "bookings"), ("group", "status"), ("treatment.is", "cbt"))

    assert found == [("Attended", 1, 1), ("No show", 1, 1)]


@pytest.mark.parametrize("rows", RowKind)
def test_every_field_can_be_listed_grouped_and_filtered(work: Work, rows: RowKind) -> None:
    from clinic.census.facts.questions import COMPARISONS, FIELDS, FieldType  # noqa: PLC0415

    ward.admitted(work, on=MONDAY)
    values = {FieldType.DATE: "2026-03-03", FieldType.NUMBER: "1", FieldType.YES_NO: "yes"}
    ask(work, ("rows", rows.value))
    for field in FIELDS[rows]:
        for group in field.groups:
            key = field.name if group.value == "value" else f"{field.name}.{group.value}"
            ask(work, ("rows", rows.value), ("group", key))
        for comparison in field.comparisons:
            value = values.get(field.type) or field.choices[0][0]
            assert comparison in COMPARISONS[field.type]
            ask(work, ("rows", rows.value), (f"{field.name}.{comparison.value}", value))


@pytest.mark.usefixtures("doses_of_two")
def test_another_site_sees_nothing_of_it(work_as: WorkAs) -> None:
    with work_as(cast.OLGA) as work:
        for rows in RowKind:
            assert ask(work, ("rows", rows.value)) in ([], [(0, 0)])


@pytest.mark.usefixtures("doses_of_two")
def test_whoever_may_not_open_charts_gets_counts_and_none_of_few(work: Work) -> None:
    work.actor = Actor(cast.ADA.id, "Ada", frozenset({Permission.VIEW_CENSUS}))

    answer = questions.answer(work, question=read_question([("rows", "doses")]))

    assert answer is not None
    assert (answer.labels, answer.rows, answer.withheld) == (("Doses", "Patients"), (), 1)


@pytest.mark.usefixtures("doses_of_two")
def test_the_page_lists_names_and_the_question_is_audited(sign_in: SignIn) -> None:
    page = sign_in(cast.ADA).get("/census/query?rows=doses&form.is=oral_concentrate&ask=yes")

    assert page.status_code == 200
    assert "Ash, Test" in page.text
    leaf = db.session.scalars(sa.select(AuditLeaf).where(AuditLeaf.action == "census.query")).one()
    assert leaf.subject == "Doses: form is Oral concentrate"


def test_what_the_form_leaves_empty_leaves_the_address(sign_in: SignIn) -> None:
    answer = sign_in(cast.ADA).get("/census/query?rows=doses&form.is=&group=form&group=&ask=yes")

    assert answer.status_code == 303
    assert answer.location == "/census/query?rows=doses&group=form&ask=yes"


def test_what_cannot_be_asked_is_422(sign_in: SignIn) -> None:
    answer = sign_in(cast.ADA).get("/census/query?rows=doses&shoe.is=9&ask=yes")

    assert answer.status_code == 422
    assert "Doses cannot be asked for “shoe.is”" in answer.text


def test_a_file_runs_no_formula_and_has_no_small_group(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        ward.admitted(work, on=MONDAY, name="=HYPERLINK(1)")
    client = sign_in(cast.ADA)

    names = file_of(client.get("/census/query?rows=patients&ask=yes&format=csv").text)
    counts = file_of(client.get("/census/query?rows=patients&group=sex&ask=yes&format=csv").text)

    assert names[1][0] == "'=HYPERLINK(1), Test"
    assert [row[0] for row in counts] == ["Sex", counts[-1][0]]  # heads, notice, no row between


@pytest.mark.parametrize("member", [cast.FRANK, cast.PAT])
def test_who_may_not_read_the_census(sign_in: SignIn, member: cast.Member) -> None:
    client = sign_in(member)

    assert client.get("/census/query").status_code == 403
    assert client.get("/census/views").status_code == 403
    assert client.post("/census/runs").status_code == 403


def test_too_long_a_question_is_offered_as_a_report(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "answer", lambda *_args, **_kwargs: None)

    page = sign_in(cast.ADA).get("/census/query?rows=doses&ask=yes")

    assert "This takes longer than a second" in page.text


@pytest.mark.usefixtures("doses_of_two")
def test_a_report_waits_runs_and_is_read_by_its_owner_alone(
    sign_in: SignIn, asides: list[Run]
) -> None:
    client = sign_in(cast.ADA)
    asked = {"address": "/census/query?rows=doses&group=form&ask=yes"}

    place = client.post("/census/runs", data=asked).location
    assert client.post("/census/runs", data=asked).location == place
    assert "Waiting" in client.get(place).text
    assert len(asides) == 1

    asides[0]()
    page = client.get(place, headers={"HX-Request": "true"}).text
    assert "Done" in page
    assert "Oral concentrate" in page
    assert "hx-get" not in page
    assert "Oral concentrate" not in client.get(f"{place}?format=csv").text
    assert sign_in(cast.MEG).get(place).status_code == 404
    assert "Doses: by form" in client.get("/census/views").text


@pytest.mark.usefixtures("doses_of_two")
def test_a_report_answers_as_the_page_does(
    work_as: WorkAs, sign_in: SignIn, asides: list[Run]
) -> None:
    with work_as(cast.ADA) as work:
        at_once = ask(work, ("rows", "doses"))

    sign_in(cast.ADA).post("/census/runs", data={"address": "/census/query?rows=doses"})
    asides[0]()

    run = db.session.scalars(sa.select(ReportRun)).one()
    assert run.answer is not None
    assert [tuple(row) for row in run.answer["rows"]] == at_once
    assert run.percent == 100


def test_a_cancelled_report_stays_cancelled(sign_in: SignIn, asides: list[Run]) -> None:
    client = sign_in(cast.ADA)
    place = client.post("/census/runs", data={"address": "/census/query?rows=doses"}).location

    assert sign_in(cast.MEG).post(f"{place}/cancel").status_code == 404
    assert client.post(f"{place}/cancel").status_code == 303
    asides[0]()

    page = client.get(place).text
    assert "Cancelled" in page
    assert "Start it again" in page


def test_a_report_whose_process_died_is_shown_as_lost_and_starts_again(
    sign_in: SignIn, asides: list[Run], clock: Clock
) -> None:
    client = sign_in(cast.ADA)
    asked = {"address": "/census/query?rows=doses&ask=yes"}
    place = client.post("/census/runs", data=asked).location
    clock.now += timedelta(seconds=61)

    assert "This report was lost" in client.get(place).text
    again = client.post("/census/runs", data=asked).location
    assert again != place
    asides[1]()
    assert "Done" in client.get(again).text


def test_an_answer_is_kept_for_a_day(
    sign_in: SignIn, asides: list[Run], work_as: WorkAs, clock: Clock
) -> None:
    sign_in(cast.ADA).post("/census/runs", data={"address": "/census/query?rows=doses"})
    asides[0]()
    for hours, gone in ((23, 0), (2, 1)):
        clock.now += timedelta(hours=hours)
        with work_as(cast.ADA) as work:
            assert runs.forget_reports(work, TODAY) == gone


def test_a_view_is_kept_shared_renamed_and_let_go(sign_in: SignIn) -> None:
    ada, meg = sign_in(cast.ADA), sign_in(cast.MEG)
    kept = {"name": "Doses by form", "address": "/census/query?rows=doses&group=form&ask=yes"}

    assert ada.post("/census/views", data=kept).status_code == 303
    assert "Doses by form" not in meg.get("/census/views").text
    view = db.session.scalars(sa.select(SavedView)).one()
    change = {"name": "By form", "is_shared": "y", "version": "1"}
    assert ada.post(f"/census/views/{view.id}", data=change).status_code == 303
    assert "By form" in meg.get("/census/views").text
    assert ada.post(f"/census/views/{view.id}", data=change).status_code == 409
    assert meg.post(f"/census/views/{view.id}/remove", data={"version": "2"}).status_code == 404
    assert ada.post(f"/census/views/{view.id}/remove", data={"version": "2"}).status_code == 303
    assert "By form" not in meg.get("/census/views").text


def test_two_views_of_one_name_clash(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    kept = {"name": "Mine", "address": "/census"}

    assert client.post("/census/views", data=kept).status_code == 303
    answer = client.post("/census/views", data=kept)

    assert answer.status_code == 409
    assert "You already keep a view under this name." in answer.text


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/census", "//elsewhere/census", "/patients", "/censusx"]
)
def test_only_pages_of_the_census_are_kept(sign_in: SignIn, address: str) -> None:
    answer = sign_in(cast.ADA).post("/census/views", data={"name": "Mine", "address": address})

    assert answer.status_code == 422
    assert "This is no page of the census." in answer.text

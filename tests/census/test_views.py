"""The morning page: live for today, true for any day before, one click from number to name."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.census.services import take_snapshot
from clinic.data.db import db
from clinic.data.work import Work
from clinic.programs.facts import CareState, MedicationState
from clinic.sites.models import Site
from clinic.web.tables import REDISCLOSURE_NOTICE
from tests import cast
from tests.census import builders as ward
from tests.census.queries.test_day import statements
from tests.conftest import SignIn, WorkAs

MONDAY = date(2026, 3, 2)
TODAY = date(2026, 3, 3)


@pytest.fixture
def two_in_care(work_as: WorkAs) -> None:
    """Ash in OTP since yesterday; Birch came to outpatient care today."""
    with work_as(cast.ADA) as work:
        ash = ward.admitted(work, on=MONDAY, name="Ash")
        ward.takes(work, episode=ash, on=MONDAY, medication=MedicationState.METHADONE)
        ward.a_course(work, episode=ash, modality="cbt", on=MONDAY)
        ward.admitted(work, on=TODAY, name="Birch", to=CareState.OUTPATIENT)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def links(text: str) -> list[str]:
    found = re.findall(r'href="(/census/[^"]+/people\?[^"]+)"', text)
    return [address.replace("&amp;", "&") for address in found]


@pytest.mark.usefixtures("two_in_care")
def test_the_administrator_counts_the_patient_today_and_not_yesterday(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)

    today, yesterday = client.get("/census"), client.get("/census/2026-03-02")

    assert (today.status_code, yesterday.status_code) == (200, 200)
    assert "Outpatient (1)" in today.text
    assert "Outpatient (1)" not in yesterday.text
    assert "Every level reconciles" in today.text


@pytest.mark.usefixtures("two_in_care")
def test_the_morning_page_itself_names_nobody(sign_in: SignIn) -> None:
    page = sign_in(cast.ADA).get("/census").text

    assert "Birch" not in page
    assert "Ash" not in page


@pytest.mark.usefixtures("two_in_care")
def test_who_came_and_moved_by_name(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)

    today = client.get("/census/2026-03-03/movements").text
    yesterday = client.get("/census/2026-03-02/movements").text

    assert "Birch, Test" in today
    assert "Birch, Test" not in yesterday
    assert "Admitted" in today


@pytest.mark.usefixtures("two_in_care")
def test_every_number_opens_its_names(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)

    addresses = links(client.get("/census").text)

    assert "/census/2026-03-03/people?axis=level&value=opioid_treatment" in addresses
    assert "/census/2026-03-03/people?axis=medication&value=methadone" in addresses
    assert "/census/2026-03-03/people?axis=modality&value=cbt" in addresses
    assert "/census/2026-03-03/people?axis=admitted&value=outpatient" in addresses
    assert {client.get(address).status_code for address in addresses} == {200}


@pytest.mark.usefixtures("two_in_care")
def test_the_names_behind_a_number(sign_in: SignIn) -> None:
    page = sign_in(cast.ADA).get("/census/2026-03-03/people?axis=level&value=outpatient")

    assert "Birch, Test" in page.text
    assert "Ash, Test" not in page.text


@pytest.mark.usefixtures("two_in_care")
def test_opening_names_is_kept_in_the_audit(sign_in: SignIn) -> None:
    sign_in(cast.INGRID).get("/census/2026-03-03/people?axis=in_care")

    leaf = db.session.scalars(sa.select(AuditLeaf).where(AuditLeaf.action == "census.people")).one()
    assert leaf.actor_name == "Ingrid Inspector"
    assert leaf.detail == {"axis": "in_care", "value": "", "names": 2}


@pytest.mark.usefixtures("two_in_care")
def test_the_day_as_a_file(sign_in: SignIn) -> None:
    lines = rows(sign_in(cast.ADA).get("/census/2026-03-03?format=csv").text)

    assert lines[0] == [
        "Axis", "Value", "Yesterday", "Admitted", "Transferred in", "Transferred out",
        "Discharged", "Today",
    ]  # fmt: skip
    assert lines[1:6] == [
        ["Level of care", "Outpatient (1)", "0", "1", "0", "0", "0", "1"],
        ["Level of care", "Opioid treatment program", "1", "0", "0", "0", "0", "1"],
        ["Level of care", "All levels", "1", "1", "0", "0", "0", "2"],
        ["Medication", "No medication", "", "", "", "", "", "1"],
        ["Medication", "Methadone", "", "", "", "", "", "1"],
    ]
    assert lines[-1] == [REDISCLOSURE_NOTICE]


@pytest.mark.usefixtures("two_in_care")
def test_the_quarter_as_a_file_has_a_line_for_each_day(sign_in: SignIn) -> None:
    lines = rows(sign_in(cast.ADA).get("/census/2026-03-03?format=history").text)

    assert len(lines) == 1 + 90 + 1
    assert lines[0] == [
        "Day", "Outpatient (1)", "Opioid treatment program", "All levels", "Admitted", "Discharged",
    ]  # fmt: skip
    assert lines[89] == ["2026-03-02", "0", "1", "1", "1", "0"]
    assert lines[90] == ["2026-03-03", "1", "1", "2", "1", "0"]


@pytest.mark.usefixtures("two_in_care")
def test_every_file_that_leaves_is_kept_in_the_audit(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    client.get("/census?format=csv")
    client.get("/census?format=history")
    client.get("/census/2026-03-03/people?axis=in_care&format=csv")
    client.get("/census/2026-03-03/movements?format=csv")

    leaves = db.session.scalars(
        sa.select(AuditLeaf.subject)
        .where(AuditLeaf.action == "census.export")
        .order_by(AuditLeaf.id)
    ).all()
    assert leaves == [
        "census 2026-03-03",
        "census history until 2026-03-03",
        "In care, 2026-03-03",
        "Movements, 2026-03-03",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "/census/2026-03-04",
        "/census/yesterday",
        "/census?on=2026-02-30",
        "/census/2026-03-03/people?axis=shoe_size",
        "/census/2026-03-03/people?axis=level&value=attic",
    ],
)
def test_a_day_or_number_there_is_not(sign_in: SignIn, address: str) -> None:
    assert sign_in(cast.ADA).get(address).status_code == 404


@pytest.mark.parametrize("member", [cast.FRANK, cast.PAT])
def test_who_may_not_read_the_census(sign_in: SignIn, member: cast.Member) -> None:
    client = sign_in(member)

    assert client.get("/census").status_code == 403
    assert client.get("/census/2026-03-03/people").status_code == 403
    assert client.get("/census/2026-03-03/movements").status_code == 403


def test_the_page_of_an_empty_clinic(sign_in: SignIn) -> None:
    page = sign_in(cast.ADA).get("/census")

    assert page.status_code == 200
    assert "Nobody is in care" in page.text


def test_moves_recorded_since_the_night_are_shown_beside_what_it_counted(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    with work_as(cast.ADA) as work:
        take_snapshot(work, service_date=MONDAY)
        ward.admitted(work, on=MONDAY)

    page = sign_in(cast.ADA).get("/census/2026-03-02").text

    assert "Numbers that read otherwise now than on the night" in page
    assert "level: opioid treatment" in page


def test_a_history_that_contradicts_itself_is_said_aloud(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        episode = ward.admitted(work, on=MONDAY)
        episode.closed_on = TODAY  # closed without a discharge

    page = sign_in(cast.ADA).get("/census").text

    assert "Does not reconcile" in page
    assert "Opioid treatment program: 1 expected, 0 found" in page


def test_ninety_percent_of_capacity_is_announced_with_its_deadline(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    with work_as(cast.ADA) as work:
        _room_for(work, patients=10)
        for number in range(9):
            ward.admitted(work, on=MONDAY, name=f"Patient {number}")

    page = sign_in(cast.ADA).get("/census").text

    assert "At 90.0 % of capacity" in page
    assert "09 Mar 2026" in page  # reached on 2 March, told within seven days


def test_the_page_asks_as_much_for_thirty_patients_as_for_one(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    client = sign_in(cast.ADA)

    def asked() -> int:
        with statements() as seen:
            assert client.get("/census").status_code == 200
        return len(seen)

    with work_as(cast.ADA) as work:
        ward.admitted(work, on=MONDAY)
    for_one = asked()
    with work_as(cast.ADA) as work:
        for number in range(30):
            ward.admitted(work, on=TODAY, name=f"Patient {number}")

    assert asked() == for_one


def _room_for(work: Work, *, patients: int) -> None:
    work.session.execute(sa.update(Site).where(Site.id == work.site.id).values(capacity=patients))


def test_a_slice_is_a_link_and_changes_every_number(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        ash = ward.admitted(work, on=MONDAY, name="Ash")
        ward.takes(work, episode=ash, on=TODAY, medication=MedicationState.METHADONE)
        ward.admitted(work, on=TODAY, name="Birch", to=CareState.OUTPATIENT)
    client = sign_in(cast.ADA)

    address = "/census/2026-03-03?in_medication=methadone"
    page = client.get(address).text
    lines = rows(client.get(f"{address}&format=csv").text)

    assert "Counted here: Medication: Methadone" in page
    assert "Every level reconciles" in page
    assert lines[1] == ["Level of care", "Opioid treatment program", "0", "0", "1", "0", "0", "1"]
    assert "Outpatient (1)" not in [line[1] for line in lines if len(line) > 1]
    links_in_slice = links(page)
    assert all("in_medication=methadone" in address for address in links_in_slice)
    counted = re.compile(r"axis=(level|medication|payer|sex|age|transferred_in)")
    for address in filter(counted.search, links_in_slice):
        assert "Ash, Test" in client.get(address).text


@pytest.mark.usefixtures("two_in_care")
def test_every_axis_names_whom_each_of_its_numbers_counts(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)

    admitted = client.get("/census/2026-03-03/people?axis=payer&value=none&column=admitted").text
    yesterday = client.get("/census/2026-03-03/people?axis=age&value=35-44&column=yesterday").text
    unseen = client.get("/census/2026-03-03/people?axis=work&value=unseen")

    assert ("Birch, Test" in admitted, "Ash, Test" in admitted) == (True, False)
    assert ("Birch, Test" in yesterday, "Ash, Test" in yesterday) == (False, True)
    assert unseen.status_code == 200


def test_somebody_in_care_whom_nobody_has_seen_is_shown(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        ward.admitted(work, on=date(2026, 1, 5), name="Absent")
    client = sign_in(cast.ADA)

    assert "Absent, Test" in client.get("/census/2026-03-03/people?axis=work&value=unseen").text
    assert "Census and roster agree" not in client.get("/census").text


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-03-02T11:59", "Nobody is in care"),
        ("2026-03-02T17:00:00+00:00", "Opioid treatment program"),
    ],
)
def test_any_minute_of_the_past(sign_in: SignIn, work_as: WorkAs, at: str, shown: str) -> None:
    with work_as(cast.ADA) as work:
        ward.admitted(work, on=MONDAY)  # at noon, which is 17:00 UTC

    page = sign_in(cast.ADA).get("/census", query_string={"at": at})

    assert page.status_code == 200
    assert shown in page.text.partition('id="levels"')[2].partition("</section>")[0]


@pytest.mark.parametrize("at", ["2026-03-03T14:01:00+00:00", "noon", "9999-12-31T23:59", ""])
def test_a_minute_there_is_not(sign_in: SignIn, at: str) -> None:
    status = sign_in(cast.ADA).get("/census", query_string={"at": at}).status_code

    assert status == (404 if at else 200)


def test_what_was_known_that_evening_stands_beside_what_is_true(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    with work_as(cast.ADA) as work:
        ward.admitted(work, on=MONDAY, name="Latecomer")

    ada, ingrid = sign_in(cast.ADA), sign_in(cast.INGRID)
    page = ada.get("/census/2026-03-02").text

    assert "0 in care" in page
    assert "1 in care" in page
    assert "Latecomer" not in page
    assert "Latecomer, Test" in ingrid.get("/census/2026-03-02/corrections").text


def test_an_administrator_has_a_past_day_written_down_anew(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    with work_as(cast.ADA) as work:
        take_snapshot(work, service_date=MONDAY)
        ward.admitted(work, on=MONDAY)
    client = sign_in(cast.ADA)

    answer = client.post("/census/2026-03-02/rebuild")

    assert answer.status_code == 303
    assert "with the count written down on" in client.get("/census/2026-03-02").text
    assert sign_in(cast.INGRID).post("/census/2026-03-02/rebuild").status_code == 403
    assert client.post("/census/2026-03-03/rebuild").status_code == 404

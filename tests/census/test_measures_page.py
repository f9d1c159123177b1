"""The pages of measures and plots: every number opens as many names as it says."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.core.permissions import Permission
from clinic.data.db import db
from clinic.programs.facts import CareState
from clinic.scheduling.facts import BookingStatus
from clinic.sites.models import Site
from clinic.staff import facts as staff
from clinic.staff.facts import VERBS_OF, Role
from tests import cast
from tests.census import builders as ward
from tests.census.queries.test_day import statements
from tests.conftest import SignIn, WorkAs

FEBRUARY, TODAY = date(2026, 2, 2), date(2026, 3, 3)
PERIOD = "from=2026-02-01&to=2026-03-03"


@pytest.fixture
def a_month(work_as: WorkAs) -> None:
    """Ash and Birch came in February; Birch left, having missed one of two visits."""
    with work_as(cast.ADA) as work:
        ash = ward.admitted(work, on=FEBRUARY, name="Ash")
        birch = ward.admitted(work, on=FEBRUARY, name="Birch")
        order = ward.ordered(work, episode=ash, on=FEBRUARY)
        ward.dosed(work, episode=ash, order_id=order, on=date(2026, 3, 2))
        for on, status in ((9, BookingStatus.ATTENDED), (16, BookingStatus.NO_SHOW)):
            ward.booked(work, patient_id=birch.patient_id, on=date(2026, 2, on), status=status)
        ward.moves(work, episode=ash, on=date(2026, 2, 20), to=CareState.OUTPATIENT)
        ward.discharged(work, episode=birch, on=date(2026, 3, 2))
        work.session.execute(sa.update(Site).values(capacity=2, beds=0))


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def addresses(text: str) -> set[str]:
    found = re.findall(r'href="(/census/(?:measures|plots)/people\?[^"]+)"', text)
    return {address.replace("&amp;", "&") for address in found}


@pytest.mark.usefixtures("a_month")
def test_the_page_shows_each_measure_with_what_it_counts(sign_in: SignIn) -> None:
    text = sign_in(cast.MEG).get(f"/census/measures?{PERIOD}").text

    assert "42 CFR 8.12(f)(6)" in text
    assert "cancelled less than 24 hours ahead" in text
    assert "Physical examinations are not recorded here" in text
    assert ">50.0</a> <small>%" in text  # one visit of two was missed


@pytest.mark.usefixtures("a_month")
def test_every_number_opens_as_many_names_as_it_says(sign_in: SignIn) -> None:
    client = sign_in(cast.MEG)
    pages = [client.get(f"/census/{name}?{PERIOD}").text for name in ("measures", "plots")]
    opened = addresses(pages[0]) | addresses(pages[1])

    assert len(opened) > 20
    for address in opened:
        assert client.get(address).status_code == 200, address
    for gauge, only, names in (
        ("admissions", "", 2),
        ("discharges", "", 1),
        ("no_show", "", 2),
        ("no_show", "&only=counting", 1),
        ("take_homes", "", 1),
        ("capacity", "", 1),
    ):
        text = client.get(f"/census/measures/people?gauge={gauge}&{PERIOD}{only}").text
        assert text.count('<th scope="row"') == names, gauge


@pytest.mark.usefixtures("a_month")
def test_a_past_period_knows_nothing_of_what_was_recorded_later(sign_in: SignIn) -> None:
    """On 1 March Birch had not left yet."""
    client = sign_in(cast.MEG)

    then = client.get("/census/measures/people?gauge=discharges&from=2026-02-01&to=2026-03-01")
    now = client.get(f"/census/measures/people?gauge=discharges&{PERIOD}")

    assert ("Birch" in then.text, "Birch" in now.text) == (False, True)


@pytest.mark.usefixtures("a_month")
def test_whoever_may_not_read_charts_sees_numbers_and_no_way_to_names(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    verbs = VERBS_OF[Role.INSPECTOR] - {Permission.VIEW_CHART}
    monkeypatch.setattr(staff, "VERBS_OF", {**VERBS_OF, Role.INSPECTOR: verbs})
    client = sign_in(cast.INGRID)

    for name in ("measures", "plots"):
        assert addresses(client.get(f"/census/{name}?{PERIOD}").text) == set()
    assert client.get(f"/census/measures/people?gauge=admissions&{PERIOD}").status_code == 403
    refused = client.get(f"/census/plots/people?plot=hour&value=0-10&{PERIOD}")
    assert refused.status_code == 403


@pytest.mark.usefixtures("a_month")
@pytest.mark.parametrize(
    "address",
    [
        "/census/measures?from=2026-03-03&to=2026-03-01",
        "/census/measures?to=2026-03-04",
        "/census/measures?to=x",
        "/census/measures/people?gauge=nothing",
        "/census/plots?format=nothing",
        "/census/plots/people?plot=hour&value=monday",
        "/census/plots/people?plot=flow&value=a",
        "/census/plots/people?plot=nothing",
    ],
)
def test_what_there_cannot_be_is_not_found(sign_in: SignIn, address: str) -> None:
    assert sign_in(cast.MEG).get(address).status_code == 404


@pytest.mark.usefixtures("a_month")
def test_a_file_withholds_the_few_and_is_written_down(sign_in: SignIn) -> None:
    client = sign_in(cast.MEG)

    measures = lines(client.get(f"/census/measures?{PERIOD}&format=csv").text)
    census = lines(client.get(f"/census/plots?{PERIOD}&format=census").text)

    found = {line[0]: line for line in measures if len(line) > 1 and not line[1]}
    assert found["Admissions"][2] == "<11"
    assert found["No-show rate"][2] == "withheld"
    assert census[1][0] == "2026-03-03"
    assert set(census[1][1:]) <= {"0", "<11", "withheld"}
    with db.session() as session:
        exports = session.scalars(
            sa.select(AuditLeaf.action).where(AuditLeaf.action == "census.export")
        )
        assert len(list(exports)) == 2


@pytest.mark.usefixtures("a_month")
def test_each_picture_has_its_sentence_table_and_file(sign_in: SignIn) -> None:
    client = sign_in(cast.MEG)
    text = client.get(f"/census/plots?{PERIOD}").text

    drawn = re.findall(r'<figure class="plot" id="([^"]+)"', text)
    assert {"census", "waterfall", "flow", "retention", "attendance", "dosing"} <= set(drawn)
    options = [
        json.loads(found)
        for found in re.findall(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    ]
    assert len(options) == len(drawn)
    assert text.count("<summary>The numbers</summary>") == len(drawn)
    for picture in drawn:
        assert client.get(f"/census/plots?{PERIOD}&format={picture}").mimetype == "text/csv"


def test_pages_of_an_empty_clinic_open(sign_in: SignIn) -> None:
    client = sign_in(cast.MEG)

    assert [client.get(f"/census/{name}").status_code for name in ("measures", "plots")] == [
        200,
        200,
    ]


@pytest.mark.usefixtures("a_month")
@pytest.mark.parametrize("name", ["measures", "plots"])
def test_more_patients_cost_no_more_statements(sign_in: SignIn, work_as: WorkAs, name: str) -> None:
    client = sign_in(cast.MEG)
    client.get(f"/census/{name}?{PERIOD}")
    with statements() as few:
        client.get(f"/census/{name}?{PERIOD}")
    with work_as(cast.ADA) as work:
        for number in range(6):
            ward.admitted(work, on=FEBRUARY, name=f"More {number}")
    with statements() as many:
        client.get(f"/census/{name}?{PERIOD}")

    assert len(many) == len(few)

"""The inspector's desk and pack."""

from __future__ import annotations

import csv
import io
import zipfile

import pypdfium2
import pytest

from clinic.dosing import services
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.dosing.builders import ready_to_dose

SECTIONS = {
    "papers", "access", "summary", "patients", "log", "inventories", "receipts", "counts",
    "waste", "incidents", "closes", "take_home_decisions", "closures", "paper_doses",
    "pump_pours", "audit",
}  # fmt: skip


@pytest.fixture
def dosed(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    with work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)


@pytest.mark.usefixtures("dosed")
def test_one_action_gives_everything_a_visit_asks_for(sign_in: SignIn) -> None:
    inspector = sign_in(cast.INGRID)
    answer = inspector.get("/inspection/pack.zip?first=2026-03-01&last=2026-03-03")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))

    assert {name.removesuffix(".csv") for name in archive.namelist()} == SECTIONS | {
        "inspection.pdf"
    }
    log = list(csv.reader(io.StringIO(archive.read("log.csv").decode())))
    assert log[1][:1] == ["2026-03-03"]
    assert "Methadone" in log[1]
    assert log[-1] == ["42 CFR part 2 prohibits unauthorized use or disclosure of these records."]
    audit = list(csv.reader(io.StringIO(archive.read("audit.csv").decode())))
    assert audit[1][1] == "verifies"


@pytest.mark.usefixtures("dosed")
def test_the_pack_on_paper_names_the_rule_behind_each_section(sign_in: SignIn) -> None:
    data = sign_in(cast.PHIL).get("/inspection/pack.pdf").data
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]
    said = " ".join(" ".join(pages).split())
    for word in (
        "Everybody with access", "Ingrid Inspector", "21 CFR 1304.24(a)", "Form 106",
        "42 CFR 8.12(i)(2)", "Physical inventories", "Nora Nurse", "verifies", "NN",
    ):  # fmt: skip
        assert word in said


def test_taking_the_pack_is_in_the_audit(sign_in: SignIn) -> None:
    inspector = sign_in(cast.INGRID)
    inspector.get("/inspection/pack.pdf")
    assert "inspection.pack" in inspector.get("/audit").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("first=2026-03-04&last=2026-03-03", 422),
        ("first=2025-01-01&last=2026-03-03", 422),
        ("first=yesterday", 404),
    ],
)
def test_a_range_nobody_can_print_is_refused(sign_in: SignIn, query: str, status: int) -> None:
    assert sign_in(cast.INGRID).get(f"/inspection/pack.pdf?{query}").status_code == status


def test_the_desk_leads_only_where_the_inspector_may_go(sign_in: SignIn) -> None:
    inspector = sign_in(cast.INGRID)
    desk = inspector.get("/inspection").text
    main = desk.split("Look for yourself")[1].split("</ul>")[0]
    for link in [part.split('"')[0] for part in main.split('href="')[1:]]:
        assert inspector.get(link).status_code == 200, link


@pytest.mark.parametrize("member", [cast.NORA, cast.CARL, cast.FRANK])
def test_others_do_not_take_the_pack(sign_in: SignIn, member: cast.Member) -> None:
    assert sign_in(member).get("/inspection/pack.zip").status_code == 403

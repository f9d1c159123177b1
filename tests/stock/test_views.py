from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
import sqlalchemy as sa

from clinic.audit import queries as audit
from clinic.data.db import db
from clinic.data.work import Work
from clinic.dosing import services as dosing
from clinic.stock import queries, services
from clinic.stock.facts import CountMoment
from clinic.stock.models import StockBottle, StockCount, StockDayClose, StockReceipt
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.dosing.builders import ready_to_dose
from tests.stock.builders import a_delivery, count_everything, open_at_window

TODAY = "2026-03-03"
WITNESS = {"witness": cast.NELL.username, "witness_password": cast.PASSWORD}
PAGES = (
    "/stock",
    "/stock/bottles",
    "/stock/receive",
    "/stock/count/opening",
    "/stock/count/closing",
    f"/stock/day/{TODAY}",
    "/stock/incidents",
    "/stock/inventory",
)
DELIVERY = {
    "idempotency_key": "d",
    "product": "methadone_concentrate_10",
    "bottles": "2",
    "size": "1000",
    "lot": "LOT-7",
    "expires_on": "2027-01-01",
    "order_form": "222-77",
    "supplier": "Wholesale Example",
    "supplier_registration": "RE0000000",
}


def count(model: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def bottle_id(work_as: WorkAs) -> UUID:
    with work_as(cast.NORA) as work:
        return open_at_window(work)


def test_pages_of_an_empty_and_of_a_full_stockroom(sign_in: SignIn, work_as: WorkAs) -> None:
    nurse = sign_in(cast.NORA)
    for path in PAGES:
        assert nurse.get(path).status_code == 200, path
    with work_as(cast.NORA) as work:
        bottle = open_at_window(work)
        a_delivery(work, product="methadone_tablet_10", size=Decimal(100), bottles=2)
    for path in (*PAGES, f"/stock/bottles/{bottle}"):
        assert nurse.get(path).status_code == 200, path


def test_a_delivery_sent_twice_arrives_once(sign_in: SignIn) -> None:
    nurse = sign_in(cast.NORA)
    assert [nurse.post("/stock/receive", data=DELIVERY).status_code for _ in range(2)] == [303] * 2
    assert (count(StockReceipt), count(StockBottle)) == (1, 2)
    changed = nurse.post("/stock/receive", data=DELIVERY | {"bottles": "9"})
    assert changed.status_code == 409


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"order_form": ""}, 422),
        ({"size": "a lot"}, 422),
        ({"size": "1e999"}, 422),
        ({"size": "NaN"}, 422),
        ({"product": "gold"}, 422),
        ({"lot": "x" * 81}, 422),
    ],
    ids=str,
)
def test_broken_deliveries_are_refused(
    sign_in: SignIn, changes: dict[str, str], status: int
) -> None:
    assert sign_in(cast.NORA).post("/stock/receive", data=DELIVERY | changes).status_code == status
    assert count(StockBottle) == 0


def test_a_bottle_goes_to_the_window_and_back(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        (bottle,) = a_delivery(work)
    nurse = sign_in(cast.NORA)
    path = f"/stock/bottles/{bottle}"
    nurse.post(f"{path}/open", data={"idempotency_key": "o", "window": "2"})
    assert "Window 2" in nurse.get(path).text
    nurse.post(f"{path}/put-back", data={"idempotency_key": "p"})
    nurse.post(f"{path}/quarantine", data={"idempotency_key": "q", "reason": "Cracked"})
    waste = {
        "idempotency_key": "w",
        "amount": "1000",
        "kind": "waste",
        "reason": "Cracked",
    }
    alone = nurse.post(f"{path}/waste", data=waste | {"witness": "nora", "witness_password": "x"})
    assert alone.status_code == 422
    assert nurse.post(f"{path}/waste", data=waste | WITNESS).status_code == 303
    assert "Closed" in nurse.get(path).text


def text_of(sheet: Any) -> str:
    assert sheet.mimetype == "application/pdf"
    pages = pypdfium2.PdfDocument(sheet.data)
    return " ".join(page.get_textpage().get_text_bounded() for page in pages)


IN_HAND = {
    "idempotency_key": "h",
    "product": "methadone_concentrate_10",
    "amount": "750",
    "lot": "LOT-H",
    "place": "pump",
    "number": "2",
}


def test_what_was_in_hand_needs_a_second_person_and_says_so(sign_in: SignIn) -> None:
    nurse = sign_in(cast.NORA)
    own = {"witness": cast.NORA.username, "witness_password": cast.PASSWORD}
    huge = {"amount": "9" * 30}
    for wrong in ({}, own, WITNESS | huge, WITNESS | {"amount": "-1"}, WITNESS | {"number": "0"}):
        assert nurse.post("/stock/bottles", data=IN_HAND | wrong).status_code == 422, wrong
    assert count(StockBottle) == 0
    for _ in range(2):
        assert nurse.post("/stock/bottles", data=IN_HAND | WITNESS).status_code == 303
    assert count(StockBottle) == 1
    assert "Pump 2" in nurse.get("/stock/bottles").text
    (bottle,) = db.session.scalars(sa.select(StockBottle.id)).all()
    shown = nurse.get(f"/stock/bottles/{bottle}").text
    assert "Initial inventory: in hand before this record" in shown
    assert "Nell Secondnurse" in shown


def test_a_bottle_is_carried_to_the_bench_and_back(sign_in: SignIn, bottle_id: UUID) -> None:
    nurse, path = sign_in(cast.NORA), f"/stock/bottles/{bottle_id}"
    bench = {"idempotency_key": "m", "place": "preparation", "number": "1"}
    assert nurse.post(f"{path}/move", data=bench).status_code == 303
    assert "Take-home preparation" in nurse.get(path).text
    stale = nurse.post(f"{path}/move", data=bench | {"idempotency_key": "n"})
    assert stale.status_code == 409
    assert nurse.post(f"{path}/move", data=bench | {"place": "patient"}).status_code == 422
    nurse.post(f"{path}/put-back", data={"idempotency_key": "p"})
    assert "Safe" in nurse.get(path).text


def test_deliveries_and_the_inventory_on_paper(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        a_delivery(work)
    for member in (cast.NORA, cast.NELL):
        with work_as(member) as work:
            count_twice(work)
    with work_as(cast.NORA) as work:
        services.take_inventory(work, moment=CountMoment.CLOSING, witness_id=cast.NELL.id)
    inspector = sign_in(cast.INGRID)
    assert "222-0001" in text_of(inspector.get("/stock/receive/paper"))
    sheet = text_of(inspector.get(f"/stock/inventory/{TODAY}/paper"))
    for words in (
        "Counted by Nora Nurse: signature and date",
        "Counted with Nell Secondnurse: signature and date",
        "1000 mL",
        "03 Mar 2028",
    ):
        assert words in sheet
    assert inspector.get("/stock/inventory/2026-03-02/paper").status_code == 404


def count_twice(work: Work) -> None:
    """The first person's count, or the second's of it."""
    (line,) = queries.count_lines(work, day=work.service_date, moment=CountMoment.CLOSING)
    if line.first is None:
        count_everything(work)
    else:
        services.second_count(work, first_id=line.first.id, amount=Decimal(1000))


def test_another_site_s_bottle_is_not_found(sign_in: SignIn, bottle_id: UUID) -> None:
    outsider = sign_in(cast.OLGA)
    assert outsider.get(f"/stock/bottles/{bottle_id}").status_code == 404
    refused = outsider.post(f"/stock/bottles/{bottle_id}/put-back", data={"idempotency_key": "p"})
    assert refused.status_code == 404


@pytest.mark.usefixtures("bottle_id")
def test_a_day_from_the_count_to_the_seal(sign_in: SignIn) -> None:
    nurse, second = sign_in(cast.NORA), sign_in(cast.NELL)
    found = {"idempotency_key": "c", "product": "methadone_concentrate_10", "spot": "window-1"}
    nurse.post("/stock/count/closing", data=found | {"amount": "983.4"})
    blind = second.get("/stock/count/closing").text
    assert "Waits for a second person" in blind
    assert "983.4" not in blind
    assert "1000 mL" not in blind
    assert "An incident" not in second.get(f"/stock/day/{TODAY}").text
    close = {"idempotency_key": "x"} | WITNESS
    assert nurse.post(f"/stock/day/{TODAY}", data=close).status_code == 422

    (first,) = db.session.scalars(sa.select(StockCount.id)).all()
    path = f"/stock/count/closing/{first}/second"
    own = nurse.post(path, data={"idempotency_key": "s", "amount": "983.4"})
    assert own.status_code == 422
    assert second.post(path, data={"idempotency_key": "t", "amount": "983.4"}).status_code == 303
    assert "waits for the supervisor" in nurse.get(f"/stock/day/{TODAY}").text
    with_incident = nurse.get("/stock").text
    assert "Send Form 106 by 17 Apr 2026" in with_incident
    assert "Tell the DEA in writing by 04 Mar 2026" in with_incident
    assert "in 1 days" not in with_incident
    assert "tomorrow" in with_incident

    director = sign_in(cast.MEG)
    link = next(part for part in with_incident.split('"') if part.startswith("/stock/incidents/"))
    signed = director.post(
        f"{link}/sign-off",
        data={"idempotency_key": "i", "finding": "explained", "note": "Spill found"},
    )
    assert signed.status_code == 303
    assert nurse.post(f"/stock/day/{TODAY}", data=close | {"idempotency_key": "y"}).status_code == (
        303
    )
    assert count(StockDayClose) == 1
    assert "Audit seal" in nurse.get(f"/stock/day/{TODAY}").text


@pytest.mark.parametrize(
    "path",
    [
        "/stock/count/noon",
        "/stock/day/2026-02-30",
        "/stock/day/9999-01-01",
        "/stock/incidents/00000000-0000-0000-0000-000000000000",
        "/dosing/log/yesterday/paper",
    ],
)
def test_addresses_of_nothing(sign_in: SignIn, path: str) -> None:
    assert sign_in(cast.NORA).get(path).status_code == 404


@pytest.mark.usefixtures("bottle_id")
@pytest.mark.parametrize("spot", ["patient", "window-x", "window--1", "nowhere"])
def test_a_place_that_is_none_is_not_counted(sign_in: SignIn, spot: str) -> None:
    found = {"idempotency_key": "c", "product": "methadone_concentrate_10", "amount": "1"}
    answer = sign_in(cast.NORA).post("/stock/count/closing", data=found | {"spot": spot})
    assert answer.status_code == 404


class TestLog:
    @pytest.fixture
    def nurse(self, sign_in: SignIn, work_as: WorkAs) -> Any:
        patient_id = ready_to_dose(work_as)
        with work_as(cast.NORA) as work:
            dosing.give_dose(work, patient_id=patient_id, order_number=1, window=1)
        return sign_in(cast.NORA)

    def test_a_day_stays_open_until_its_dispensers_have_signed(
        self, nurse: Any, sign_in: SignIn, work_as: WorkAs
    ) -> None:
        log, day = f"/dosing/log/{TODAY}", f"/stock/day/{TODAY}"
        unsigned = "The log is not signed by Nora Nurse: 1 of 1 lines."
        assert unsigned in nurse.get(day).text
        assert (
            sign_in(cast.NELL).post(f"{log}/sign", data={"idempotency_key": "s"}).status_code == 422
        )
        assert nurse.post(f"{log}/sign", data={"idempotency_key": "s"}).status_code == 303
        assert unsigned not in nurse.get(day).text
        assert nurse.post(f"{log}/sign", data={"idempotency_key": "z"}).status_code == 409
        with work_as(cast.NORA) as work:
            assert queries.closed_day(work, day=date(2026, 3, 3)) is None

    def test_the_printed_seal_is_the_one_the_audit_verifies_by(
        self, nurse: Any, work_as: WorkAs
    ) -> None:
        log = f"/dosing/log/{TODAY}"
        nurse.post(f"{log}/sign", data={"idempotency_key": "s"})
        with work_as(cast.NORA) as work:
            count_everything(work)
        nurse.post(f"/stock/day/{TODAY}", data={"idempotency_key": "x"} | WITNESS)
        printed = text_of(nurse.get(f"{log}/paper"))
        found = re.search(r"Audit seal\s+(\d+)\s+Root of the seal\s+([0-9a-f]{64})", printed)
        assert found is not None
        sequence, chain = int(found[1]), found[2]

        link = next(part for part in nurse.get(log).text.split('"') if part.endswith("/correct"))
        late = {"field": "lot", "reads": "LOT-2", "reason": "Read from the wrong bottle"}
        assert nurse.post(link, data=late | {"idempotency_key": "k"}).status_code == 303
        reprinted = text_of(nurse.get(f"{log}/paper"))
        assert chain in reprinted, "a late correction changes no seal"
        assert "Read from the wrong bottle" in reprinted
        with work_as(cast.ADA) as work:
            assert audit.verify(work, anchor=(sequence, chain)) == []
            assert audit.verify(work, anchor=(sequence, "0" * 64)) != []

    def test_a_correction_stands_beside_its_line_and_on_paper(self, nurse: Any) -> None:
        log = f"/dosing/log/{TODAY}"
        link = next(part for part in nurse.get(log).text.split('"') if part.endswith("/correct"))
        assert nurse.get(link).status_code == 200
        correction = {
            "idempotency_key": "k",
            "field": "lot",
            "reads": "LOT-2",
            "reason": "Read from the wrong bottle",
        }
        assert nurse.post(link, data=correction | {"reason": ""}).status_code == 422
        assert nurse.post(link, data=correction).status_code == 303
        nurse.post(f"{log}/sign", data={"idempotency_key": "s"})
        sheet = nurse.get(f"{log}/paper")
        assert sheet.mimetype == "application/pdf"
        text = text_of(sheet)
        for words in ("Methadone", "10 mg/mL", "NN", "LOT-2", "Root of the seal"):
            assert words in text

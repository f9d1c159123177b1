"""Labels of prepared bottles: as a PDF, or straight to the window's printer."""

from __future__ import annotations

from uuid import UUID

import pypdfium2
import pytest
import sqlalchemy as sa

from clinic.data.db import db
from clinic.dosing.models import TakeHomeBottle
from clinic.hardware import services as hardware
from clinic.hardware.facts import PrinterKind
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.dosing.take_home_builders import coming_on_tuesdays
from tests.hardware.machines import PAPER_OUT, a_printer


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    return coming_on_tuesdays(work_as)


def prepare(sign_in: SignIn, patient_id: UUID) -> list[str]:
    """Six bottles; their codes."""
    sign_in(cast.NORA).post(
        f"/patients/{patient_id}/dosing/take-homes/prepare", data={"idempotency_key": "p1"}
    )
    return list(db.session.scalars(sa.select(TakeHomeBottle.code).order_by(TakeHomeBottle.take_on)))


def test_every_bottle_gets_its_own_label(sign_in: SignIn, patient_id: UUID) -> None:
    codes = prepare(sign_in, patient_id)
    answer = sign_in(cast.NORA).get(f"/dosing/{patient_id}/take-homes/labels")
    pages = [
        " ".join(page.get_textpage().get_text_bounded().split())
        for page in pypdfium2.PdfDocument(answer.data)
    ]
    assert len(pages) == len(codes) == 6
    for page, code in zip(pages, codes, strict=True):
        assert code in page.replace(" ", "")
        assert "TAKE ON" in page
        assert "mL" in page
    assert "Wed 04 Mar 2026" in pages[0]
    assert "Bottle 1 of 6" in pages[0]


def test_the_window_s_own_printer_gets_them(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    codes = prepare(sign_in, patient_id)
    with a_printer() as printer:
        with work_as(cast.ADA) as work:
            hardware.add_printer(
                work, name="Z", kind=PrinterKind.ZPL, host="127.0.0.1", port=printer.port, window=1
            )
        answer = sign_in(cast.NORA).post(f"/dosing/{patient_id}/take-homes/labels")
    assert answer.status_code == 303
    assert printer.received.count(b"^XA") == 6
    assert all(code.encode() in printer.received for code in codes)


def test_paper_out_keeps_the_labels_and_says_so(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    prepare(sign_in, patient_id)
    nurse = sign_in(cast.NORA)
    with a_printer(answer=PAPER_OUT) as printer:
        with work_as(cast.ADA) as work:
            hardware.add_printer(
                work, name="Z", kind=PrinterKind.ZPL, host="127.0.0.1", port=printer.port, window=1
            )
        nurse.post(f"/dosing/{patient_id}/take-homes/labels")
    assert b"^XA" not in printer.received
    assert "the paper is out" in nurse.get("/hardware/labels").text


def test_without_a_label_printer_the_pdf_opens(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    assert nurse.get(f"/dosing/{patient_id}/take-homes/labels").status_code == 422
    prepare(sign_in, patient_id)
    answer = nurse.post(f"/dosing/{patient_id}/take-homes/labels")
    assert answer.location.endswith(f"/dosing/{patient_id}/take-homes/labels")

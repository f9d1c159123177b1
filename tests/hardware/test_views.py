from __future__ import annotations

from tests import cast
from tests.conftest import SignIn
from tests.hardware.machines import a_printer


def test_an_administrator_sets_up_a_printer_and_tests_it(sign_in: SignIn) -> None:
    admin = sign_in(cast.ADA)
    with a_printer() as printer:
        typed = {
            "name": "Zebra 1", "kind": "zpl", "host": "127.0.0.1", "port": printer.port,
            "dpi": "203", "size": "4x3", "window": "1",
        }  # fmt: skip
        assert admin.post("/hardware/printers", data=typed).status_code == 303
        page = admin.get("/hardware").text
        test = page.split('/test"')[0].rsplit('"', 1)[1] + "/test"
        assert admin.post(test).status_code == 303
    assert b"CLINIC-TEST" in printer.received
    assert "Test label" in sign_in(cast.NORA).get("/hardware/labels").text


def test_a_printer_without_an_address_is_refused_in_words(sign_in: SignIn) -> None:
    typed = {"name": "Z", "kind": "zpl", "host": "", "port": "9100", "dpi": "203", "size": "4x3"}
    answer = sign_in(cast.ADA).post("/hardware/printers", data=typed)
    assert answer.status_code == 422
    assert "address on the network" in answer.text


def test_a_pump_is_added_and_taken_out_of_use(sign_in: SignIn) -> None:
    admin = sign_in(cast.ADA)
    typed = {"name": "Pump 1", "window": "1", "address": "socket://10.0.0.9:4001"}
    admin.post("/hardware/pumps", data=typed)
    page = admin.get("/hardware").text
    out = page.split('/out"')[0].rsplit('"', 1)[1] + "/out"
    assert admin.post(out).status_code == 303
    assert "Out of use" in admin.get("/hardware").text


def test_the_scanner_page_says_what_was_typed(sign_in: SignIn) -> None:
    nurse = sign_in(cast.NORA)
    assert "This scanner is ready" in nurse.get("/hardware/scanner?code=CLINIC-TEST").text
    assert "Not the test code" in nurse.get("/hardware/scanner?code=%5DC1CLINIC").text
    assert nurse.get("/hardware/scanner/code").data.startswith(b"%PDF")

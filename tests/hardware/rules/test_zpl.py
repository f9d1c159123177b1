from __future__ import annotations

import pytest

from clinic.hardware.facts import LabelSize
from clinic.hardware.rules import is_pump_address, zpl_label, zpl_test
from clinic.hardware.rules.zpl import escaped
from tests.hardware.samples import LABEL


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("O'Brien", "O'Brien"),
        ("^XZ~JA", "_5EXZ_7EJA"),
        ("a_b\\c", "a_5Fb_5Cc"),
        ("José 山田", "José 山田"),
        ("two\nlines\x00", "two lines "),
    ],
)
def test_no_name_commands_the_printer(text: str, sent: str) -> None:
    assert escaped(text) == sent


@pytest.mark.parametrize(
    ("dpi", "width", "length"), [(203, "^PW812", "^LL609"), (300, "^PW1200", "^LL900")]
)
def test_a_label_says_everything_and_fits_its_printer(dpi: int, width: str, length: str) -> None:
    printed = zpl_label(LABEL, size=LabelSize.FOUR_BY_THREE, dpi=dpi)

    assert printed.startswith("^XA\n^CI28\n")
    assert printed.endswith("^XZ\n")
    assert width in printed
    assert length in printed
    for said in (
        "Harbor North",
        "1 Pier Road",
        "555-0100",
        "Doe, Jane",
        "N-000123",
        "Methadone, oral concentrate",
        "40 mg = 4 mL",
        "Mon 09 Mar 2026",
        "Drink the whole bottle",
        "Dispensed 07 Mar 2026",
        "Pia Prescriber",
        "Bottle 2 of 6",
        "Keep out of the reach of children",
        "Federal law prohibits the transfer",
        "^BQN,2,",
        "^FDMA,TH-000123-2",
    ):
        assert said in printed


def test_the_date_to_take_it_is_the_biggest_thing_on_the_label() -> None:
    printed = zpl_label(LABEL, size=LabelSize.FOUR_BY_THREE, dpi=203)
    heights = {
        line: int(line.split("^A0N,")[1].split(",")[0])
        for line in printed.splitlines()
        if "^A0N," in line
    }
    assert "Mon 09 Mar 2026" in max(heights, key=lambda line: heights[line])


def test_a_test_label_names_its_printer_and_carries_bars_a_scanner_reads() -> None:
    printed = zpl_test("Window 1", size=LabelSize.FOUR_BY_TWO, dpi=203)
    assert "Window 1" in printed
    assert "^BCN,90,Y,N,N^FH_^FD>:CLINIC-TEST^FS" in printed


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("socket://pump-1.local:4001", True),
        ("/dev/ttyUSB0", True),
        ("/dev/serial/by-id/usb-Pump_1", True),
        ("spy:///dev/ttyUSB0?file=/etc/passwd", False),
        ("alt:///dev/ttyUSB0", False),
        ("/dev/tty/../../etc/passwd", False),
        ("/etc/passwd", False),
        ("socket://host", False),
        ("", False),
    ],
)
def test_only_addresses_of_machines_are_addresses(address: str, may: bool) -> None:
    assert is_pump_address(address) is may

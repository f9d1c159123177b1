from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest

from clinic.hardware.facts import LabelSize
from clinic.hardware.papers import labels_pdf, scanner_code_pdf, sheet_pdf
from tests.hardware.samples import LABEL


def pages(data: bytes) -> list[str]:
    found = (page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data))
    return [" ".join(text.split()) for text in found]


@pytest.mark.parametrize("size", list(LabelSize))
def test_one_label_a_page_with_everything_on_it(size: LabelSize) -> None:
    longest = replace(
        LABEL, patient="Wolfeschlegelsteinhausenbergerdorff, Hubert Blaine " * 3, bottle="12 of 12"
    )
    first, second = pages(labels_pdf([LABEL, longest], size=size))
    for said in (
        "Harbor North", "1 Pier Road", "555-0100", "Doe, Jane", "N-000123", "Methadone",
        "40 mg = 4 mL", "TAKE ON", "Mon 09 Mar 2026", "Drink the whole bottle",
        "Dispensed 07 Mar 2026", "Pia Prescriber", "Bottle 2 of 6", "reach of children",
        "prohibits the transfer", "TH-000123-2",
    ):  # fmt: skip
        assert said in first
    assert second.count("Wolfe") == 3


def test_many_labels_share_a_sheet() -> None:
    labels = [replace(LABEL, bottle=f"Bottle {number} of 7") for number in range(1, 8)]
    printed = pages(sheet_pdf(labels, size=LabelSize.FOUR_BY_TWO))
    assert len(printed) == 1
    assert all(f"Bottle {number} of 7" in printed[0] for number in range(1, 8))


def test_the_scanner_code_is_one_label() -> None:
    assert len(pages(scanner_code_pdf())) == 1

"""Labels as PDF: at the size of a label, or many on a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.hardware.facts import LabelSize, LabelText
from clinic.web.paper import Block, Code, Columns, Fit, NewPage, Size, Text, paper

SCANNER_TEST = "CLINIC-TEST"
SHEET_COLUMNS = 2
SIZES = {LabelSize.FOUR_BY_TWO: Size.LABEL_4X2, LabelSize.FOUR_BY_THREE: Size.LABEL_4X3}
SHEET_HEIGHT = {LabelSize.FOUR_BY_TWO: 136.0, LabelSize.FOUR_BY_THREE: 206.0}


def labels_pdf(labels: Sequence[LabelText], *, size: LabelSize) -> bytes:
    """One label a page, for a label printer behind the browser."""
    blocks: list[Block] = []
    for number, label in enumerate(labels):
        if number:
            blocks.append(NewPage())
        blocks.append(Fit(_label(label)))
    return _labelled(labels, blocks, SIZES[size])


def sheet_pdf(labels: Sequence[LabelText], *, size: LabelSize) -> bytes:
    """The same labels side by side on letter paper, to be cut."""
    height = SHEET_HEIGHT[size]
    rows = [labels[at : at + SHEET_COLUMNS] for at in range(0, len(labels), SHEET_COLUMNS)]
    blocks: list[Block] = []
    for row in rows:
        cells: list[list[Block]] = [[Fit(_label(label), height=height)] for label in row]
        cells += [[] for _ in range(SHEET_COLUMNS - len(row))]
        blocks += [Columns(cells), Text("- " * 90, size=6)]
    return _labelled(labels, blocks, Size.LETTER)


def scanner_code_pdf() -> bytes:
    """The code a scanner must read right before it may stand at a window."""
    blocks: list[Block] = [
        Fit([Text(SCANNER_TEST, bold=True, size=12), Code(SCANNER_TEST, kind="code128", size=60)])
    ]
    return paper(title="Scanner", site="", printed="", blocks=blocks, size=Size.LABEL_4X2)


def _labelled(labels: Sequence[LabelText], blocks: Sequence[Block], size: Size) -> bytes:
    site = labels[0].clinic if labels else ""
    return paper(title="Labels", site=site, printed="", blocks=blocks, size=size)


def _label(label: LabelText) -> list[Block]:
    """Read from the top: whose clinic, when to take it, who, how much, how."""
    return [
        Columns(
            [
                [
                    Text(label.clinic, bold=True, size=8.5),
                    Text(f"{label.address}\n{label.telephone}", size=6.5),
                    Text("TAKE ON", size=6.5),
                    Text(label.take_on, bold=True, size=17),
                    Text(f"{label.patient}  {label.patient_code}", bold=True, size=10),
                    Text(label.amount, bold=True, size=12),
                    Text(label.medicine, size=8),
                    Text(label.directions, size=8),
                ],
                [
                    Code(label.code, caption=label.code, size=60),
                    Text(label.bottle, bold=True, size=7),
                ],
            ],
            widths=(2.8, 1),
        ),
        Text(
            f"Dispensed {label.dispensed_on}   Prescriber {label.prescriber}",
            size=7,
        ),
        Text(label.keep_away, bold=True, size=7),
        Text(label.warning, size=6),
    ]

"""The pack on paper, and as files a spreadsheet opens."""

from __future__ import annotations

import csv
import io
import zipfile

from clinic.inspection.facts import InspectionPack, Section
from clinic.web.paper import Block, Facts, Heading, Size, Table, Text, paper
from clinic.web.tables import REDISCLOSURE_NOTICE, csv_cell

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack_pdf(pack: InspectionPack, *, printed: str) -> bytes:
    """Every section in order, the contents first."""
    blocks: list[Block] = [
        Facts([("Site", f"{pack.site}  {pack.address}"), ("Days", _days(pack))]),
        Heading("Contents", level=2),
        Table(
            ("Section", "Rows", "Asked for by"),
            [(section.title, len(section.rows), section.source) for section in pack.sections],
            widths=(3, 0.6, 5),
        ),
    ]
    for section in pack.sections:
        blocks += [
            Heading(section.title),
            Text(section.source, size=7.5),
            Table(section.headers, section.rows, empty=section.empty),
        ]
    return paper(
        title="Inspection pack",
        subtitle=_days(pack),
        site=pack.site,
        printed=printed,
        blocks=blocks,
        size=Size.LETTER_WIDE,
    )


def pack_zip(pack: InspectionPack, *, pdf: bytes) -> bytes:
    """The PDF and one CSV a section."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("inspection.pdf", ZIP_EPOCH), pdf)
        for section in pack.sections:
            entry = zipfile.ZipInfo(f"{section.name}.csv", ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _csv(section))
    return out.getvalue()


def _csv(section: Section) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(section.headers)
    writer.writerows([csv_cell(cell) for cell in row] for row in section.rows)
    writer.writerow([REDISCLOSURE_NOTICE])
    return out.getvalue()


def _days(pack: InspectionPack) -> str:
    return f"{pack.period.first:%d %b %Y} until before {pack.period.until:%d %b %Y}"

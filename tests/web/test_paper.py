from __future__ import annotations

import io
from decimal import Decimal

import pypdfium2
import pytest
from PIL import Image

from clinic.web.paper import (
    Blank,
    Block,
    Code,
    Columns,
    Facts,
    Heading,
    NewPage,
    Picture,
    Size,
    Table,
    Text,
    paper,
)
from clinic.web.paper.fonts import printable, wrapped


def print_it(*blocks: Block, size: Size = Size.LETTER) -> bytes:
    return paper(
        title="Dispensing log",
        subtitle="Sunday 22 November 2026",
        site="Harbor House",
        printed="Printed 22 Nov 2026 06:10 by Nora Nurse",
        blocks=blocks,
        size=size,
    )


def pages(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]


def picture(color: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 300), color).save(out, format="PNG")
    return out.getvalue()


def pixels(data: bytes, *, scale: float = 1) -> Image.Image:
    drawn: Image.Image = pypdfium2.PdfDocument(data)[0].render(scale=scale).to_pil()
    return drawn.convert("RGB")


def test_every_page_says_what_it_is_whose_it_is_and_which_of_how_many() -> None:
    first, second = pages(print_it(Text("one"), NewPage(), Text("two")))

    for page in (first, second):
        assert "Dispensing log" in page
        assert "Sunday 22 November 2026" in page
        assert "Harbor House" in page
        assert "Printed 22 Nov 2026 06:10 by Nora Nurse" in page
        assert "42 CFR part 2 prohibits unauthorized use or disclosure of these records." in page
    assert "Page 1 of 2" in first
    assert "Page 2 of 2" in second


def test_a_long_table_repeats_its_head_and_loses_no_row() -> None:
    rows = [(f"row {number}", Decimal(number)) for number in range(1, 201)]
    printed = pages(print_it(Table(("Patient", "Dose mg"), rows)))

    assert len(printed) > 3
    assert all("Dose mg" in page for page in printed)
    whole = "\n".join(printed)
    assert [f"row {number}" for number in range(1, 201) if f"row {number}" not in whole] == []


def test_an_empty_table_says_so() -> None:
    assert "No waste today." in pages(print_it(Table(("A",), (), empty="No waste today.")))[0]


def test_names_of_all_languages_print() -> None:
    [page] = pages(
        print_it(
            Text("José Łukasz Čapek"),
            Table(("Name",), [("山田",), ("O'Brien & <b>Sons</b>",), ("Müller",)]),
        )
    )
    for name in ("José Łukasz Čapek", "ShanTian", "O'Brien & <b>Sons</b>", "Müller"):
        assert name in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [("née", "née"), ("Ł", "Ł"), ("дом", "dom"), ("\ue000", "?"), (None, "")],
)
def test_nothing_vanishes_for_want_of_a_letter(text: str | None, shown: str) -> None:
    assert printable(text) == shown


def test_long_text_wraps_at_blanks_and_long_words_break() -> None:
    assert wrapped("give with water", width=40, size=8) == ["give with", "water"]
    assert "".join(wrapped("x" * 50, width=40, size=8)) == "x" * 50
    assert len(wrapped("x" * 50, width=40, size=8)) > 4


def test_a_row_too_long_for_a_line_wraps_in_its_column() -> None:
    note = " ".join(["spilled"] * 120)
    [page] = pages(print_it(Table(("Note", "mg"), [(note, 40)])))
    assert page.count("spilled") == 120


def test_facts_headings_lines_and_captions_print() -> None:
    [page] = pages(
        print_it(
            Heading("Waste"),
            Facts([("Witness", "Paula Pharm"), ("Note", None)]),
            Blank(3, label="Initials"),
            Code("HH-000123", caption="HH-000123"),
            Code("HH-000123", kind="code128", caption="bars"),
        )
    )
    assert "Waste" in page
    assert "Paula Pharm" in page
    assert page.count("Initials") == 3
    assert "HH-000123" in page
    assert "bars" in page


def test_columns_stand_side_by_side_and_a_photo_shows() -> None:
    data = print_it(
        Columns([[Picture(picture("red"), height=100)], [Text("beside it")]], widths=(1, 3))
    )
    image = pixels(data)
    reds = [
        image.getpixel((x, y)) for x in range(0, image.width, 4) for y in range(0, image.height, 4)
    ]
    assert reds.count((254, 0, 0)) > 100
    assert "beside it" in pages(data)[0]


def test_bytes_that_are_no_picture_print_as_an_empty_frame() -> None:
    assert "no photo" in pages(print_it(Picture(b"\x89PNG broken")))[0]


@pytest.mark.parametrize("size", list(Size))
def test_a_sheet_has_the_size_it_names(size: Size) -> None:
    document = pypdfium2.PdfDocument(print_it(Text("a"), size=size))
    assert document[0].get_size() == pytest.approx((size.width, size.height), abs=0.1)


def test_a_label_has_neither_head_nor_foot() -> None:
    assert pages(print_it(Text("take on Monday"), size=Size.LABEL_4X2)) == ["take on Monday"]


def test_the_same_blocks_give_the_same_bytes() -> None:
    assert print_it(Text("one"), Code("x")) == print_it(Text("one"), Code("x"))


def test_nothing_to_print_is_still_a_page() -> None:
    assert "Page 1 of 1" in pages(print_it())[0]

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from flask import Flask

from clinic.web.tables import Column, csv_cell, csv_response


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("O'Brien", "O'Brien"),
        ("", ""),
        (None, ""),
        (-5, "-5"),
        (Decimal("-47.5"), "-47.5"),
    ],
)
def test_no_cell_is_a_formula_and_numbers_stay_numbers(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


def test_an_export_parses_back_and_ends_with_the_notice(house_app: Flask) -> None:
    columns: tuple[Column[tuple[str, int]], ...] = (
        Column("Name", lambda row: row[0]),
        Column("Doses", lambda _row: "<b>", text=lambda row: row[1]),
    )
    with house_app.test_request_context():
        answer = csv_response("doses", columns, [('山田 "Taro", Jr.\n=x', -3)])
    parsed = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
    assert parsed == [
        ["Name", "Doses"],
        ['山田 "Taro", Jr.\n=x', "-3"],
        ["42 CFR part 2 prohibits unauthorized use or disclosure of these records."],
    ]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="doses.csv"'


@pytest.fixture
def house_app() -> Flask:
    return Flask("export")

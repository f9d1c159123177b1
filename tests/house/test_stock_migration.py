"""Stock recorded before the ledger had two ends is still all there after, and on the way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from clinic.data.db import db

SITE, NURSE, WITNESS, PATIENT = (UUID(int=number) for number in range(1, 5))
OLD, OPEN = UUID(int=11), UUID(int=12)
FIRST_DOSE, VOIDED_DOSE, LAST_DOSE = (UUID(int=number) for number in range(21, 24))
AT = datetime(2026, 3, 3, 14, tzinfo=UTC)

BEFORE = (
    # bottle, kind, microlitres, what is left, dose
    (OLD, "opened", 1_000_000, 1_000_000, None),
    (OLD, "dose", -4000, 996_000, FIRST_DOSE),
    (OLD, "closed", 0, 996_000, None),
    (OPEN, "opened", 500_000, 500_000, None),
    (OPEN, "dose", -6000, 494_000, VOIDED_DOSE),
    (OPEN, "dose_returned", 6000, 500_000, VOIDED_DOSE),
    (OPEN, "waste", -6000, 494_000, VOIDED_DOSE),
    (OPEN, "dose", -8000, 486_000, LAST_DOSE),
)
AFTER = (
    # bottle, kind, from, to, quantity, what is left
    (OLD, "initial", "supplier 0", "window 1", 1_000_000, 1_000_000),
    (OLD, "dose", "window 1", "patient 0", 4000, 996_000),
    (OLD, "closed", "window 1", "safe 0", 996_000, 996_000),
    (OPEN, "initial", "supplier 0", "window 1", 500_000, 500_000),
    (OPEN, "dose", "window 1", "patient 0", 6000, 494_000),
    (OPEN, "dose_returned", "patient 0", "window 1", 6000, 500_000),
    (OPEN, "waste", "window 1", "waste 0", 6000, 494_000),
    (OPEN, "dose", "window 1", "patient 0", 8000, 486_000),
)


def filled(column: sa.Column[Any]) -> object:
    """Some value for a column that must hold one."""
    values: dict[type, object] = {
        datetime: AT,
        date: date(2026, 3, 3),
        time: time(3),
        int: 1,
        bool: True,
        dict: {},
        bytes: b"",
    }
    return values.get(column.type.python_type, "x")


def put(connection: sa.Connection, table: str, **values: object) -> None:
    """One row, as the database of that revision has its tables."""
    found = sa.Table(table, sa.MetaData(), autoload_with=connection)
    row = {one.name: filled(one) for one in found.c if not (one.nullable or one.server_default)}
    typed = {
        name: value.hex
        if isinstance(value, UUID) and found.c[name].type.python_type is str
        else value
        for name, value in values.items()
    }
    connection.execute(sa.insert(found).values(row | typed))


def fill(connection: sa.Connection) -> None:
    """Two bottles at one window, the first closed with a remainder; three doses, one voided."""
    put(connection, "organization", id=SITE)
    put(connection, "site", id=SITE, organization_id=SITE, time_zone="America/New_York")
    for person, name in ((NURSE, "nora"), (WITNESS, "nell")):
        put(connection, "user_account", id=person, organization_id=SITE, username=name)
    signed = {"site_id": SITE, "recorded_by": NURSE}
    put(connection, "patient", id=PATIENT, organization_id=SITE, recorded_by=NURSE)
    bottles = ((OLD, 996_000, AT + timedelta(hours=1)), (OPEN, 486_000, None))
    for bottle, left, closed_at in bottles:
        about = {"medication": "methadone", "balance_ul": left, "concentration_ug_per_ml": 10_000}
        put(connection, "stock_bottle", id=bottle, site_id=SITE, closed_at=closed_at, **about)
    doses = ((FIRST_DOSE, OLD), (VOIDED_DOSE, OPEN), (LAST_DOSE, OPEN))
    for days, (dose, bottle) in enumerate(doses):
        on = date(2026, 3, 3) + timedelta(days=days)
        about = {"medication": "methadone", "origin": "history", "service_date": on}
        put(connection, "dose", id=dose, patient_id=PATIENT, bottle_id=bottle, **about, **signed)
    void = {"dose_id": VOIDED_DOSE, "patient_id": PATIENT, "witnessed_by": WITNESS}
    put(connection, "dose_void", id=UUID(int=31), reason="spilled", **void, **signed)
    for number, (bottle, kind, volume, left, subject) in enumerate(BEFORE, start=1):
        moved = {"kind": kind, "volume_ul": volume, "balance_after_ul": left, "dose_id": subject}
        about = {"id": UUID(int=100 + number), "bottle_id": bottle, "sequence": number}
        put(connection, "stock_movement", **about, **moved, **signed)


def asked(statement: str) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    with db.engine.connect() as connection:
        return connection.execute(sa.text(statement)).all()


def number_of(found: object) -> UUID:
    return found if isinstance(found, UUID) else UUID(str(found))


@pytest.mark.usefixtures("empty")
def test_two_bottles_and_their_doses_go_up_and_come_back() -> None:
    upgrade(revision="0001")
    with db.engine.connect().execution_options(writes=True) as connection:
        fill(connection)
        connection.commit()

    upgrade()
    bottles = asked('SELECT id, place, "window", size, balance, closed_at FROM stock_bottle')
    assert {number_of(row[0]): tuple(row[1:]) for row in bottles} == {
        OLD: ("safe", 0, 1_000_000, 996_000, None),
        OPEN: ("window", 1, 500_000, 486_000, None),
    }
    moved = asked(
        "SELECT bottle_id, kind, from_place || ' ' || from_number, to_place || ' ' || to_number,"
        " quantity, balance_after FROM stock_movement ORDER BY sequence"
    )
    assert [(number_of(row[0]), *row[1:]) for row in moved] == list(AFTER)
    witnessed = asked("SELECT witnessed_by FROM stock_movement WHERE witnessed_by IS NOT NULL")
    assert [number_of(row[0]) for row in witnessed] == [WITNESS]

    downgrade(revision="0001")
    bottles = asked("SELECT id, balance_ul, closed_at IS NULL FROM stock_bottle")
    assert {number_of(row[0]): (row[1], bool(row[2])) for row in bottles} == {
        OLD: (996_000, False),
        OPEN: (486_000, True),
    }
    moved = asked(
        "SELECT bottle_id, kind, volume_ul, balance_after_ul, dose_id"
        " FROM stock_movement ORDER BY sequence"
    )
    assert [(number_of(row[0]), *row[1:4], row[4] and number_of(row[4])) for row in moved] == list(
        BEFORE
    )

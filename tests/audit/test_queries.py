"""Tampering, done with plain SQL by somebody who can take the triggers off, and what it shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.audit import queries, services
from clinic.audit.facts import Leaf, Tampering
from clinic.audit.models import AuditLeaf, AuditSeal, AuditSealedLeaf
from clinic.data.db import db
from tests import cast
from tests.conftest import Clock, WorkAs

LEAF: Any = AuditLeaf.__table__
SEAL: Any = AuditSeal.__table__
SEALED: Any = AuditSealedLeaf.__table__
BATCHES = (3, 4, 5)
CHANGED = "its contents were changed"
OTHERS = "its leaves are not those that were sealed"
BROKEN = "is not the continuation of the seal before"

Act = Callable[[sa.Connection], None]


@contextmanager
def tampering() -> Iterator[sa.Connection]:
    """The database without its walls, in the hands of somebody who knows SQL."""
    db.session.rollback()
    with db.engine.connect().execution_options(writes=True) as connection:
        tables = ("audit_leaf", "audit_seal", "audit_sealed_leaf")
        if connection.dialect.name == "sqlite":
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("PRAGMA foreign_keys = off")
            for table, verb in itertools.product(tables, ("update", "delete")):
                connection.execute(sa.text(f"DROP TRIGGER append_only_{table}_{verb}"))
        else:
            connection.execute(sa.text("SET session_replication_role = replica"))
        yield connection
        connection.commit()
        connection.invalidate()


@pytest.fixture
def sealed(work_as: WorkAs, clock: Clock) -> list[tuple[int, str]]:
    """Three seals of three, four and five leaves; gives back the anchors printed each day."""
    anchors = []
    for batch in BATCHES:
        for number in range(batch):
            clock.now += timedelta(minutes=1)
            with work_as(cast.NORA) as work:
                services.record(
                    work,
                    action="chart.view",
                    subject=f"patient {number}",
                    patient_id=UUID(int=number + 1),
                    detail={"reason": "dosing"},
                )
        clock.now += timedelta(minutes=1)
        with work_as(cast.ADA) as work:
            services.seal(work)
            anchor = queries.last_seal(work)
            assert anchor is not None
            anchors.append(anchor)
    return anchors


def found(work_as: WorkAs, anchor: tuple[int, str] | None = None) -> list[Tampering]:
    with work_as(cast.ADA) as work:
        return queries.verify(work, anchor=anchor)


def leaves(connection: sa.Connection, sequence: int) -> list[Any]:
    """The leaves of a seal, in order."""
    return list(
        connection.execute(
            sa.select(LEAF, SEALED.c.position)
            .join(
                SEALED,
                (SEALED.c.leaf_id == LEAF.c.id) & (SEALED.c.service_date == LEAF.c.service_date),
            )
            .where(SEALED.c.sequence == sequence, SEALED.c.site_id == cast.NORTH.id)
            .order_by(SEALED.c.position)
        ).mappings()
    )


def hash_of(row: Any, **changes: object) -> str:
    names = Leaf.__dataclass_fields__
    return Leaf(**({name: row[name] for name in names} | changes)).hash()


def test_an_untouched_audit_verifies(sealed: list[tuple[int, str]], work_as: WorkAs) -> None:
    assert [sequence for sequence, _ in sealed] == [1, 2, 3]
    assert found(work_as, sealed[-1]) == []
    assert [found(work_as, anchor) for anchor in sealed[:2]] == [[], []]


OTHER_VALUES: dict[str, object] = {
    "site_id": cast.SOUTH.id,
    "service_date": date(2026, 3, 4),
    "id": UUID(int=99),
    "occurred_at": datetime(2026, 3, 3, 14, 2, 0, 1, tzinfo=UTC),
    "actor_id": cast.NELL.id,
    "actor_name": "Nell Secondnurse",
    "session_id": UUID(int=98),
    "request_id": "another",
    "action": "chart.print",
    "subject": "patient 7",
    "patient_id": UUID(int=97),
    "detail": {"reason": "curiosity"},
    "leaf_hash": "0" * 64,
}


def test_there_is_a_change_to_try_for_every_column() -> None:
    assert OTHER_VALUES.keys() == set(LEAF.columns.keys())


@pytest.mark.parametrize("column", OTHER_VALUES)
def test_an_edit_of_any_column_is_found(
    sealed: list[tuple[int, str]], work_as: WorkAs, column: str
) -> None:
    assert sealed
    with tampering() as connection:
        row = leaves(connection, 2)[1]
        changed = connection.execute(
            sa.update(LEAF)
            .where(LEAF.c.id == row["id"])
            .values({column: OTHER_VALUES[column]})
            .returning(LEAF.c.id)
        )
        assert len(changed.all()) == 1

    places = found(work_as)
    assert places
    if column == "site_id":
        assert any("seal 2 " in one.where for one in places)
    else:
        assert any(one.what == CHANGED for one in places)


def edit_a_field(connection: sa.Connection) -> None:
    row = leaves(connection, 2)[1]
    connection.execute(sa.update(LEAF).where(LEAF.c.id == row["id"]).values(subject="patient 9"))


def edit_a_field_and_its_hash(connection: sa.Connection) -> None:
    row = leaves(connection, 2)[1]
    connection.execute(
        sa.update(LEAF)
        .where(LEAF.c.id == row["id"])
        .values(subject="patient 9", leaf_hash=hash_of(row, subject="patient 9"))
    )


def edit_a_time_and_its_hash(connection: sa.Connection) -> None:
    row = leaves(connection, 2)[0]
    moved = row["occurred_at"] - timedelta(hours=3)
    connection.execute(
        sa.update(LEAF)
        .where(LEAF.c.id == row["id"])
        .values(occurred_at=moved, leaf_hash=hash_of(row, occurred_at=moved))
    )


def delete_a_leaf(connection: sa.Connection) -> None:
    connection.execute(sa.delete(LEAF).where(LEAF.c.id == leaves(connection, 2)[1]["id"]))


def delete_a_leaf_and_its_place(connection: sa.Connection) -> None:
    row = leaves(connection, 2)[1]
    connection.execute(sa.delete(LEAF).where(LEAF.c.id == row["id"]))
    connection.execute(sa.delete(SEALED).where(SEALED.c.leaf_id == row["id"]))


def insert_a_leaf(connection: sa.Connection) -> None:
    row = leaves(connection, 2)[1]
    new = {name: row[name] for name in Leaf.__dataclass_fields__} | {"id": UUID(int=77)}
    connection.execute(sa.insert(LEAF).values(new | {"leaf_hash": hash_of(new)}))
    connection.execute(
        sa.insert(SEALED).values(
            site_id=cast.NORTH.id,
            service_date=row["service_date"],
            leaf_id=UUID(int=77),
            sequence=2,
            position=4,
        )
    )


def reorder(connection: sa.Connection) -> None:
    first, second = leaves(connection, 2)[:2]
    for leaf, position in ((first, 100), (second, 0), (first, 1)):
        connection.execute(
            sa.update(SEALED).where(SEALED.c.leaf_id == leaf["id"]).values(position=position)
        )


def swap_two_patients(connection: sa.Connection) -> None:
    first, second = leaves(connection, 2)[:2]
    for leaf, other in ((first, second), (second, first)):
        patient = other["patient_id"]
        connection.execute(
            sa.update(LEAF)
            .where(LEAF.c.id == leaf["id"])
            .values(patient_id=patient, leaf_hash=hash_of(leaf, patient_id=patient))
        )


def change_a_root(connection: sa.Connection) -> None:
    connection.execute(sa.update(SEAL).where(SEAL.c.sequence == 2).values(root="0" * 64))


def change_a_chain(connection: sa.Connection) -> None:
    connection.execute(sa.update(SEAL).where(SEAL.c.sequence == 2).values(chain="0" * 64))


def drop_a_seal(connection: sa.Connection) -> None:
    connection.execute(sa.delete(SEAL).where(SEAL.c.sequence == 2))


def drop_a_seal_and_its_leaves(connection: sa.Connection) -> None:
    ids = [row["id"] for row in leaves(connection, 2)]
    connection.execute(sa.delete(SEALED).where(SEALED.c.leaf_id.in_(ids)))
    connection.execute(sa.delete(LEAF).where(LEAF.c.id.in_(ids)))
    connection.execute(sa.delete(SEAL).where(SEAL.c.sequence == 2))


def swap_two_seals(connection: sa.Connection) -> None:
    for before, after in ((2, 20), (3, 2), (20, 3)):
        connection.execute(sa.update(SEAL).where(SEAL.c.sequence == before).values(sequence=after))


@pytest.mark.parametrize(
    ("act", "place", "what"),
    [
        (edit_a_field, "leaf ", CHANGED),
        (edit_a_field_and_its_hash, "seal 2 ", OTHERS),
        (edit_a_time_and_its_hash, "seal 2 ", OTHERS),
        (delete_a_leaf, "seal 2 ", "holds 4 leaves, sealed 4"),
        (delete_a_leaf_and_its_place, "seal 2 ", "holds 3 leaves, sealed 4"),
        (insert_a_leaf, "seal 2 ", "holds 5 leaves, sealed 4"),
        (reorder, "seal 2 ", OTHERS),
        (swap_two_patients, "seal 2 ", OTHERS),
        (change_a_root, "seal 2 ", OTHERS),
        (change_a_chain, "seal 2 ", BROKEN),
        (drop_a_seal, "seal 2", "is missing, its leaves are still there"),
        (drop_a_seal_and_its_leaves, "seal 3 ", "seal 2 is missing"),
        (swap_two_seals, "seal 2 ", BROKEN),
    ],
)
def test_tampering_is_found_and_placed(
    sealed: list[tuple[int, str]], work_as: WorkAs, act: Act, place: str, what: str
) -> None:
    assert sealed
    with tampering() as connection:
        act(connection)

    assert any(one.where.startswith(place) and one.what == what for one in found(work_as))


def cut_the_tail(connection: sa.Connection) -> None:
    ids = [row["id"] for row in leaves(connection, 3)]
    connection.execute(sa.delete(SEALED).where(SEALED.c.leaf_id.in_(ids)))
    connection.execute(sa.delete(LEAF).where(LEAF.c.id.in_(ids)))
    connection.execute(sa.delete(SEAL).where(SEAL.c.sequence == 3))


def test_a_cut_tail_or_an_older_copy_shows_only_against_the_anchor(
    sealed: list[tuple[int, str]], work_as: WorkAs
) -> None:
    with tampering() as connection:
        cut_the_tail(connection)

    assert found(work_as) == []
    assert found(work_as, sealed[1]) == []
    assert found(work_as, sealed[2]) == [Tampering("seal 3", "differs from the copy kept outside")]


def test_a_history_written_anew_from_some_seal_on_shows_against_the_anchor(
    sealed: list[tuple[int, str]], work_as: WorkAs
) -> None:
    with tampering() as connection:
        cut_the_tail(connection)
    with work_as(cast.NORA) as work:
        services.record(work, action="chart.view", subject="somebody harmless")
        services.seal(work)

    assert found(work_as) == []
    assert [one.where for one in found(work_as, sealed[2])] == ["seal 3"]


def test_one_site_s_audit_says_nothing_of_another_s(
    sealed: list[tuple[int, str]], work_as: WorkAs
) -> None:
    assert sealed
    with tampering() as connection:
        edit_a_field(connection)
    with work_as(cast.OLGA) as work:
        assert queries.verify(work) == []
        assert queries.recent(work) == []
        assert queries.last_seal(work) is None


def test_the_latest_come_first_and_pages_go_back(work_as: WorkAs, clock: Clock) -> None:
    for number in range(3):
        clock.now += timedelta(minutes=1)
        with work_as(cast.NORA) as work:
            services.record(
                work, action="chart.view", subject=f"{number}", patient_id=UUID(int=number)
            )
    with work_as(cast.ADA) as work:
        entries = queries.recent(work)[:3]
        assert [entry.subject for entry in entries] == ["2", "1", "0"]
        older = queries.recent(work, before=entries[0].occurred_at)
        assert [entry.subject for entry in older][:2] == ["1", "0"]
        mine = queries.recent(work, patient_id=UUID(int=1))
        assert [entry.subject for entry in mine] == ["1"]

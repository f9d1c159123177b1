"""What the census costs, and what ten times the history adds to it at the same daily volume.

Two clinics alike in everything but their age are asked in turn in one process, on each engine:
only ratios are results. The turnover is fixed: two admissions and two discharges a day, stays of
a hundred days, a dose a day for each of two hundred in care.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from clinic.census import queries, services
from clinic.data.db import db
from clinic.data.work import Work, unit_of_reading, unit_of_work
from clinic.staff import services as staff
from tests import cast
from tests.conftest import Clock, make_app, staff_the_clinic
from tests.engines.postgres import Postgres

TODAY = date(2026, 3, 3)
ADMISSIONS_A_DAY, STAY_DAYS = 2, 100
IN_CARE = ADMISSIONS_A_DAY * STAY_DAYS
DAYS, OLDER = 500, 10
SCALE = 0.4
TREND_DAYS_MAX = 5 * 365 + 1
ROUNDS = 11
HISTORY_GOAL = 1.1
NAIVE_PERCENT_GOAL = 1.0
NAIVE_GOAL_FROM_ROWS = 10_000_000


@dataclass(frozen=True, slots=True)
class CensusRatio:
    """One ratio; ``goal`` None when it is only told."""

    name: str
    value: float
    unit: str
    goal: float | None

    @property
    def is_met(self) -> bool:
        return self.goal is None or self.value <= self.goal


def census_ratios(*, scale: float = SCALE) -> Iterator[CensusRatio]:
    """The ratios on SQLite and on PostgreSQL. ``scale`` multiplies the length of both histories.

    Units: at 1 the long history has 5,000 days, 10,000 patients and a million doses.
    """
    days = int(DAYS * scale)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = stack.enter_context(Postgres())
        for name in ("young", "old"):
            server.create_database(name)
        engines: dict[str, Callable[[str], str]] = {
            "SQLite": lambda name: f"sqlite:///{folder}/{name}.db",
            "PostgreSQL": server.url,
        }
        for engine, url in engines.items():
            young = _clinic(url("young"), Path(folder), days=days)
            old = _clinic(url("old"), Path(folder), days=days * OLDER)
            yield from _ratios(engine, young, old, days=days)
            for app in (young, old):
                with app.app_context():
                    db.session.remove()
                    db.engine.dispose()


def _ratios(engine: str, young: Flask, old: Flask, *, days: int) -> Iterator[CensusRatio]:
    trend_days = min(days // 2, TREND_DAYS_MAX)
    page = {app: _page(app) for app in (young, old)}
    for what, cost in (
        ("census page", page),
        (f"trend of {trend_days} days", {app: _trend(app, trend_days) for app in (young, old)}),
    ):
        for app in (young, old):
            _spent(cost[app])
        turns = [(_spent(cost[old]), _spent(cost[young])) for _ in range(ROUNDS)]
        ratio = median(turn[0] for turn in turns) / median(turn[1] for turn in turns)
        yield CensusRatio(
            f"{engine}: {what}, {OLDER} times the history", ratio, "times", HISTORY_GOAL
        )
    shown = median(_spent(page[old]) for _ in range(3))
    rows = days * OLDER * IN_CARE
    yield CensusRatio(
        f"{engine}: census page, share of counting {rows:,} doses row by row",
        100 * shown / _spent(_naive(old)),
        "%",
        NAIVE_PERCENT_GOAL if rows >= NAIVE_GOAL_FROM_ROWS else None,
    )
    yield CensusRatio(
        f"{engine}: snapshot job, of a census page", _spent(_snapshot(old)) / shown, "times", None
    )


def _spent(act: Callable[[], None]) -> float:
    begun = perf_counter()
    act()
    return perf_counter() - begun


def _page(app: Flask) -> Callable[[], None]:
    with (
        app.app_context(),
        unit_of_work(actor=cast.ADA.actor, now=cast.NOW, site=cast.NORTH, reactions={}) as work,
    ):
        ticket = staff.sign_in(work, user_id=cast.ADA.id)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = str(ticket)

    def show() -> None:
        answer = client.get("/census")
        if answer.status_code != 200:
            raise LookupError(f"/census answered {answer.status_code}")

    return show


def _trend(app: Flask, days: int) -> Callable[[], None]:
    def read() -> None:
        with _reading(app) as work:
            first = TODAY - timedelta(days=days - 1)
            found = queries.series(work, first=first, until=TODAY + timedelta(days=1))
        if found.totals[-1] != IN_CARE:
            raise LookupError(f"{found.totals[-1]} in care, not {IN_CARE}")

    return read


def _naive(app: Flask) -> Callable[[], None]:
    """The census as a page without an index would have it: each day's patients, from the doses."""

    def scan() -> None:
        with _reading(app) as work:
            work.session.execute(
                sa.text(
                    "SELECT max(patients) FROM (SELECT count(DISTINCT patient_id) AS patients"
                    " FROM dose GROUP BY substr(CAST(service_date AS text), 1, 10)) AS days"
                )
            ).scalar_one()

    return scan


def _snapshot(app: Flask) -> Callable[[], None]:
    def take() -> None:
        with (
            app.app_context(),
            unit_of_work(actor=cast.ADA.actor, now=cast.NOW, site=cast.NORTH, reactions={}) as work,
        ):
            services.take_snapshot(work, service_date=TODAY)

    return take


@contextmanager
def _reading(app: Flask) -> Iterator[Work]:
    with (
        app.app_context(),
        unit_of_reading(actor=cast.ADA.actor, now=cast.NOW, site=cast.NORTH) as work,
    ):
        yield work


def _clinic(url: str, folder: Path, *, days: int) -> Flask:
    """A clinic with as many days behind it, filled by the database itself."""
    app = make_app(url, folder, Clock())
    with app.app_context():
        upgrade()
        staff_the_clinic(app)
        is_sqlite = db.engine.dialect.name == "sqlite"
        with db.engine.connect().execution_options(writes=True) as connection:
            for statement in _history(days, is_sqlite=is_sqlite):
                connection.exec_driver_sql(statement)
            connection.commit()
        with db.engine.connect().execution_options(
            writes=True, **({} if is_sqlite else {"isolation_level": "AUTOCOMMIT"})
        ) as connection:
            connection.exec_driver_sql("ANALYZE" if is_sqlite else "VACUUM ANALYZE")
            connection.commit()
        db.session.remove()
    return app


def _history(days: int, *, is_sqlite: bool) -> Iterator[str]:
    """Patient ``n`` comes on day ``n / 2`` and leaves a hundred days later.

    Day numbers count back from today, so that the last hundred days' patients are in care.
    """
    sql = _SqliteWords() if is_sqlite else _PostgresWords()
    patients = days * ADMISSIONS_A_DAY
    came = f"{days - 1} - n / {ADMISSIONS_A_DAY}"
    left = f"({came} - {STAY_DAYS})"
    if not is_sqlite:
        yield "SET LOCAL session_replication_role = replica"
    said = "'2020-01-01 12:00:00', NULL, 'bench'"
    where = f"FROM {sql.numbers(patients)}"
    site, organization = sql.literal(cast.NORTH.id.hex), sql.literal(cast.ORGANIZATION.hex)
    yield (
        "INSERT INTO patient (id, organization_id, code, family_name, given_names, preferred_name,"
        " birth_date, sex, telephone, email, address, postal_code, is_pregnant, search_text,"
        " recorded_at, recorded_by, recorded_by_name, version)"
        f" SELECT {sql.id(1)}, {organization}, 'B' || n, 'Bench', 'Test', '', '1980-01-01',"
        f" 'unknown', '', '', '', '', {sql.false}, 'bench', {said}, 1 {where}"
    )
    yield (
        "INSERT INTO episode (id, site_id, patient_id, number, requested_at, referral_source,"
        " injects, pregnant, closed_on, recorded_at, recorded_by, recorded_by_name, version)"
        f" SELECT {sql.id(2)}, {site}, {sql.id(1)}, 1, '2020-01-01 12:00:00', 'self',"
        f" {sql.false}, {sql.false}, CASE WHEN {left} >= 0 THEN {sql.day(left)} END, {said}, 1"
        f" {where}"
    )
    step = (
        "INSERT INTO care_transition (id, site_id, episode_id, patient_id, sequence, from_state,"
        " to_state, discharge_reason, note, occurred_at, service_date, time_zone, recorded_at,"
        " recorded_by, recorded_by_name)"
        " SELECT {id}, {site}, {episode}, {patient}, {said_of}, '', '2020-01-01 12:00:00',"
        " {day}, 'America/New_York', {said} {where}"
    )
    names = {"site": site, "episode": sql.id(2), "patient": sql.id(1), "said": said}
    yield step.format(
        id=sql.id(3),
        said_of="1, NULL, 'opioid_treatment', NULL",
        day=sql.day(came),
        where=where,
        **names,
    )
    yield step.format(
        id=sql.id(4),
        said_of="2, 'opioid_treatment', 'discharged', 'completed'",
        day=sql.day(left),
        where=f"{where} WHERE {left} >= 0",
        **names,
    )
    yield (
        "INSERT INTO dose (id, site_id, service_date, patient_id, origin, medication, form,"
        " dose_ug, portion, series, decision, occurred_at, time_zone, recorded_at, recorded_by,"
        " recorded_by_name)"
        f" SELECT {sql.id(5, number=f'(n * {STAY_DAYS} + d)')}, {site},"
        f" {sql.day(f'({came} - d)')}, {sql.id(1)}, 'history', 'methadone', 'oral_concentrate',"
        " 60000, 1, 1, '{}', '2020-01-01 12:00:00', 'America/New_York',"
        f" {said} {where} CROSS JOIN {sql.numbers(STAY_DAYS, name='d')} WHERE {came} - d >= 0"
    )


class _SqliteWords:
    """How SQLite says it."""

    false = "0"

    def numbers(self, count: int, *, name: str = "n") -> str:
        return (
            f"(WITH RECURSIVE c({name}) AS (SELECT 0 UNION ALL SELECT {name} + 1 FROM c"  # noqa: S608
            f" WHERE {name} < {count - 1}) SELECT {name} FROM c)"
        )

    def id(self, kind: int, *, number: str = "n") -> str:
        return f"printf('{kind:02d}%030x', {number})"

    def literal(self, hexadecimal: str) -> str:
        return f"'{hexadecimal}'"

    def day(self, days_ago: str) -> str:
        return f"date('{TODAY}', (-({days_ago})) || ' days')"


class _PostgresWords:
    """How PostgreSQL says it."""

    false = "false"

    def numbers(self, count: int, *, name: str = "n") -> str:
        return f"generate_series(0, {count - 1}) AS of_{name}({name})"

    def id(self, kind: int, *, number: str = "n") -> str:
        return f"('{kind:02d}' || lpad(to_hex({number}), 30, '0'))::uuid"

    def literal(self, hexadecimal: str) -> str:
        return f"'{hexadecimal}'::uuid"

    def day(self, days_ago: str) -> str:
        return f"(date '{TODAY}' - ({days_ago}))"

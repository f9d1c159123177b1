"""A stay in the national data set's codes: nothing leaves that is no legal code."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from clinic.exchange.facts.teds import FIELDS, Shape, Stay, Transaction, fields_of
from clinic.exchange.rules.teds import (
    length_of_stay_code,
    problem_of,
    service_code,
    teds_record,
    wait_code,
)
from clinic.patients.facts import Sex
from clinic.programs.facts import CareState, DischargeReason, ReferralSource
from tests import cast
from tests.census import builders as ward
from tests.conftest import SignIn, WorkAs

A, D = Transaction.ADMISSION, Transaction.DISCHARGE
STAY = Stay(
    patient_id=UUID(int=1),
    episode_id=UUID(int=2),
    client="P-000001",
    birth_date=date(1985, 5, 17),
    sex=Sex.FEMALE,
    requested_on=date(2026, 1, 5),
    admitted_on=date(2026, 1, 15),
    level=CareState.OPIOID_TREATMENT,
    planned_days=None,
    earlier_episodes=7,
    referral_source=ReferralSource.COURT,
    pregnant=True,
    takes_medication=True,
    payer_code="4",
    discharged_on=date(2026, 3, 1),
    level_at_discharge=CareState.OUTPATIENT,
    discharge_reason=DischargeReason.INCARCERATED,
    last_contact_on=date(2026, 2, 20),
)


def record(stay: Stay = STAY, *, transaction: Transaction = A) -> dict[str, str]:
    return dict(teds_record(stay, transaction=transaction, provider="north").values)


def test_an_admission_in_codes() -> None:
    values = record()

    assert list(values)[:13] == [
        "PROVIDER", "CLIENT", "TRANSACTION", "CODEPENDENT", "ADMDATE", "SERVICES", "NOPRIOR",
        "PSOURCE", "DAYWAIT", "DOB", "SEX", "PREG", "RACE",
    ]  # fmt: skip
    assert list(values.values())[:13] == [
        "north", "P-000001", "A", "-9", "2026-01-15", "7", "5", "7", "2", "1985-05-17", "2", "1",
        "-9",
    ]  # fmt: skip
    assert (values["PRIMPAY"], values["METHUSE"], values["SUB1"]) == ("4", "1", "-9")
    assert "REASON" not in values


def test_a_discharge_in_codes() -> None:
    values = record(transaction=D)

    assert {name: values[name] for name in ("LASTCONTACT", "DISDATE", "REASON", "SERVICES_D")} == {
        "LASTCONTACT": "2026-02-20",
        "DISDATE": "2026-03-01",
        "REASON": "5",
        "SERVICES_D": "7",
    }
    assert values["LOS"] == "31"  # 45 days


@pytest.mark.parametrize(
    ("level", "planned_days", "code"),
    [
        (CareState.MEDICALLY_MANAGED_INPATIENT, None, "1"),
        (CareState.WITHDRAWAL_MANAGEMENT, None, "2"),
        (CareState.RESIDENTIAL_HIGH, 30, "4"),
        (CareState.RESIDENTIAL_HIGH, 31, "5"),
        (CareState.RESIDENTIAL_LOW, 90, "5"),
        (CareState.RESIDENTIAL_LOW, None, None),
        (CareState.PARTIAL_HOSPITALIZATION, None, "6"),
        (CareState.INTENSIVE_OUTPATIENT, None, "6"),
        (CareState.OUTPATIENT, None, "7"),
        (CareState.OPIOID_TREATMENT, None, "7"),
        (CareState.AMBULATORY_WITHDRAWAL_MANAGEMENT, None, "8"),
        (CareState.AFTERCARE, None, None),
    ],
)
def test_the_service_of_a_level(level: CareState, planned_days: int | None, code: str) -> None:
    assert service_code(level, planned_days=planned_days) == code


@pytest.mark.parametrize(
    ("days", "code"),
    [(0, "1"), (1, "1"), (30, "30"), (31, "31"), (45, "31"), (46, "32"), (60, "32"), (61, "33"),
     (90, "33"), (91, "34"), (120, "34"), (121, "35"), (180, "35"), (181, "36"), (365, "36"),
     (366, "37")],
)  # fmt: skip
def test_the_length_of_a_stay(days: int, code: str) -> None:
    first = date(2026, 1, 1)
    assert length_of_stay_code(first, discharged_on=first + timedelta(days=days)) == code


@pytest.mark.parametrize(
    ("days", "code"),
    [(-1, None), (0, "0"), (1, "1"), (7, "1"), (8, "2"), (14, "2"), (15, "3"), (30, "3"),
     (31, "4")],
)  # fmt: skip
def test_the_days_waited(days: int, code: str | None) -> None:
    asked = date(2026, 1, 5)
    assert wait_code(asked, admitted_on=asked + timedelta(days=days)) == code


@pytest.mark.parametrize(
    ("reason", "code"), [(reason, str(n)) for n, reason in enumerate(DischargeReason, start=1)]
)
def test_the_reason(reason: DischargeReason, code: str) -> None:
    assert record(replace(STAY, discharge_reason=reason), transaction=D)["REASON"] == code


def test_what_is_missing_is_said_and_what_may_not_miss_holds_back() -> None:
    found = teds_record(
        replace(STAY, level=CareState.RESIDENTIAL_HIGH, payer_code=None, sex=Sex.UNKNOWN),
        transaction=A,
        provider="north",
    )

    assert [(one.field_name, one.problem, one.holds_back) for one in found.faults] == [
        ("SERVICES", "not recorded", True),
        ("SEX", "not recorded", False),
        ("PRIMPAY", "not recorded", False),
    ]
    assert not found.may_leave
    assert found.values["SERVICES"] == "-9"


def test_a_code_that_is_none_does_not_leave() -> None:
    found = teds_record(replace(STAY, payer_code="8"), transaction=A, provider="north")

    assert found.values["PRIMPAY"] == "-9"
    assert [(one.value, one.problem) for one in found.faults] == [("8", "no such code")]
    assert found.may_leave


def test_a_man_is_not_asked() -> None:
    found = teds_record(
        replace(STAY, sex=Sex.MALE, pregnant=False), transaction=A, provider="north"
    )
    assert (found.values["PREG"], found.faults) == ("-9", ())


def test_nobody_is_born_after_admission() -> None:
    found = teds_record(replace(STAY, birth_date=date(2026, 2, 1)), transaction=A, provider="north")
    assert [(one.field_name, one.problem) for one in found.faults] == [
        ("DOB", "after the admission")
    ]
    assert not found.may_leave


@given(
    st.builds(
        Stay,
        patient_id=st.just(UUID(int=1)),
        episode_id=st.just(UUID(int=2)),
        client=st.just("P-1"),
        birth_date=st.dates(date(1920, 1, 1), date(2030, 1, 1)),
        requested_on=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        admitted_on=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        discharged_on=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        payer_code=st.none() | st.sampled_from(["1", "7", "0", "x", "=1+1"]),
        last_contact_on=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    ),
    st.sampled_from(Transaction),
)
def test_whatever_the_stay_every_value_is_legal(stay: Stay, transaction: Transaction) -> None:
    found = teds_record(stay, transaction=transaction, provider="north")

    assert tuple(found.values) == tuple(one.name for one in fields_of(transaction))
    for one in fields_of(transaction):
        assert found.values[one.name] == "-9" or problem_of(one, found.values[one.name]) is None


def test_every_code_field_has_its_table() -> None:
    assert [one.name for one in FIELDS if one.shape is Shape.CODE and not one.legal] == []
    assert len({one.name for one in FIELDS}) == len(FIELDS)


MARCH = "first=2026-03-01&last=2026-03-03"


@pytest.fixture
def a_stay(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        episode = ward.admitted(work, on=date(2026, 2, 2), name="Ash")
        ward.discharged(work, episode=episode, on=date(2026, 3, 2))
        ward.admitted(work, on=date(2026, 3, 3), name="Ash", patient_id=episode.patient_id)
        ward.admitted(work, on=date(2026, 3, 3), name="Birch", to=CareState.RESIDENTIAL_HIGH)


@pytest.mark.usefixtures("a_stay")
def test_the_page_shows_what_is_missing_and_leads_to_the_chart(sign_in: SignIn) -> None:
    page = sign_in(cast.ADA).get(f"/reports/teds?of=A&{MARCH}").text

    assert "held back" in page
    assert "SERVICES" in page
    assert "no such field in the charts" in page
    assert 'href="/patients/' in page


@pytest.mark.usefixtures("a_stay")
def test_the_file_has_only_what_may_leave(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)

    admissions = client.get(f"/reports/teds/records.csv?of=A&{MARCH}").text
    discharges = client.get(f"/reports/teds/records.csv?of=D&{MARCH}").text

    [header, ash, notice] = csv.reader(io.StringIO(admissions))
    values = dict(zip(header, ash, strict=True))
    assert (values["NOPRIOR"], values["SERVICES"], values["PRIMPAY"]) == ("1", "7", "-9")
    assert notice[0].startswith("42 CFR part 2")
    [header, ash, _] = csv.reader(io.StringIO(discharges))
    values = dict(zip(header, ash, strict=True))
    assert (values["REASON"], values["LOS"], values["DISDATE"]) == ("1", "28", "2026-03-02")
    actions = db.session.scalars(
        sa.select(AuditLeaf.subject).where(AuditLeaf.action == "report.export")
    )
    assert sorted(actions) == [
        "TEDS admissions 2026-03-01 to 2026-03-03",
        "TEDS discharges 2026-03-01 to 2026-03-03",
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [("of=X", 404), ("first=2026-03-02&last=2026-03-01", 422), ("first=2020-01-01", 422),
     ("last=2999-01-01", 404), ("first=x", 404)],
)  # fmt: skip
def test_broken_questions(sign_in: SignIn, query: str, status: int) -> None:
    assert sign_in(cast.ADA).get(f"/reports/teds?{query}").status_code == status

"""Around the code with plain SQL: what funds, stock and books refuse, on both engines."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.models import (
    FundedEnrolment,
    FundingBudget,
    FundingSource,
    LedgerClose,
    LedgerFinding,
    LedgerReversal,
    RewardHandover,
    RewardInstrument,
    RewardItem,
)
from tests import cast
from tests.conftest import WorkAs
from tests.rewards.builders import an_enrolled_patient
from tests.rewards.stock import SIGNED, a_source, cards
from tests.rewards.test_books import APRIL, MARCH
from tests.rewards.test_walls import copied


@pytest.fixture
def lived(work_as: WorkAs) -> UUID:
    """A patient who was paid by a source, took a card, brought it back; a month that closed."""
    with work_as(cast.ADA) as work:
        source_id = a_source(work)
        services.set_budget(work, source_id=source_id, calendar_year=2026, amount_cents=1)
        cards(work, "0042")
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NNN")
        handed = services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)
        services.take_back(
            work,
            patient_id=patient_id,
            transfer_id=handed.transfer_id,
            reason="blank",
            approved_by=cast.ADA.id,
        )
        award = queries.statement(work, patient_id=patient_id)[0].transfer_id
    with work_as(cast.ADA, now=APRIL) as work:
        services.close_period(work, first_on=MARCH)
        work.session.execute(
            sa.insert(LedgerFinding).values(
                id=new_id(),
                site_id=work.site.id,
                service_date=MARCH,
                kind="account",
                subject="x",
                expected_cents=0,
                found_cents=1,
                **work.attribution,
            )
        )
    return award


REFUSALS: list[tuple[type[Any], dict[str, Any], str]] = [
    (RewardItem, {}, "issuer is here already"),
    (RewardItem, {"serial": "1", "remaining_cents": -1}, "handed over already"),
    (RewardItem, {"serial": "1", "remaining_cents": 1001}, "handed over already"),
    (RewardInstrument, {}, "listed already"),
    (RewardInstrument, {"name": "x", "category": "alcohol"}, "No alcohol"),
    (RewardInstrument, {"name": "x", "category": "gambling"}, "No alcohol"),
    (RewardInstrument, {"name": "x", "kind": "cash"}, "never cash"),
    (RewardHandover, {"transfer_id": UUID(int=1), "signed_name": ""}, "has to sign"),
    (
        RewardHandover,
        {"transfer_id": UUID(int=1), "second_person_id": cast.CARL.id},
        "somebody else",
    ),
    (
        RewardHandover,
        {"transfer_id": UUID(int=1), "second_person_from_cents": 1000},
        "takes two people",
    ),
    (LedgerReversal, {"transfer_id": UUID(int=1)}, "taken this back already"),
    (
        LedgerReversal,
        {
            "transfer_id": UUID(int=1),
            "reverses_id": UUID(int=2),
            "approved_by": cast.CARL.id,
        },
        "Nobody both asks",
    ),
    (
        LedgerReversal,
        {"transfer_id": UUID(int=1), "reverses_id": UUID(int=2), "approved_by": None},
        "second person has to approve",
    ),
    (LedgerClose, {}, "closed already"),
    (
        LedgerClose,
        {
            "first_on": date(2026, 4, 1),
            "until_on": date(2026, 5, 1),
            "closed_on": date(2026, 5, 1),
            "trial_balance_cents": 1,
        },
        "do not balance",
    ),
    (
        LedgerClose,
        {"first_on": date(2026, 4, 1), "until_on": date(2026, 5, 1)},
        "when it is over",
    ),
    (FundingSource, {}, "of this name already"),
    (FundedEnrolment, {}, "its funding source already"),
]


@pytest.mark.usefixtures("lived")
def test_the_database_itself_refuses(work_as: WorkAs) -> None:
    for table, change, sentence in REFUSALS:
        with pytest.raises((Clash, sa.exc.IntegrityError)) as refused, work_as() as work:
            _copied(work, table, change)
        assert sentence in str(refused.value), (table, change)


@pytest.mark.usefixtures("lived")
def test_what_is_recorded_stays(work_as: WorkAs) -> None:
    for table in (
        FundedEnrolment,
        FundingBudget,
        LedgerClose,
        LedgerFinding,
        LedgerReversal,
        RewardHandover,
    ):
        with pytest.raises(Clash, match="cannot be changed or removed"), work_as() as work:
            work.session.execute(sa.update(table).values(recorded_by_name="Nobody"))
        with pytest.raises(Clash, match="cannot be changed or removed"), work_as() as work:
            work.session.execute(sa.delete(table))


def _copied(work: Work, table: type[Any], change: dict[str, Any]) -> None:
    """As ``copied``, past the words the columns know."""
    if not {"category", "kind"} & change.keys():
        copied(work, table, **change)
        return
    made = new_id()
    copied(work, table, id=made, name="past")
    (word,) = change.keys() & {"category", "kind"}
    column: sa.ColumnClause[str] = sa.column(word)
    work.session.execute(
        sa.update(sa.table("reward_instrument", sa.column("id", sa.Uuid), column))
        .where(sa.column("id", sa.Uuid) == made)
        .values({word: change[word]})
    )

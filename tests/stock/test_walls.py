"""Around the code with plain SQL: what the stock's tables themselves do not let happen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from clinic.core.decision import Decision
from clinic.core.errors import Clash
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.stock import services
from clinic.stock.facts import CountMoment, IncidentKind, StockMovementKind
from clinic.stock.models import (
    StockBottle,
    StockCount,
    StockDayClose,
    StockIncident,
    StockMovement,
    StockReceipt,
)
from tests import cast
from tests.conftest import WorkAs
from tests.stock.builders import METHADONE, WINDOW_ONE, count_everything, open_at_window

TODAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def open_bottle(work_as: WorkAs) -> UUID:
    with work_as(cast.NORA) as work:
        return open_at_window(work)


def copied(work: Work, model: type[Any], **changes: Any) -> None:
    """A second row like the first one there is, written past every rule."""
    table: sa.Table = model.__table__
    row = work.session.execute(sa.select(table)).mappings().first()
    assert row is not None
    work.session.execute(sa.insert(table).values(dict(row) | {"id": new_id()} | changes))


def refused(work_as: WorkAs, model: type[Any], **changes: Any) -> None:
    """The database itself says no, whether or not it has a sentence for people."""
    with pytest.raises((Clash, IntegrityError)), work_as(cast.NORA) as work:
        copied(work, model, **changes)


def test_a_bottle_never_holds_less_than_nothing(work_as: WorkAs, open_bottle: UUID) -> None:
    with pytest.raises(Clash, match="does not hold enough"), work_as(cast.NORA) as work:
        work.session.execute(
            sa.update(StockBottle).where(StockBottle.id == open_bottle).values(balance=-1)
        )


def test_one_bottle_of_a_product_is_open_at_a_window(work_as: WorkAs) -> None:
    with pytest.raises(Clash, match="already open at that window"), work_as(cast.NORA) as work:
        copied(work, StockBottle)
    with work_as(cast.NORA) as work:
        copied(work, StockBottle, window=2)
        copied(work, StockBottle, product="methadone_tablet_10")


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0},
        {"balance_after": -1},
        {"to_place": "supplier"},
        {"from_place": "patient", "to_place": "waste"},
        {"kind": "waste", "witnessed_by": None},
        {"kind": "adjusted", "witnessed_by": cast.NORA.id, "recorded_by": cast.NORA.id},
        {"sequence": 1},
    ],
    ids=str,
)
def test_a_movement_has_two_ends_a_quantity_and_its_witness(
    work_as: WorkAs, changes: dict[str, Any]
) -> None:
    refused(work_as, StockMovement, **({"sequence": 99} | changes))


def test_a_movement_with_all_of_it_is_let_in(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        copied(work, StockMovement, sequence=99)


def test_a_dose_leaves_a_bottle_once(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        services.take(work, spot=WINDOW_ONE, code=METHADONE, quantity=4000, subject_id=new_id())
        drawn = sa.select(StockMovement.__table__).where(
            StockMovement.kind == StockMovementKind.DOSE
        )
        dose = work.session.execute(drawn).mappings().one()
    again = dict(dose) | {"id": new_id(), "sequence": 99}
    with pytest.raises(Clash, match="recorded the same thing"), work_as(cast.NORA) as work:
        work.session.execute(sa.insert(StockMovement), again)


def test_schedule_two_never_comes_without_its_order_form(work_as: WorkAs) -> None:
    refused(work_as, StockReceipt, order_form="")


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (StockMovement, {"quantity": 1}),
        (StockReceipt, {"lot": "X"}),
        (StockCount, {"counted": 1}),
        (StockIncident, {"note": "nothing happened"}),
        (StockDayClose, {"witness_name": "X"}),
    ],
)
def test_what_is_recorded_stays(work_as: WorkAs, model: type[Any], change: dict[str, Any]) -> None:
    everything(work_as)
    with pytest.raises(Clash, match="cannot be changed or removed"), work_as() as work:
        work.session.execute(sa.update(model.__table__).values(change))


def everything(work_as: WorkAs) -> None:
    """A count, an incident signed off, a day closed."""
    with work_as(cast.NORA) as work:
        count_everything(work)
        services.close_day(work, day=TODAY, witness_id=cast.NELL.id, others=Decision())
        services.report_loss(
            work,
            spot=WINDOW_ONE,
            code=METHADONE,
            amount=Decimal(1),
            kind=IncidentKind.LOSS,
            note="A bottle broke",
        )


def test_a_second_count_is_another_person_s_and_the_only_one(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        services.record_count(
            work,
            spot=WINDOW_ONE,
            code=METHADONE,
            amount=Decimal(990),
            moment=CountMoment.CLOSING,
        )
        first = work.session.scalars(sa.select(StockCount)).one()
        named = {"second_of_id": first.id}
    refused(work_as, StockCount, **named, first_by=cast.NORA.id)
    refused(work_as, StockCount, **named, first_by=None)
    by_nell = {"first_by": cast.NORA.id, "recorded_by": cast.NELL.id}
    with work_as(cast.NORA) as work:
        copied(work, StockCount, **named, **by_nell)
    refused(work_as, StockCount, **named, **by_nell)


def test_a_day_is_closed_once_by_two_and_not_before_it_ends(work_as: WorkAs) -> None:
    everything(work_as)
    refused(work_as, StockDayClose)
    earlier = {"closed_day": date(2026, 3, 2)}
    refused(work_as, StockDayClose, **earlier, witnessed_by=cast.NORA.id)
    refused(work_as, StockDayClose, closed_day=date(2026, 3, 4))
    with work_as(cast.NORA) as work:
        copied(work, StockDayClose, **earlier)

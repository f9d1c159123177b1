"""Whatever is done in whatever order, the books balance and nothing holds less than nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Declined
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.stock import queries, services
from clinic.stock.facts import (
    INSIDE,
    PREPARATION,
    CountMoment,
    Spot,
    StockMovementKind,
    StockPlace,
    at_window,
    product,
)
from clinic.stock.models import StockBottle, StockMovement
from clinic.stock.queries.bottles import CHANGE
from tests import cast
from tests.conftest import WorkAs
from tests.stock.builders import FILMS, METHADONE, a_delivery

STEPS = 120
PEOPLE = (cast.NORA, cast.NELL, cast.PHIL)


class RandomDay:
    """Somebody does something, over and over."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311
        self.subjects: list[UUID] = []
        self.done = 0

    def step(self, work: Work) -> None:
        verbs: list[Callable[[Work], Any]] = [
            self.receive,
            self.open,
            self.put_back,
            self.move,
            self.take,
            self.take,
            self.take,
            self.give_back,
            self.waste_dose,
            self.return_volume,
            self.return_take_home,
            self.waste,
            self.count,
        ]
        self.random.choice(verbs)(work)

    def code(self) -> str:
        return self.random.choice((METHADONE, FILMS))

    def bottle(self, work: Work) -> UUID:
        found = work.session.scalars(sa.select(StockBottle.id).order_by(StockBottle.id)).all()
        return self.random.choice(found) if found else new_id()

    def receive(self, work: Work) -> None:
        size = Decimal(self.random.choice((5, 30, 100)))
        a_delivery(work, product=self.code(), size=size, bottles=self.random.randint(1, 3))

    def open(self, work: Work) -> None:
        services.open_at(work, bottle_id=self.bottle(work), window=self.random.randint(1, 2))

    def put_back(self, work: Work) -> None:
        services.put_back(work, bottle_id=self.bottle(work))

    def move(self, work: Work) -> None:
        goal = self.random.choice((PREPARATION, Spot(StockPlace.QUARANTINE)))
        services.move(work, bottle_id=self.bottle(work), goal=goal)

    def take(self, work: Work) -> None:
        code, subject_id = self.code(), new_id()
        services.take(
            work,
            spot=self.random.choice((at_window(1), at_window(2), PREPARATION)),
            code=code,
            quantity=self.random.randint(1, 9000 if code == METHADONE else 4),
            subject_id=subject_id,
            kind=self.random.choice((StockMovementKind.DOSE, StockMovementKind.TAKE_HOME)),
        )
        self.subjects.append(subject_id)

    def subject(self) -> UUID:
        return self.random.choice(self.subjects) if self.subjects else new_id()

    def give_back(self, work: Work) -> None:
        services.give_back(work, subject_id=self.subject())

    def waste_dose(self, work: Work) -> None:
        services.waste_for(
            work, subject_id=self.subject(), witness_id=self.witness(work), reason="Spilled"
        )

    def witness(self, work: Work) -> UUID:
        return self.random.choice([one.id for one in PEOPLE if one.id != work.actor.id])

    def return_volume(self, work: Work) -> None:
        services.return_volume(
            work,
            bottle_id=self.bottle(work),
            volume_ul=self.random.randint(1, 3000),
            reason="Pump",
        )

    def return_take_home(self, work: Work) -> None:
        services.return_take_home(work, code=METHADONE, quantity=4000, lot="B", subject_id=new_id())

    def waste(self, work: Work) -> None:
        services.waste(
            work,
            bottle_id=self.bottle(work),
            quantity=self.random.randint(1, 5000),
            witness_id=self.witness(work),
            reason="Expired",
            kind=self.random.choice(
                (
                    StockMovementKind.WASTE,
                    StockMovementKind.SPILL,
                    StockMovementKind.DESTROYED,
                )
            ),
        )

    def count(self, work: Work) -> None:
        held = queries.expected_at(work)
        if held:
            (code, spot), amount = self.random.choice(sorted(held.items()))
            off = self.random.choice((0, 0, 1, -1))
            services.record_count(
                work,
                spot=spot,
                code=code,
                amount=product(code).amount(max(0, amount + off)),
                moment=CountMoment.DURING,
            )


@pytest.mark.parametrize("seed", [7, 2026])
def test_the_books_balance_after_any_day(work_as: WorkAs, seed: int) -> None:
    day = RandomDay(seed)
    for _ in range(STEPS):
        try:
            with work_as(day.random.choice(PEOPLE)) as work:
                day.step(work)
                day.done += 1
        except Declined:
            continue
    assert day.done > STEPS / 4

    with work_as() as work:
        balances = dict(work.session.execute(sa.select(StockBottle.id, StockBottle.balance)).all())
        moved: dict[UUID, int] = dict(
            work.session.execute(
                sa.select(StockMovement.bottle_id, sa.func.sum(CHANGE)).group_by(
                    StockMovement.bottle_id
                )
            ).all()
        )
        sums = work.session.execute(
            sa.select(
                sa.func.sum(
                    sa.case(
                        (StockMovement.from_place.not_in(INSIDE), StockMovement.quantity), else_=0
                    )
                ),
                sa.func.sum(
                    sa.case(
                        (StockMovement.to_place.not_in(INSIDE), StockMovement.quantity), else_=0
                    )
                ),
            )
        ).one()
        by_place = queries.flows_on(work, day=date(2026, 3, 3))
        held = queries.expected_at(work)

    assert balances == moved
    assert min(balances.values()) >= 0
    came, left = sums
    assert sum(balances.values()) == came - left
    open_now = {key: amount for key, amount in held.items() if amount}
    assert {key: flows.net for key, flows in by_place.items() if flows.net} == open_now

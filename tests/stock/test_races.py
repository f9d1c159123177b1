from __future__ import annotations

from collections import Counter
from decimal import Decimal

import sqlalchemy as sa

from clinic.data.db import db
from clinic.stock.models import StockBottle, StockMovement
from tests import cast
from tests.conftest import Clinic, WorkAs
from tests.stock.builders import open_at_window
from tests.stock.racing import race

PROCESSES = 2


def test_two_processes_at_the_end_of_a_bottle(clinic: Clinic, work_as: WorkAs) -> None:
    """It holds ten draws; twelve are tried."""
    with work_as(cast.NORA) as work:
        open_at_window(work, size=Decimal(40))

    outcomes = race(clinic.app, processes=PROCESSES, attempts=6, quantity=4000)

    assert Counter(outcomes) == {"taken": 10, "Clash": 2}
    assert db.session.scalar(sa.select(StockBottle.balance)) == 0
    lowest = db.session.scalar(sa.select(sa.func.min(StockMovement.balance_after)))
    assert lowest == 0
    sequences = db.session.scalars(
        sa.select(StockMovement.sequence).order_by(StockMovement.sequence)
    ).all()
    assert len(set(sequences)) == len(sequences)

"""The measured window: what a day's claims, doses and stock movements say about its pace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa

from clinic.core.units import mg, ml
from clinic.data.work import Work
from clinic.dosing.facts import DoseOrigin, Queue
from clinic.dosing.facts.line import BottleLevel, ClaimEnd, Headline, Pace
from clinic.dosing.models import Dose, WindowClaim
from clinic.dosing.queries import line
from clinic.dosing.queries.window import queue
from clinic.dosing.rules import pace as rules
from clinic.dosing.rules.pace import Served
from clinic.sites import queries as sites
from clinic.stock.facts import Form, StockMovementKind
from clinic.stock.models import StockBottle, StockMovement

SERVED_SHOWN = 50
"""The mean is that of the last so many: what a patient costs now, not at dawn."""
UNUSUAL_HOURS = (time(5, 0), time(12, 0))
"""The hours drawn for a day without opening hours."""
MICROGRAMS = 1000


def headline(work: Work, found: Queue) -> Headline:
    """How the day of a queue goes; one statement."""
    served = _served(work, found.day)
    return rules.headline(found, now=work.site.local(work.now), served=served)


def pace(work: Work, *, day: date) -> Pace:
    """Everything measured at the windows on a day."""
    found = queue(work, day=day)
    weeks = line.window_policy(work).forecast_weeks
    past = [day - timedelta(weeks=number) for number in range(1, weeks + 1)]
    dosed = _by_quarter(work, [day, *past])
    dosed_days = [one for one in past if dosed[one]]
    opens_at, closes_at = _hours(work, day)
    drawn_mg, ordered_mg = _liquid(work, day)
    return Pace(
        day=day,
        headline=headline(work, found),
        quarters=rules.quarters(
            dosed[day],
            past=[dosed[one] for one in dosed_days],
            opens_at=opens_at,
            closes_at=closes_at,
        ),
        drawn_mg=drawn_mg,
        ordered_mg=ordered_mg,
        levels=_levels(work, day),
        past_days=tuple(dosed_days),
    )


def _served(work: Work, day: date) -> list[Served]:
    rows = work.session.execute(
        sa.select(WindowClaim.recorded_at, WindowClaim.ended_at)
        .where(
            WindowClaim.site_id == work.site.id,
            WindowClaim.service_date == day,
            WindowClaim.ended_how == ClaimEnd.DOSED,
        )
        .order_by(WindowClaim.ended_at.desc())
        .limit(SERVED_SHOWN)
    )
    return [
        Served(work.site.local(ended), round((ended - begun).total_seconds()))
        for begun, ended in rows
        if ended is not None
    ]


def _by_quarter(work: Work, days: Sequence[date]) -> dict[date, dict[datetime, int]]:
    """How many doses each quarter of an hour of the days saw, by its first dose's wall time.

    Every zone stands whole quarters from UTC, so that the database may count without knowing it.
    """
    quarter = sa.cast(sa.extract("minute", Dose.occurred_at), sa.Integer) // 15
    rows = work.session.execute(
        sa.select(Dose.service_date, sa.func.min(Dose.occurred_at), sa.func.count())
        .where(
            Dose.site_id == work.site.id,
            Dose.service_date.in_(days),
            Dose.origin == DoseOrigin.WINDOW,
        )
        .group_by(Dose.service_date, sa.extract("hour", Dose.occurred_at), quarter)
    )
    found: defaultdict[date, dict[datetime, int]] = defaultdict(dict)
    for day, first, dosed in rows:
        found[day][work.site.local(first)] = dosed
    return found


def _hours(work: Work, day: date) -> tuple[datetime, datetime]:
    hours = sites.opening_hours(work).get(day.weekday())
    first, last = (hours.opens_at, hours.closes_at) if hours else UNUSUAL_HOURS
    opens_at, closes_at = work.site.instant(day, first), work.site.instant(day, last)
    return work.site.local(opens_at), work.site.local(closes_at)


def _liquid(work: Work, day: date) -> tuple[Decimal, Decimal]:
    """Milligrams that left the bottles for doses, and milligrams those doses were."""
    drawn = work.session.execute(
        sa.select(StockMovement.kind, StockMovement.quantity, StockBottle.strength_ug)
        .join(StockBottle, StockBottle.id == StockMovement.bottle_id)
        .where(
            StockMovement.site_id == work.site.id,
            StockMovement.service_date == day,
            StockMovement.kind.in_((StockMovementKind.DOSE, StockMovementKind.VOLUME_RETURNED)),
            StockBottle.form == Form.ORAL_CONCENTRATE,
        )
    ).all()
    poured_ug = sum(
        (quantity_ul if kind is StockMovementKind.DOSE else -quantity_ul) * strength // MICROGRAMS
        for kind, quantity_ul, strength in drawn
    )
    ordered_ug = work.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Dose.dose_ug), 0)).where(
            Dose.site_id == work.site.id,
            Dose.service_date == day,
            Dose.origin == DoseOrigin.WINDOW,
            Dose.form == Form.ORAL_CONCENTRATE,
            Dose.bottle_id.is_not(None),
        )
    )
    return mg(poured_ug), mg(int(ordered_ug or 0))


def _levels(work: Work, day: date) -> tuple[BottleLevel, ...]:
    rows = work.session.execute(
        sa.select(
            StockBottle.window,
            StockBottle.lot,
            StockMovement.occurred_at,
            StockMovement.balance_after,
        )
        .join(StockBottle, StockBottle.id == StockMovement.bottle_id)
        .where(
            StockMovement.site_id == work.site.id,
            StockMovement.service_date == day,
            StockMovement.kind.in_((StockMovementKind.DOSE, StockMovementKind.OPENED)),
            StockBottle.form == Form.ORAL_CONCENTRATE,
        )
        .order_by(StockMovement.occurred_at, StockMovement.sequence)
    )
    return tuple(
        BottleLevel(window, lot, work.site.local(at), ml(left)) for window, lot, at, left in rows
    )

"""A day of stock: flows by place, counts, incidents, and which days are still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from clinic.core.decision import Decision
from clinic.data.work import Work
from clinic.sites import queries as sites
from clinic.stock.facts import (
    QUARANTINE,
    Count,
    CountLine,
    CountMoment,
    CountState,
    DayClosed,
    Flows,
    ProductDay,
    Spot,
    StockDay,
    StockMovementKind,
    StockPlace,
    StockPolicy,
    VariancePolicy,
    product,
)
from clinic.stock.models import (
    StockBottle,
    StockCount,
    StockDayClose,
    StockMovement,
)
from clinic.stock.queries.bottles import bottles
from clinic.stock.queries.incidents import incidents
from clinic.stock.rules import reconcile_day

_POLICY = StockPolicy()
_VARIANCE = VariancePolicy()
_RETURNED = frozenset(
    {
        StockMovementKind.DOSE_RETURNED,
        StockMovementKind.VOLUME_RETURNED,
        StockMovementKind.RETURNED,
    }
)
_WASTED = frozenset({StockMovementKind.WASTE, StockMovementKind.DESTROYED})
_ARRIVED = frozenset({StockMovementKind.RECEIVED, StockMovementKind.INITIAL})

Key = tuple[str, Spot]
Pair = tuple[Count, Count | None]


class DayCheck(Protocol):
    """A room above the stock that may keep a day open: an unsigned log, a dose in doubt."""

    def __call__(self, work: Work, *, day: date) -> Decision: ...


def expected_at(work: Work) -> dict[Key, int]:
    """What the book says stands where, by product and place; nothing that is closed."""
    rows = work.session.execute(
        sa.select(
            StockBottle.product,
            StockBottle.place,
            StockBottle.window,
            sa.func.sum(StockBottle.balance),
        )
        .where(StockBottle.site_id == work.site.id, StockBottle.closed_at.is_(None))
        .group_by(StockBottle.product, StockBottle.place, StockBottle.window)
    )
    return {(code, Spot(place, number)): int(held) for code, place, number, held in rows}


def flows_on(work: Work, *, day: date) -> dict[Key, Flows]:
    """What went in and out of each place on a clinic day; carrying a bottle is out and in."""
    return _flows(work, StockMovement.service_date == day)


def _held_after(work: Work, day: date) -> dict[Key, int]:
    """What the book said stood where when a clinic day ended; now, for a day not over."""
    held = expected_at(work)
    if day < work.service_date:
        for key, since in _flows(work, StockMovement.service_date > day).items():
            held[key] = held.get(key, 0) - since.change
    return held


def _flows(work: Work, when: sa.ColumnElement[bool]) -> dict[Key, Flows]:
    movement = StockMovement
    rows = work.session.execute(
        sa.select(
            StockBottle.product,
            movement.kind,
            movement.from_place,
            movement.from_number,
            movement.to_place,
            movement.to_number,
            sa.func.sum(movement.quantity),
        )
        .join(StockBottle, StockBottle.id == movement.bottle_id)
        .where(movement.site_id == work.site.id, when)
        .group_by(
            StockBottle.product,
            movement.kind,
            movement.from_place,
            movement.from_number,
            movement.to_place,
            movement.to_number,
        )
    )
    sums: defaultdict[Key, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for code, kind, from_place, from_number, to_place, to_number, moved in rows:
        origin, goal = Spot(from_place, from_number), Spot(to_place, to_number)
        if origin.place.is_inside:
            name, sign = _leaving(kind, is_carried=goal.place.is_inside)
            sums[code, origin][name] += sign * int(moved)
        if goal.place.is_inside:
            sums[code, goal][_entering(kind)] += int(moved)
    return {key: Flows(**found) for key, found in sums.items()}


def _leaving(kind: StockMovementKind, *, is_carried: bool) -> tuple[str, int]:
    if kind is StockMovementKind.ADJUSTED:
        return "adjusted", -1
    if is_carried:
        return "received", -1
    if kind is StockMovementKind.TAKE_HOME:
        return "take_home", 1
    if kind is StockMovementKind.SPILL:
        return "spilled", 1
    return ("wasted", 1) if kind in _WASTED else ("observed", 1)


def _entering(kind: StockMovementKind) -> str:
    if kind is StockMovementKind.ADJUSTED:
        return "adjusted"
    return "returned" if kind in _RETURNED else "received"


def count_lines(work: Work, *, day: date, moment: CountMoment) -> list[CountLine]:
    """Every product in every place with how its count of this day and moment stands.

    An opening count of a later day also closes a day nobody counted at its end.
    """
    counted = _counts(work, day=day, moment=moment)
    held = _held_after(work, day)
    keys = {key for key, amount in held.items() if amount} | counted.keys()
    return [
        _count_line(key, held.get(key, 0), counted.get(key, ()), day)
        for key in sorted(keys, key=lambda key: (key[1], key[0]))
    ]


def _count_line(key: Key, expected: int, pairs: Sequence[Pair], day: date) -> CountLine:
    """How the last count of the day stands; of later days only while nothing is settled."""
    line = CountLine(product=product(key[0]), spot=key[1], expected=expected)
    for first, second in pairs:
        if first.day > day and line.state is CountState.SETTLED:
            break
        must_second = line.must_second or line.state is CountState.DISAGREES
        line = replace(line, first=first, second=second, must_second=must_second)
    return line


def _counts(work: Work, *, day: date, moment: CountMoment) -> dict[Key, list[Pair]]:
    """The first counts of each product and place in order, each with its second."""
    same = (StockCount.service_date == day) & (StockCount.moment == moment)
    if moment is CountMoment.CLOSING:
        later = (StockCount.service_date > day) & (StockCount.moment == CountMoment.OPENING)
        same |= later & (StockCount.service_date <= day + timedelta(days=_LATE_DAYS))
    here = StockCount.site_id == work.site.id
    firsts = work.session.scalars(
        sa.select(StockCount)
        .where(here, StockCount.second_of_id.is_(None), same)
        .order_by(StockCount.occurred_at, StockCount.id)
    ).all()
    ids = [row.id for row in firsts]
    found = work.session.scalars(
        sa.select(StockCount).where(here, StockCount.second_of_id.in_(ids))
    )
    seconds = {row.second_of_id: _count(row) for row in found}
    pairs: defaultdict[Key, list[Pair]] = defaultdict(list)
    for row in firsts:
        key = row.product, Spot(row.place, row.number)
        pairs[key].append((_count(row), seconds.get(row.id)))
    return pairs


_LATE_DAYS = 7
"""How late an opening count may stand in for a closing count that was forgotten."""


def _count(row: StockCount) -> Count:
    return Count(
        id=row.id,
        counted=row.counted,
        expected=row.expected,
        tier=row.tier,
        by_id=row.recorded_by,
        by=row.recorded_by_name,
        at=row.occurred_at,
        day=row.service_date,
    )


def stock_day(work: Work, *, day: date, others: Decision) -> StockDay:
    """Everything a day's closing is decided by; ``others`` is what other rooms keep open."""
    lines = count_lines(work, day=day, moment=CountMoment.CLOSING)
    flows = flows_on(work, day=day)
    standing = bottles(work, closed_shown=0)
    return StockDay(
        day=day,
        today=work.service_date,
        lines=tuple(lines),
        products=tuple(_products(work, day, lines, flows)),
        incidents=tuple(
            one
            for one in incidents(work)
            if one.discovered_on == day or (one.discovered_on < day and not one.is_signed)
        ),
        pending_waste=tuple(one for one in standing if one.spot == QUARANTINE and one.held),
        others=others,
        closed=closed_day(work, day=day),
    )


def _products(
    work: Work, day: date, lines: list[CountLine], flows: dict[Key, Flows]
) -> Iterable[ProductDay]:
    """Each product with all its places together, as the daily reconciliation prints it."""
    policy = sites.policy(work, _VARIANCE, of="stock_variance", on=day)
    by_code: defaultdict[str, list[CountLine]] = defaultdict(list)
    for line in lines:
        by_code[line.product.code].append(line)
    for code in sorted({code for code, _ in flows} | by_code.keys()):
        what = product(code)
        mine = by_code.get(code, [])
        total = _together([found for (name, _), found in flows.items() if name == code])
        is_complete = bool(mine) and all(line.final for line in mine)
        booked = sum(_booked(line, day) for line in mine)
        held = sum(line.expected for line in mine)
        expected = held - booked
        off = sum(line.final.variance for line in mine if line.final)
        counted = expected + off if is_complete else None
        answer = (
            reconcile_day(what, expected=expected, flows=total, counted=counted, policy=policy)
            if counted is not None
            else None
        )
        yield ProductDay(
            product=what,
            start=held - total.change,
            flows=total,
            adjusted=total.adjusted - booked,
            expected=expected,
            counted=counted,
            booked=booked,
            answer=answer,
        )


def _booked(line: CountLine, day: date) -> int:
    """What the counts of the day's end moved the book by that day: what two agreed on."""
    is_booked = line.second is not None and line.second.day <= day
    return line.final.variance if line.final and is_booked else 0


def _together(parts: list[Flows]) -> Flows:
    return Flows(
        received=sum(one.received for one in parts),
        returned=sum(one.returned for one in parts),
        observed=sum(one.observed for one in parts),
        take_home=sum(one.take_home for one in parts),
        wasted=sum(one.wasted for one in parts),
        spilled=sum(one.spilled for one in parts),
        adjusted=sum(one.adjusted for one in parts),
    )


def closed_day(work: Work, *, day: date) -> DayClosed | None:
    """Who closed a day and under which seal; None while it is open."""
    row = work.session.scalar(
        sa.select(StockDayClose).where(
            StockDayClose.site_id == work.site.id, StockDayClose.closed_day == day
        )
    )
    if row is None:
        return None
    return DayClosed(
        day=row.closed_day,
        closed_at=work.site.local(row.occurred_at),
        closed_by=row.recorded_by_name,
        witness=row.witness_name,
        seal_sequence=row.seal_sequence,
        seal_chain=row.seal_chain,
        moved_since=_moved_since(work, row),
    )


def _moved_since(work: Work, close: StockDayClose) -> int:
    found = work.session.scalar(
        sa.select(sa.func.count())
        .select_from(StockMovement)
        .where(
            StockMovement.site_id == work.site.id,
            StockMovement.service_date == close.closed_day,
            StockMovement.recorded_at > close.recorded_at,
        )
    )
    return found or 0


def unclosed_days(work: Work) -> list[date]:
    """Past days on which stock was dispensed and that nobody has closed, oldest first."""
    policy = sites.policy(work, _POLICY, of="stock", on=work.service_date)
    today = work.service_date
    closes = sa.select(StockDayClose.closed_day).where(StockDayClose.site_id == work.site.id)
    return list(
        work.session.scalars(
            sa.select(StockMovement.service_date)
            .where(
                StockMovement.site_id == work.site.id,
                StockMovement.service_date < today,
                StockMovement.service_date >= today - timedelta(days=policy.unclosed_days_shown),
                StockMovement.to_place == StockPlace.PATIENT,
                StockMovement.service_date.not_in(closes),
            )
            .distinct()
            .order_by(StockMovement.service_date)
        )
    )


def dispensers(work: Work, *, day: date) -> dict[UUID, tuple[str, int]]:
    """Whoever dispensed out of stock on a day: name, and how many movements."""
    rows: Any = work.session.execute(
        sa.select(
            StockMovement.recorded_by,
            sa.func.max(StockMovement.recorded_by_name),
            sa.func.count(),
        )
        .where(
            StockMovement.site_id == work.site.id,
            StockMovement.service_date == day,
            StockMovement.to_place == StockPlace.PATIENT,
            StockMovement.recorded_by.is_not(None),
        )
        .group_by(StockMovement.recorded_by)
    )
    return {person: (name, int(count)) for person, name, count in rows}

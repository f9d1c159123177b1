"""How fast the line goes, when it will be done, and how long it will be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from clinic.dosing.facts import Queue
from clinic.dosing.facts.line import Headline, Quarter, WindowPolicy

QUARTER = timedelta(minutes=15)
PACE_OVER = timedelta(minutes=30)
"""The pace is that of the last half hour: long enough to be steady, short enough to be now."""
PACE_DOSES_MIN = 3
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Served:
    """A patient dosed at a window, and how long after they were opened there."""

    at: datetime
    seconds: int


def headline(queue: Queue, *, now: datetime, served: Sequence[Served]) -> Headline:
    """Done, left, waiting, how long each takes, and when the last one is done at this pace.

    Shape: ``now`` and every instant in the site's wall time; ``served`` are today's.
    """
    waiting = [row.checked_in_at for row in queue.in_line if row.checked_in_at]
    given = [row.given.given_at for row in queue.rows if row.given]
    return Headline(
        done=queue.dosed,
        left=queue.left,
        in_line=len(queue.in_line),
        held=queue.held,
        longest_wait_minutes=waited(min(waiting), now=now) if waiting else None,
        mean_seconds=_mean(served),
        finish_at=finish_at(given, left=queue.left, now=now),
    )


def waited(since: datetime, *, now: datetime) -> int:
    """Whole minutes since somebody came."""
    return max(0, int((now - since) / timedelta(minutes=1)))


def wait_kind(minutes: int, *, policy: WindowPolicy) -> str:
    """Whether a wait is still fine, long or too long.

    Source: clinical-rules section 9, item 2: target wait under 15 minutes.
    """
    if minutes >= policy.waiting_red_minutes:
        return "stop"
    return "attention" if minutes >= policy.waiting_amber_minutes else "ok"


def finish_at(given: Sequence[datetime], *, left: int, now: datetime) -> datetime | None:
    """When ``left`` more are done at the pace of the last half hour; None without a pace."""
    recent = [at for at in given if now - PACE_OVER < at <= now]
    if not left or len(recent) < PACE_DOSES_MIN:
        return None
    return now + left * (PACE_OVER / len(recent))


def quarters(
    today: Mapping[datetime, int],
    *,
    past: Sequence[Mapping[datetime, int]],
    opens_at: datetime,
    closes_at: datetime,
) -> tuple[Quarter, ...]:
    """Each quarter of the dosing hours: doses given today, and the mean of the past days.

    Shape: doses by wall time; past days are laid over today by their clock.
    """
    done = _by_quarter(today)
    before = [_by_quarter(day) for day in past]
    found = []
    at = opens_at
    while at < closes_at:
        clock = (at.hour, at.minute // 15)
        total = sum(day.get(clock, 0) for day in before)
        mean = Decimal(total) / len(before) if before else Decimal(0)
        found.append(Quarter(at, done.get(clock, 0), mean.quantize(_TENTH, rounding=ROUND_HALF_UP)))
        at += QUARTER
    return tuple(found)


def line_ahead(
    found: Sequence[Quarter], *, in_line: int, now: datetime, per_quarter: int
) -> list[Decimal | None]:
    """How long the line will be at the end of each quarter, if people come as they used to.

    Shape: None for quarters that are over. ``per_quarter`` is what the open windows serve.
    """
    length = Decimal(in_line)
    lengths: list[Decimal | None] = []
    for quarter in found:
        if quarter.starts_at + QUARTER <= now:
            lengths.append(None)
            continue
        length = max(Decimal(0), length + quarter.expected - per_quarter)
        lengths.append(length)
    return lengths


def plan(found: Sequence[Quarter], *, total: int) -> list[Decimal]:
    """The cumulative course the day should take: the past days' curve, scaled to today's people."""
    expected = sum((quarter.expected for quarter in found), start=Decimal(0))
    if not expected:
        return [Decimal(0) for _ in found]
    sums: list[Decimal] = []
    so_far = Decimal(0)
    for quarter in found:
        so_far += quarter.expected
        sums.append((so_far * total / expected).quantize(_TENTH, rounding=ROUND_HALF_UP))
    return sums


def _mean(served: Sequence[Served]) -> int | None:
    return round(sum(one.seconds for one in served) / len(served)) if served else None


def _by_quarter(dosed: Mapping[datetime, int]) -> Mapping[tuple[int, int], int]:
    counts: dict[tuple[int, int], int] = {}
    for at, doses in dosed.items():
        clock = (at.hour, at.minute // 15)
        counts[clock] = counts.get(clock, 0) + doses
    return counts

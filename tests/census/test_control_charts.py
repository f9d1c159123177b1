"""Control charts, the limits worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

from clinic.census.facts.measures import Tally
from clinic.census.rules.control_charts import p_chart, xmr_chart

MONDAY = date(2026, 1, 5)


def weeks(*counts: tuple[int, int]) -> list[Tally]:
    return [
        Tally(MONDAY + timedelta(weeks=number), count, of)
        for number, (count, of) in enumerate(counts)
    ]


def test_a_share_is_weighed_by_the_size_of_its_week() -> None:
    """30 of 300: mean 10 %. Of 100: 3 * sqrt(.1 * .9 / 100) = 9 points either side."""
    points = p_chart(weeks((10, 100), (0, 100), (20, 100)))

    assert [(point.value, point.centre, point.low, point.high) for point in points] == [
        (10.0, 10.0, 1.0, 19.0),
        (0.0, 10.0, 1.0, 19.0),
        (20.0, 10.0, 1.0, 19.0),
    ]
    assert [point.is_signal for point in points] == [False, True, True]


def test_a_week_without_visits_has_no_share() -> None:
    assert len(p_chart(weeks((1, 10), (0, 0)))) == 1
    assert p_chart(weeks((0, 0))) == ()


def test_limits_stay_between_nothing_and_everything() -> None:
    point = p_chart(weeks((1, 4)))[0]

    assert (point.low, point.high) == (0.0, 90.0)


def test_single_counts_are_weighed_by_how_neighbours_differ() -> None:
    """Mean 6; moving ranges 1, 1, 1, 13: mean 4, times 2.66 is 10.6."""
    points = xmr_chart(weeks((3, 0), (4, 0), (3, 0), (4, 0), (17, 0)))

    assert [(point.centre, point.low, point.high) for point in points] == [(6.2, 0.0, 16.8)] * 5
    assert [point.is_signal for point in points] == [False, False, False, False, True]


def test_one_week_has_no_neighbour() -> None:
    assert xmr_chart(weeks((3, 0))) == ()

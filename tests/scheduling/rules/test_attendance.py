from __future__ import annotations

import pytest

from clinic.scheduling.rules.attendance import no_show_rate


@pytest.mark.parametrize(
    ("completed", "no_show", "late_cancel", "percent"),
    [(28, 6, 2, "22.2"), (0, 1, 0, "100.0"), (15, 1, 0, "6.3"), (7, 0, 0, "0.0")],
)
def test_late_cancellations_count_as_not_kept(
    completed: int, no_show: int, late_cancel: int, percent: str
) -> None:
    assert str(no_show_rate(completed, no_show=no_show, late_cancel=late_cancel)) == percent


def test_without_a_visit_that_came_to_its_day_there_is_no_rate() -> None:
    assert no_show_rate(0, no_show=0, late_cancel=0) is None

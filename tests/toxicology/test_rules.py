from __future__ import annotations

import pytest

from clinic.toxicology.rules import uds_rates


@pytest.mark.parametrize(
    ("due", "collected", "negative", "expected_positive_only", "observed", "strict"),
    [
        (50, 44, 33, 0, "75.0", "66.0"),
        (40, 36, 24, 6, "83.3", "75.0"),
        (20, 20, 15, 0, "75.0", "75.0"),
        (16, 16, 1, 0, "6.3", "6.3"),
    ],
)
def test_a_missing_test_reads_as_positive_in_the_strict_rate(
    due: int,
    collected: int,
    negative: int,
    expected_positive_only: int,
    *,
    observed: str,
    strict: str,
) -> None:
    rates = uds_rates(
        due,
        collected=collected,
        negative=negative,
        expected_positive_only=expected_positive_only,
    )
    assert str(rates.observed_negative_percent) == observed
    assert str(rates.strict_negative_percent) == strict


def test_nothing_collected_has_no_observed_rate_but_a_strict_one() -> None:
    rates = uds_rates(4, collected=0, negative=0)
    assert rates.observed_negative_percent is None
    assert str(rates.strict_negative_percent) == "0.0"

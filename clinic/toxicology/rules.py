"""How the program's urine tests came out."""

from __future__ import annotations

from clinic.core.rates import percent
from clinic.toxicology.facts import NegativeRates

UDS_RATE_SOURCE = (
    "site policy: observed = negative / collected, strict = negative / due; a test positive only"
    " for the patient's own methadone or prescribed drugs counts as negative"
)


def uds_rates(
    due: int, *, collected: int, negative: int, expected_positive_only: int = 0
) -> NegativeRates:
    """Share of urine tests without an unexpected drug, among those collected and those due.

    Invariant: ``negative + expected_positive_only <= collected <= due``.
    """
    clear = negative + expected_positive_only
    return NegativeRates(
        observed_negative_percent=percent(clear, of=collected),
        strict_negative_percent=percent(clear, of=due),
    )

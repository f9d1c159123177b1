"""How many booked visits were not kept."""

from __future__ import annotations

from decimal import Decimal

from clinic.core.rates import percent

NO_SHOW_SOURCE = (
    "site policy: (no-show + cancelled under 24 hours) / (completed + no-show + cancelled under"
    " 24 hours); timely cancellations and those of the clinic are left out"
)


def no_show_rate(completed: int, *, no_show: int, late_cancel: int) -> Decimal | None:
    """The share of visits that stood booked within a day of their time and were not kept.

    Shape: percent with one decimal; None when no visit came to its day.
    Units: ``late_cancel`` counts cancellations less than 24 hours ahead.
    """
    not_kept = no_show + late_cancel
    return percent(not_kept, of=completed + not_kept)

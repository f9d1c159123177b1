"""When a pack is due, and whether a dose from paper is recorded at once or looked into first."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from clinic.core.decision import Decision, Reason
from clinic.core.units import plain
from clinic.dosing.facts import DoseFacts
from clinic.dosing.facts.downtime import DowntimePolicy
from clinic.dosing.rules.doses import ALREADY_COVERED, ALREADY_GIVEN, may_dose

PAPER_SOURCE = "21 CFR 1304.24(b): what was lost is reconstructed and documented"
NEEDS_ORDER = "no_order"
OTHER_AMOUNT = "other_amount"
_NEVER = frozenset(
    {
        ALREADY_GIVEN,
        ALREADY_COVERED,
        NEEDS_ORDER,
        "portion",
        "no_bottle",
        "not_measurable",
        "bottle_short",
        "no_pack",
        "no_units",
    }
)
"""What no signature mends: a second dose, no order to stand under, no stock to come out of."""


def pack_is_due(
    *,
    now: datetime,
    newest_of_day: datetime | None,
    opens_at: datetime | None,
    closes_at: datetime | None,
    policy: DowntimePolicy,
) -> bool:
    """Whether a new pack must be written: the day has none, or it is stale while the line runs.

    Shape: ``newest_of_day`` is the newest pack of this clinic day; hours None on a closed day.
    """
    if newest_of_day is None:
        return True
    if opens_at is None or closes_at is None:
        return False
    is_running = opens_at - timedelta(minutes=policy.before_opening_minutes) <= now < closes_at
    return is_running and now - newest_of_day >= timedelta(minutes=policy.fresh_minutes)


def may_enter(facts: DoseFacts, *, dose_mg: Decimal) -> Decision:
    """May a dose that paper says was given be recorded without a second look?

    The facts are those of the paper's own minute.
    """
    decision = may_dose(facts)
    order = facts.order
    if order is not None and plain(order.portion_mg) != plain(dose_mg):
        decision += Decision.of(
            [
                Reason(
                    OTHER_AMOUNT,
                    f"The paper says {plain(dose_mg)} mg; order {order.number} says"
                    f" {plain(order.portion_mg)} mg.",
                    PAPER_SOURCE,
                )
            ]
        )
    return decision


def may_settle_as_given(decision: Decision) -> bool:
    """Whether somebody with a name may record the dose all the same: it was swallowed."""
    return not {reason.code for reason in decision.stops} & _NEVER

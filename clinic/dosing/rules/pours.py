"""Whether what a pump poured may be given as the ordered dose."""

from __future__ import annotations

from decimal import Decimal

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.units import ml, plain
from clinic.dosing.facts.pours import PourStatus, PumpPolicy


def may_give_poured(
    *, status: PourStatus, wanted_ul: int, actual_ul: int | None, policy: PumpPolicy
) -> Decision:
    """May the portion in the cup be given?

    Only a known volume, and only within the tolerance of the ordered one; the dose is then what
    was poured, not what was ordered.
    """
    if status is not PourStatus.POURED or actual_ul is None:
        return Decision.of(
            [
                Reason(
                    "pour_unknown",
                    "Nobody knows yet what the pump poured. Ask it, or measure what is in the cup.",
                    policy.source,
                )
            ]
        )
    off_percent = plain(Decimal(abs(actual_ul - wanted_ul) * 100) / wanted_ul)
    said = f"The pump poured {ml(actual_ul)} mL instead of {ml(wanted_ul)} mL"
    if off_percent > policy.tolerance_percent:
        return Decision.of(
            [
                Reason(
                    "pour_off",
                    f"{said}: more than {plain(policy.tolerance_percent)} percent off."
                    " Waste it before a witness, then pour again.",
                    policy.source,
                )
            ]
        )
    if actual_ul != wanted_ul:
        return Decision.of([Reason("pour_near", f"{said}.", policy.source, Effect.INFORM)])
    return Decision()

"""Who pays for an enrolment, what may be handed over, and where a budget leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clinic.core.decision import Decision, Reason
from clinic.core.money import dollars
from clinic.core.service_dates import ONE_DAY
from clinic.rewards.facts import FundingSource, RedemptionTerms


def source_for(
    protocol: str, *, sources: Sequence[FundingSource], on: date
) -> FundingSource | None:
    """The source for a new enrolment: the one that names its protocol, else a general one.

    None when no source is open: the site then pays from its own account.
    Source: site policy.
    """
    return next(iter(sources_for(protocol, sources=sources, on=on)), None)


def sources_for(
    protocol: str, *, sources: Sequence[FundingSource], on: date
) -> tuple[FundingSource, ...]:
    """Every open source that may pay a new enrolment: those that name its protocol, then general
    ones, each by when it began.

    Source: site policy.
    """
    fitting = [
        source for source in sources if source.is_open(on) and source.pays_for in {protocol, None}
    ]
    return tuple(sorted(fitting, key=lambda one: (one.pays_for is None, one.starts_on, one.name)))


def may_hand_over(
    *,
    amount_cents: int,
    balance_cents: int,
    remaining_cents: int | None = None,
    second_person: bool,
    terms: RedemptionTerms,
) -> Decision:
    """Whether an amount may leave a balance as a card, a prize or goods.

    ``remaining_cents`` is what the card is still worth; None for what was never in stock.
    Source: each reason names its own.
    """
    reasons = []
    if amount_cents <= 0:
        reasons.append(
            Reason("amount", "The amount must be more than zero.", "site policy: whole cents")
        )
    if remaining_cents is not None and amount_cents > remaining_cents:
        left = dollars(remaining_cents)
        message = f"The card is worth {left} now." if remaining_cents else "The card is used up."
        reasons.append(Reason("card", message, "site policy: a card is handed over once"))
    if amount_cents > balance_cents:
        reasons.append(
            Reason(
                "balance",
                f"The balance is {dollars(balance_cents)}; {dollars(amount_cents)} is more than"
                " that.",
                "site policy: no overdraft",
            )
        )
    if amount_cents >= terms.second_person_from_cents and not second_person:
        reasons.append(
            Reason(
                "second_person",
                f"From {dollars(terms.second_person_from_cents)} on two people hand over: the"
                " second signs here too.",
                terms.source,
            )
        )
    return Decision.of(reasons)


def forecast(spent_cents: int, *, first_on: date, on: date, until_on: date) -> int:
    """Where spending leads by the end of a year if it goes on as it did from ``first_on``.

    Shape: ``on`` is today, counted as spent; ``until_on`` the first day after the year.
    Units: cents, rounded down. Source: straight line; no season and no growth is assumed.
    """
    past = (on + ONE_DAY - first_on).days
    whole = (until_on - first_on).days
    return spent_cents if past >= whole or past <= 0 else spent_cents * whole // past

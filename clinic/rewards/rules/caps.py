"""How far funders' caps let an incentive be paid, and when the year's total needs a tax review."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.core.errors import Refused
from clinic.core.money import dollars
from clinic.rewards.facts import (
    Cap,
    CappedPayment,
    CappedPayments,
    CapPeriod,
    CapPolicy,
    CapStanding,
    Incentive,
    TaxFlag,
    TaxThresholds,
)

CAP_SOURCE = "SAMHSA grant terms ($750 a year); CalAIM ($599 a calendar year); site policy"

_CAP_POLICY = CapPolicy()
_TAX_THRESHOLDS = TaxThresholds()


def pay_within_caps(
    caps: Sequence[Cap], *, incentives: Sequence[Incentive], policy: CapPolicy = _CAP_POLICY
) -> CappedPayments:
    """Pay each incentive in full, or what the tightest cap leaves of it.

    Shape: incentives in date order; one payment each; the first listed cap is named on a tie.
    Invariant: no payment is negative, and none takes a cap past its limit.
    Source: the funders' terms.
    """
    used = [cap.paid_to_date_cents for cap in caps]
    payments: list[CappedPayment] = []
    year = incentives[0].earned_on.year if incentives else None
    for incentive in incentives:
        if incentive.earned_on.year != year:
            year = incentive.earned_on.year
            used = [
                0 if cap.period is CapPeriod.CALENDAR_YEAR else spent
                for cap, spent in zip(caps, used, strict=True)
            ]
        payment = _pay(incentive.amount_cents, caps=caps, used=used)
        payments.append(payment)
        used = [spent + payment.paid_cents for spent in used]
    standings = list(zip(caps, used, strict=True))
    return CappedPayments(
        payments=tuple(payments),
        cap_reached=any(spent >= cap.limit_cents for cap, spent in standings),
        cap_alert=any(
            100 * spent >= policy.alert_percent * cap.limit_cents for cap, spent in standings
        ),
    )


def _pay(amount_cents: int, *, caps: Sequence[Cap], used: Sequence[int]) -> CappedPayment:
    left = [(cap.limit_cents - spent, cap.name) for cap, spent in zip(caps, used, strict=True)]
    tightest = min(left, key=lambda cap: cap[0], default=None)
    if tightest is None or tightest[0] >= amount_cents:
        return CappedPayment(paid_cents=amount_cents, binding_cap=None)
    left_cents, name = tightest
    paid_cents = max(0, left_cents)
    return CappedPayment(
        paid_cents=paid_cents, binding_cap=name if paid_cents < amount_cents else None
    )


def with_caps(sentence: str, *, paid: CappedPayments, standings: Sequence[CapStanding]) -> str:
    """The sentence of an award, followed by the cap that binds or is near.

    Shape: ``paid`` is of this one award, ``standings`` as they were before it.
    Source: site policy: people hear of a cap before it stops their pay.
    """
    (payment,) = paid.payments
    if payment.binding_cap is not None:
        (cap,) = (one.cap for one in standings if one.cap.name == payment.binding_cap)
        limit = f"{payment.binding_cap} of {dollars(cap.limit_cents)}"
        if payment.paid_cents:
            return f"{sentence} Paid {dollars(payment.paid_cents)}: all that {limit} leaves."
        return f"{sentence} Nothing is paid: {limit} is used up."
    if not paid.cap_alert or not payment.paid_cents:
        return sentence
    tightest = min(standings, key=lambda one: one.left_cents)
    left = dollars(tightest.left_cents - payment.paid_cents)
    return f"{sentence} {left} left under {tightest.cap.name}."


def tightest_of(standings: Sequence[CapStanding]) -> CapStanding | None:
    """The cap to watch: one that is near before one that is not, then the one that leaves least."""
    return min(standings, key=lambda one: (not one.is_near, one.left_cents), default=None)


def budget_warning(standing: CapStanding | None, *, stops: bool) -> str:
    """What staff are told of a budget that is nearly or wholly spent; empty of any other.

    Source: site policy.
    """
    if standing is None or not standing.is_near:
        return ""
    cap = standing.cap
    used = f"{cap.name[:1].upper()}{cap.name[1:]} is"
    if standing.left_cents:
        left = f"{dollars(standing.left_cents)} of {dollars(cap.limit_cents)} left"
        return f"{used} nearly spent: {left}."
    after = "Nothing is paid until it is raised" if stops else "Awards are paid all the same"
    return f"{used} spent ({dollars(cap.limit_cents)}). {after}: tell whoever keeps the funds."


def tax_flag(
    total_cents: int, *, calendar_year: int, thresholds: TaxThresholds = _TAX_THRESHOLDS
) -> TaxFlag:
    """Whether the year's total of one patient asks for a 1099-MISC review.

    Raises: Refused for a year whose indexed threshold has not been set.
    Source: 26 U.S.C. 6041; Pub. L. 119-21 sec. 70433.
    """
    threshold_cents = thresholds.in_year(calendar_year)
    if threshold_cents is None:
        raise Refused(f"The tax threshold of {calendar_year} has not been set.")
    return TaxFlag(threshold_cents=threshold_cents, review_1099=total_cents >= threshold_cents)

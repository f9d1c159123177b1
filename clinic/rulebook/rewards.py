"""The door to contingency management: schedules, draws, caps and the tax flag."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from clinic.rewards.facts import (
    CALAIM_RECOVERY_INCENTIVES,
    HIGGINS,
    PRIZE_VA,
    VA_BOWL,
    Award,
    Cap,
    CapPeriod,
    CapPolicy,
    EscalatingProtocol,
    Incentive,
    PrizeProtocol,
    PrizeSlip,
    Protocol,
    TaxThresholds,
    VisitOutcome,
)
from clinic.rewards.rules import caps, draws, schedules
from clinic.rulebook.facts import Answer, RuleEntry, Setting
from clinic.rulebook.reading import Fields, incomplete, invalid

_PACKAGE = "clinic.rewards"
_CAP_POLICY = CapPolicy()
_TAX_THRESHOLDS = TaxThresholds()
_FIRST_TAX_YEAR, _LAST_TAX_YEAR = 2000, 2100
_HUNDRED_PERCENT = 100


class _ProtocolName(StrEnum):
    HIGGINS = HIGGINS.name
    PRIZE_VA = PRIZE_VA.name
    CALAIM_RECOVERY_INCENTIVES = CALAIM_RECOVERY_INCENTIVES.name


def _cm_schedule(fields: Fields) -> Answer:
    name = fields.choice("protocol", of=_ProtocolName)
    if name is _ProtocolName.PRIZE_VA:
        results = _results(fields, protocol=PRIZE_VA)
        cap = fields.settings().count("prize_draw_cap", default=PRIZE_VA.draw_cap, at_least=1)
        return _prize_answer(replace(PRIZE_VA, draw_cap=cap), results)
    if name is _ProtocolName.HIGGINS:
        return _higgins_answer(_results(fields, protocol=HIGGINS))
    return _calaim_answer(_results(fields, protocol=CALAIM_RECOVERY_INCENTIVES))


def _results(fields: Fields, *, protocol: Protocol) -> tuple[VisitOutcome, ...]:
    results = fields.letters("results", of=VisitOutcome)
    if len(results) > protocol.scheduled_visits:
        raise invalid("results")
    return results


def _prize_answer(protocol: PrizeProtocol, results: tuple[VisitOutcome, ...]) -> Answer:
    awards = schedules.awards_for(protocol, outcomes=results)
    total_draws = sum(award.draws for award in awards)
    following = schedules.next_if_negative(protocol, outcomes=results)
    return Answer(
        {
            "draws": [award.draws for award in awards],
            "total_draws": total_draws,
            "expected_value_cents": draws.expected_value_cents(total_draws, bowl=protocol.bowl),
            "next_draws_if_negative": None if following is None else following.draws,
        }
    )


def _higgins_answer(results: tuple[VisitOutcome, ...]) -> Answer:
    awards = schedules.awards_for(HIGGINS, outcomes=results)
    return Answer(
        {
            "payments_cents": [award.total_cents for award in awards],
            "voucher_total_cents": sum(award.amount_cents for award in awards),
            "bonus_total_cents": sum(award.bonus_cents for award in awards),
            "total_cents": _total_cents(awards),
            "next_payment_if_negative_cents": _next_payment_cents(HIGGINS, results),
        }
    )


def _calaim_answer(results: tuple[VisitOutcome, ...]) -> Answer:
    protocol = CALAIM_RECOVERY_INCENTIVES
    awards = schedules.awards_for(protocol, outcomes=results)
    return Answer(
        {
            "payments_cents": [award.total_cents for award in awards],
            "weeks_1_12_total_cents": _total_cents(awards[: protocol.escalating_visits]),
            "weeks_13_24_total_cents": _total_cents(awards[protocol.escalating_visits :]),
            "total_cents": _total_cents(awards),
            "next_payment_if_negative_cents": _next_payment_cents(protocol, results),
        }
    )


def _total_cents(awards: tuple[Award, ...]) -> int:
    return sum(award.total_cents for award in awards)


def _next_payment_cents(
    protocol: EscalatingProtocol, results: tuple[VisitOutcome, ...]
) -> int | None:
    following = schedules.next_if_negative(protocol, outcomes=results)
    return None if following is None else following.total_cents


def _prize_draw_value(fields: Fields) -> Answer:
    slips = fields.choices("slips", of=PrizeSlip)
    return Answer({"total_cents": draws.prize_draw_value_cents(slips)})


def _cm_cap(fields: Fields) -> Answer:
    limits = [_cap(each) for each in fields.objects("caps")]
    incentives: list[Incentive] = []
    for each in fields.objects("incentives"):
        previous = incentives[-1].earned_on if incentives else None
        incentives.append(
            Incentive(
                earned_on=each.day("date", not_before=previous),
                amount_cents=each.count("amount_cents"),
            )
        )
    alert_percent = fields.settings().count(
        "cap_alert_percent",
        default=_CAP_POLICY.alert_percent,
        at_least=1,
        at_most=_HUNDRED_PERCENT,
    )
    paid = caps.pay_within_caps(
        limits, incentives=incentives, policy=replace(_CAP_POLICY, alert_percent=alert_percent)
    )
    return Answer(
        {
            "paid_cents": [payment.paid_cents for payment in paid.payments],
            "binding_cap": [payment.binding_cap for payment in paid.payments],
            "total_paid_cents": paid.total_paid_cents,
            "cap_reached": paid.cap_reached,
            "cap_alert": paid.cap_alert,
        }
    )


def _cap(fields: Fields) -> Cap:
    return Cap(
        name=fields.text("cap"),
        limit_cents=fields.count("limit_cents"),
        period=fields.choice("period", of=CapPeriod),
        paid_to_date_cents=fields.count("paid_to_date_cents"),
    )


def _tax_flag(fields: Fields) -> Answer:
    year = fields.count("calendar_year", at_least=_FIRST_TAX_YEAR, at_most=_LAST_TAX_YEAR)
    total_cents = fields.count("total_cents")
    thresholds = replace(
        _TAX_THRESHOLDS, set_cents=fields.settings().optional_count("tax_threshold_cents")
    )
    if thresholds.in_year(year) is None:
        raise incomplete("tax_threshold_cents")
    flag = caps.tax_flag(total_cents, calendar_year=year, thresholds=thresholds)
    return Answer({"threshold_cents": flag.threshold_cents, "review_1099": flag.review_1099})


ENTRIES = (
    RuleEntry(
        name="cm_schedule",
        package=_PACKAGE,
        summary="What each visit of a contingency-management protocol earns, and the next one.",
        sources=(HIGGINS.source, CALAIM_RECOVERY_INCENTIVES.source, PRIZE_VA.source),
        ask=_cm_schedule,
        settings=(Setting("prize_draw_cap", PRIZE_VA.draw_cap, PRIZE_VA.source),),
    ),
    RuleEntry(
        name="prize_draw_value",
        package=_PACKAGE,
        summary="What slips drawn from the prize bowl are worth.",
        sources=(VA_BOWL.source,),
        ask=_prize_draw_value,
    ),
    RuleEntry(
        name="cm_cap",
        package=_PACKAGE,
        summary="How far funders' caps let each incentive be paid.",
        sources=(caps.CAP_SOURCE,),
        ask=_cm_cap,
        settings=(Setting("cap_alert_percent", _CAP_POLICY.alert_percent, _CAP_POLICY.source),),
    ),
    RuleEntry(
        name="tax_flag",
        package=_PACKAGE,
        summary="Whether a year's incentives ask for a 1099-MISC review.",
        sources=(_TAX_THRESHOLDS.source,),
        ask=_tax_flag,
        settings=(
            Setting("tax_threshold_cents", _TAX_THRESHOLDS.set_cents, _TAX_THRESHOLDS.source),
        ),
    ),
)

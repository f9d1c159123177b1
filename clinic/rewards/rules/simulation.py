"""Run a protocol on histories that were, before anybody is enrolled in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from uuid import UUID

from clinic.core.rates import rounded
from clinic.rewards.facts import (
    Award,
    Bar,
    Cap,
    CapPeriod,
    FunderTerms,
    History,
    Incentive,
    PastVisit,
    PrizeProtocol,
    Protocol,
    SimulatedPatient,
    Simulation,
    VisitOutcome,
)
from clinic.rewards.rules.caps import pay_within_caps
from clinic.rewards.rules.fair_draw import draw_slips
from clinic.rewards.rules.schedules import awards_for
from clinic.rewards.rules.standings import resets

_FUNDER = FunderTerms()
_BARS = 10
_NICE_STEPS = (1, 2, 5)
_DOLLAR_CENTS = 100
_UNDATED = date(2001, 1, 1)
"""Where only the order of visits is known, all of them count into one year of the caps."""


def simulate(
    protocol: Protocol,
    *,
    histories: Sequence[History],
    seed: int = 1,
    funder: FunderTerms = _FUNDER,
) -> Simulation:
    """What the protocol would have paid, had these histories been its visits.

    A history longer than the protocol ends with its last scheduled visit. Caps are the protocol's
    yearly one and the funder's, as if nothing had been paid before.
    Invariant: the same protocol, histories and seed give the same answer.
    """
    patients = tuple(_patient(protocol, one, seed=seed, funder=funder) for one in histories)
    paid = sorted(one.paid_cents for one in patients)
    lost = [visits for one in patients for visits in one.losses]
    back = sorted(visits for visits in lost if visits is not None)
    return Simulation(
        protocol=protocol,
        seed=seed,
        patients=patients,
        total_cents=sum(paid),
        mean_cents=int(rounded(Fraction(sum(paid), len(paid)), places=0)) if paid else 0,
        median_cents=_nearest_rank(paid, percent=50) or 0,
        p90_cents=_nearest_rank(paid, percent=90) or 0,
        most_cents=paid[-1] if paid else 0,
        cap_hits=sum(one.binding_cap is not None for one in patients),
        losses=len(lost),
        regained=len(back),
        median_visits_back=_nearest_rank(back, percent=50),
        draws=sum(one.draws for one in patients),
        bars=bars_of(paid, most_cents=paid[-1]) if paid else (),
    )


def losses(protocol: Protocol, *, awards: Sequence[Award]) -> tuple[int | None, ...]:
    """For each level lost to a slip, how many visits until it was paid again; None for never.

    A slip before the level is regained belongs to the same loss.
    """
    found: list[int | None] = []
    level = lost_at = lost_level = 0
    for award in awards[: protocol.escalating_visits]:
        paid = award.draws if isinstance(protocol, PrizeProtocol) else award.amount_cents
        if award.outcome is VisitOutcome.NEGATIVE:
            if lost_at and paid >= lost_level:
                found.append(award.visit_number - lost_at)
                lost_at = lost_level = 0
            level = paid
        elif resets(protocol.slips, award.outcome) and level:
            lost_at = lost_at or award.visit_number
            lost_level = max(lost_level, level)
            level = 0
    return (*found, None) if lost_at else tuple(found)


def _patient(
    protocol: Protocol, history: History, *, seed: int, funder: FunderTerms
) -> SimulatedPatient:
    visits = history.visits[: protocol.scheduled_visits]
    awards = awards_for(
        protocol,
        outcomes=[visit.outcome for visit in visits],
        bonus_visits=[
            number for number, visit in enumerate(visits, start=1) if visit.earns_bonus_draws
        ],
    )
    amounts = [
        award.total_cents + _drawn_cents(protocol, award, code=history.code, seed=seed)
        for award in awards
    ]
    paid = pay_within_caps(
        _caps(protocol, funder),
        incentives=[
            Incentive(earned_on=_day(visit), amount_cents=cents)
            for visit, cents in zip(visits, amounts, strict=True)
        ],
    )
    return SimulatedPatient(
        code=history.code,
        visits=len(visits),
        met=sum(visit.outcome is VisitOutcome.NEGATIVE for visit in visits),
        earned_cents=sum(amounts),
        paid_cents=paid.total_paid_cents,
        draws=sum(award.draws for award in awards),
        losses=losses(protocol, awards=awards),
        binding_cap=next((one.binding_cap for one in paid.payments if one.binding_cap), None),
    )


def _drawn_cents(protocol: Protocol, award: Award, *, code: str, seed: int) -> int:
    """What the visit's slips are worth, drawn as a patient's are, from a seed anybody may know."""
    if not isinstance(protocol, PrizeProtocol) or not award.draws:
        return 0
    slips = draw_slips(
        hashlib.sha256(str(seed).encode()).digest(),
        choice=code,
        visit_id=UUID(int=award.visit_number),
        draws=award.draws,
        bowl=protocol.bowl,
    )
    return sum(slip.value_cents for slip in slips)


def _day(visit: PastVisit) -> date:
    return visit.happened_on or _UNDATED


def _caps(protocol: Protocol, funder: FunderTerms) -> list[Cap]:
    caps = [
        Cap("the funder's yearly cap", funder.yearly_cap_cents, CapPeriod.CALENDAR_YEAR, 0),
    ]
    if protocol.yearly_cap_cents is not None:
        caps.insert(
            0,
            Cap(
                "the protocol's yearly cap",
                protocol.yearly_cap_cents,
                CapPeriod.CALENDAR_YEAR,
                0,
            ),
        )
    return caps


def _nearest_rank(ordered: Sequence[int], *, percent: int) -> int | None:
    if not ordered:
        return None
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(rank, 1) - 1]


def bars_of(paid: Sequence[int], *, most_cents: int) -> tuple[Bar, ...]:
    """How many patients were paid how much, in up to ten bars of one round width.

    ``most_cents`` is the most anybody was paid: two protocols side by side share one.
    """
    width = bar_width_cents(most_cents)
    return tuple(
        Bar(
            from_cents=from_cents,
            to_cents=from_cents + width,
            patients=sum(from_cents <= cents < from_cents + width for cents in paid),
        )
        for from_cents in range(0, most_cents + 1, width)
    )


def bar_width_cents(most_cents: int) -> int:
    """A width of 1, 2 or 5 dollars times a power of ten that needs ten bars or fewer."""
    power = _DOLLAR_CENTS
    while True:
        for step in _NICE_STEPS:
            if most_cents < _BARS * step * power:
                return step * power
        power *= 10

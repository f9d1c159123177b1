"""Runs of orders decided at once: steps up, tapers. Every step is asked like an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.units import plain
from clinic.dosing.facts import (
    OrderHistory,
    OrderInForce,
    OrderPlanTerms,
    OrderPolicy,
    OrderProposal,
    PlanKind,
    PlanStep,
)
from clinic.dosing.rules.orders import may_order
from clinic.stock.facts import Form

STEPS_MAX = 104
"""Two years of weekly steps: anything longer is not decided today."""
PLAN_SOURCE = "site policy: a plan is accepted as a whole, step by step under the order rules"
TAPER_WEEK = timedelta(days=7)

_POLICY = OrderPolicy()
_stop = partial(Reason, source=PLAN_SOURCE)


def plan_steps(terms: OrderPlanTerms) -> tuple[PlanStep, ...]:
    """The orders a plan is made of, in turn.

    Shape: none when the terms lead nowhere (see ``may_plan``). The last step of a titration is
    open; a taper to 0 ends after the last dose above 0, any other taper stays at ``last_mg``.
    Invariant: steps touch and never overlap; doses only rise or only fall.
    """
    doses = _doses(terms)
    if not 1 <= len(doses) <= STEPS_MAX:
        return ()
    days = [terms.starts_on + timedelta(days=terms.every_days * n) for n in range(len(doses) + 1)]
    stays = terms.last_mg > 0
    return tuple(
        PlanStep(
            number=number,
            dose_mg=dose_mg,
            starts_on=days[number - 1],
            ends_on=None if stays and number == len(doses) else days[number],
        )
        for number, dose_mg in enumerate(doses, start=1)
    )


def _doses(terms: OrderPlanTerms) -> list[Decimal]:
    if terms.step_mg <= 0 or terms.every_days < 1 or not _leads_there(terms):
        return []
    rises = terms.kind is PlanKind.TITRATION
    step_mg = terms.step_mg if rises else -terms.step_mg
    doses: list[Decimal] = []
    dose_mg = terms.first_mg
    while (dose_mg < terms.last_mg if rises else dose_mg > terms.last_mg) and (
        len(doses) <= STEPS_MAX
    ):
        doses.append(plain(dose_mg))
        dose_mg += step_mg
    return [*doses, plain(terms.last_mg)] if terms.last_mg > 0 else doses


def _leads_there(terms: OrderPlanTerms) -> bool:
    if terms.kind is PlanKind.TITRATION:
        return 0 < terms.first_mg <= terms.last_mg
    return terms.first_mg >= terms.last_mg >= 0 and terms.first_mg > 0


def may_plan(
    terms: OrderPlanTerms,
    *,
    history: OrderHistory,
    policy: OrderPolicy = _POLICY,
    qtc_ms: int | None = None,
) -> Decision:
    """May the whole plan be ordered? Each step is weighed with the steps before it given.

    Shape: one reason a code, that of the first step it speaks of, naming how many more it meets.
    ``qtc_ms`` is the last on file.
    """
    steps = plan_steps(terms)
    shape = list(_shape(terms, steps))
    if shape:
        return Decision.of(shape)
    found: dict[tuple[str, Effect], list[tuple[PlanStep, Reason]]] = {}
    for step in steps:
        proposal = replace(proposal_of(terms, step), qtc_ms=qtc_ms)
        seen = _as_of(step, steps, terms, history)
        for reason in may_order(proposal, history=seen, policy=policy).reasons:
            found.setdefault((reason.code, reason.effect), []).append((step, reason))
    return Decision.of(_merged(met) for met in found.values())


def proposal_of(terms: OrderPlanTerms, step: PlanStep) -> OrderProposal:
    """One step as the order it becomes."""
    return OrderProposal(
        medication=terms.medication,
        form=terms.form,
        dose_mg=step.dose_mg,
        starts_on=step.starts_on,
        ends_on=step.ends_on,
        portions=terms.portions,
        rationale=terms.rationale,
    )


def _shape(terms: OrderPlanTerms, steps: Sequence[PlanStep]) -> Iterator[Reason]:
    if terms.form is Form.INJECTION:
        yield _stop("plan_form", "An injection is ordered one by one, not as a plan.")
    if not steps:
        way = "up to" if terms.kind is PlanKind.TITRATION else "down to"
        yield _stop(
            "plan_leads_nowhere",
            f"Steps of {plain(terms.step_mg)} mg do not lead from {plain(terms.first_mg)} mg {way}"
            f" {plain(terms.last_mg)} mg in at most {STEPS_MAX} steps.",
        )


def _as_of(
    step: PlanStep, steps: Sequence[PlanStep], terms: OrderPlanTerms, history: OrderHistory
) -> OrderHistory:
    """What will be true when the step begins, if everything goes as planned."""
    before = [one for one in steps if one.number < step.number]
    if not before:
        return history
    week = [
        one.dose_mg for one in before if (one.ends_on or date.max) > step.starts_on - TAPER_WEEK
    ]
    if step.starts_on - terms.starts_on < TAPER_WEEK and history.highest_dose_mg_this_week:
        week.append(history.highest_dose_mg_this_week)
    rose_on = before[-1].starts_on if terms.kind is PlanKind.TITRATION else None
    first_rose = len(before) > 1 or (
        history.previous is not None and before[0].dose_mg > history.previous.dose_mg
    )
    return replace(
        history,
        previous=_in_force(before[-1], terms, history),
        is_first_day=False,
        last_increase_on=rose_on if first_rose else history.last_increase_on,
        highest_dose_mg_this_week=max(week),
        planned=(),
        missed_days=0,
        dosed_today=False,
    )


def _in_force(step: PlanStep, terms: OrderPlanTerms, history: OrderHistory) -> OrderInForce:
    return OrderInForce(
        id=UUID(int=step.number),
        number=step.number,
        medication=terms.medication,
        form=terms.form,
        dose_mg=step.dose_mg,
        portions=terms.portions,
        starts_on=step.starts_on,
        ends_on=step.ends_on,
        ordered_on=history.today,
        ordered_by="",
    )


def _merged(met: Sequence[tuple[PlanStep, Reason]]) -> Reason:
    step, reason = met[0]
    more = f" So do {len(met) - 1} later steps." if len(met) > 1 else ""
    where = f"{step.starts_on:%d %b}, {plain(step.dose_mg)} mg: "
    return replace(reason, message=f"{where}{reason.message}{more}")

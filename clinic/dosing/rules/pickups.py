"""Which bottles are due at a visit, and which dates stay uncovered and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.service_dates import ONE_DAY
from clinic.dosing.facts import (
    BottleKind,
    CeilingProfile,
    CriteriaOutcome,
    TakeHomeCeilings,
    TakeHomeCriterion,
    TakeHomeRequest,
    WeekendDay,
)
from clinic.dosing.facts.pickups import (
    CriterionFinding,
    DueBottle,
    LeftOut,
    PickupFacts,
    PickupPlan,
    PickupSchedule,
    TakeHomePolicy,
)
from clinic.dosing.rules.take_homes import (
    CLOSURE_SOURCE,
    CRITERIA_SOURCE,
    LADDER_2001_SOURCE,
    closure_doses,
    take_home,
    treatment_day,
)
from clinic.stock.facts import Form, Medication

ORDER_SOURCE = "42 CFR 8.12(h): doses under a practitioner's order"
HOLD_SOURCE = "site policy: a hold pauses take-homes as well as doses"
ONCE_SOURCE = "42 CFR 8.12(h): the ordered dose, once a day"
STORAGE_SOURCE = "42 CFR 8.12(i)(4)"
SCHEDULE_SOURCE = "site policy: bottles go home on scheduled visits"

ALREADY_COVERED = "already_covered"

LOOK_AHEAD = timedelta(days=62)
"""Longer than any supply: a next visit further away is a mistake in the schedule."""

_WEEK = 7
_WEEKEND = {WeekendDay.SATURDAY: 5, WeekendDay.SUNDAY: 6}
_WEEKLY_RUNGS = 3
"""The first rungs of the 2001 ladder count doses a week, the later ones a supply."""


def next_visit(day: date, *, schedule: PickupSchedule | None, closed: Collection[date]) -> date:
    """The next day the patient comes: a scheduled weekday, or the first open day after it."""
    coming = day + ONE_DAY
    while schedule is not None and not schedule.comes_on(coming):
        coming += ONE_DAY
    while coming in closed and coming - day < LOOK_AHEAD:
        coming += ONE_DAY
    return coming


def ceilings_of(policy: TakeHomePolicy) -> TakeHomeCeilings:
    """The ceilings of the profile a site goes by."""
    if CeilingProfile(policy.profile) is CeilingProfile.FEDERAL_2024:
        return TakeHomeCeilings()
    return TakeHomeCeilings(
        steps=(
            (1, 1),
            (91, 2),
            (181, 3),
            (271, 6),
            (366, 14),
            (731, policy.month_supply_doses),
        ),
        source=LADDER_2001_SOURCE,
    )


def profile_doses(
    medication: Medication, *, on_treatment_day: int, policy: TakeHomePolicy
) -> int | None:
    """The most the site's profile and its state allow; None when neither limits."""
    limits = [doses for from_day, doses in policy.state_steps if on_treatment_day >= from_day][-1:]
    if medication is Medication.METHADONE:
        limits.append(ceilings_of(policy).on(on_treatment_day))
    return min(limits, default=None)


def review_by(valid_from: date, *, on_treatment_day: int, policy: TakeHomePolicy) -> date:
    """When a decision is looked at again.

    Source: site policy: every 30 days in the first 90 of treatment, then every 90.
    """
    early = on_treatment_day <= policy.review_early_until_day
    return valid_from + timedelta(days=policy.review_days_early if early else policy.review_days)


def may_decide(
    findings: Sequence[CriterionFinding],
    *,
    outcome: CriteriaOutcome,
    ceiling_doses: int,
    limit: int | None,
    valid_from: date,
    review: date,
    today: date,
) -> Decision:
    """May this be recorded as a decision: all six considered, none failed, within the ceiling?

    Source: 42 CFR 8.12(i)(2)-(3).
    """
    return Decision.of(
        [
            *_considered(findings),
            *_granted(findings, outcome, ceiling_doses, limit),
            *_decision_days(valid_from, review, today),
        ]
    )


def _considered(findings: Sequence[CriterionFinding]) -> Iterator[Reason]:
    said = {one.criterion for one in findings if one.finding.strip()}
    for criterion in TakeHomeCriterion:
        if criterion not in said:
            yield Reason(
                "not_considered",
                f"Say what was found: {criterion.label}.",
                CRITERIA_SOURCE,
            )


def _granted(
    findings: Sequence[CriterionFinding],
    outcome: CriteriaOutcome,
    ceiling_doses: int,
    limit: int | None,
) -> Iterator[Reason]:
    if outcome is not CriteriaOutcome.GRANTED:
        return
    for one in findings:
        if not one.met:
            yield Reason(
                one.criterion.value,
                f"The take-home criterion was not met: {one.criterion.label}.",
                CRITERIA_SOURCE,
            )
    if ceiling_doses < 1:
        yield Reason("ceiling", "A granted decision allows at least one dose.", CRITERIA_SOURCE)
    if limit is not None and ceiling_doses > limit:
        yield Reason(
            "take_home_ceiling",
            f"On this treatment day at most {limit} doses may go home.",
            "42 CFR 8.12(i)(3) or the state profile",
        )


def _decision_days(valid_from: date, review: date, today: date) -> Iterator[Reason]:
    if valid_from < today:
        yield Reason("valid_from", "A decision is valid from today or later.", CRITERIA_SOURCE)
    if review < valid_from:
        yield Reason("review_by", "The review comes after the first valid day.", CRITERIA_SOURCE)


def bottles_due(facts: PickupFacts) -> PickupPlan:
    """Which bottles go home at this visit, for which dates, and which dates may not.

    Closure days come first and need no decision; regular dates need the six criteria and stay
    within the ceiling, in the order of the calendar.

    Invariant: no date that is dosed, away or has a bottle is ever due again.
    Source: 42 CFR 8.12(i)(1)-(3).
    """
    closed = {one.day for one in facts.closed}
    coming = next_visit(facts.day, schedule=facts.schedule, closed=closed)
    day = 1 if facts.first_dose_on is None else treatment_day(facts.first_dose_on, on=facts.day)
    dates = closure_doses(
        facts.day,
        next_visit_date=coming,
        holiday_closures=_closure_days(facts),
        designated_weekend_day=WeekendDay.NONE,
    )
    stops = list(_stops(facts))
    open_closure, taken = _not_yet_covered(facts, dates.closure_dates)
    open_regular, also_taken = _not_yet_covered(facts, dates.regular_dates)
    ceiling, may_regular = _regular(facts, open_regular, treatment_on=day)
    fitting, over = _fit(facts, open_regular, ceiling=ceiling, may=may_regular)
    due, unordered = [], []
    if not stops:
        due += _later_portions(facts)
        for take_on, kind in sorted(
            [(one, BottleKind.CLOSURE) for one in open_closure]
            + [(one, BottleKind.REGULAR) for one in fitting]
        ):
            bottles = _of_order(facts, take_on, kind)
            due += bottles
            unordered += [] if bottles else [LeftOut(take_on, _no_order(take_on))]
    else:
        over = [LeftOut(one, stops[0]) for one in (*open_closure, *open_regular)]
    left_out = tuple(sorted([*over, *unordered], key=lambda one: one.take_on))
    reasons = [*stops, *_said(may_regular, left_out, due), *taken, *also_taken, *_notices(facts)]
    return PickupPlan(
        day=facts.day,
        next_visit=coming,
        treatment_day=day,
        ceiling_doses=ceiling,
        due=tuple(due),
        left_out=left_out,
        decision=Decision.of(reasons),
    )


def _later_portions(facts: PickupFacts) -> list[DueBottle]:
    """The rest of the visit day's split dose, where the schedule sends it home.

    Invariant: a portion that was given or has a bottle is never due again.
    Source: 42 CFR 8.2, split dosing.
    """
    order, schedule = facts.order_today, facts.schedule
    if order is None or schedule is None or not schedule.later_portions_home:
        return []
    if not schedule.storage_taught or facts.day in facts.away:
        return []
    there = {one.portion for one in facts.bottles if one.take_on == facts.day}
    return [
        DueBottle(facts.day, BottleKind.LATER_PORTION, order, portion)
        for portion in range(2, order.portions + 1)
        if portion not in there | facts.portions_given
    ]


def _closure_days(facts: PickupFacts) -> list[date]:
    """Days shut that count: holidays, emergencies, and the one designated weekend day.

    Source: 42 CFR 8.12(i)(1): "one weekend day", state and federal holidays.
    """
    number = _WEEKEND.get(WeekendDay(facts.policy.closure_weekend_day))
    return [one.day for one in facts.closed if one.is_holiday or one.day.weekday() == number]


def _stops(facts: PickupFacts) -> Iterator[Reason]:
    """What lets nothing at all go home."""
    order = facts.order_today
    if order is None:
        yield Reason("no_order", f"No order covers {facts.day:%d %b %Y}.", ORDER_SOURCE)
    elif order.form is Form.INJECTION:
        yield Reason("injection", "An injection is given here, never taken home.", ORDER_SOURCE)
    if facts.hold is not None:
        yield Reason(
            "hold",
            f"On hold since {facts.hold.held_on:%d %b}: {facts.hold.reason.label.lower()}."
            " Nothing goes home until a newer order.",
            HOLD_SOURCE,
        )
    if facts.missed_now >= facts.missed_dose_policy.hold_after_missed:
        yield Reason(
            "missed_doses",
            f"{facts.missed_now} doses missed: the prescriber decides first.",
            facts.missed_dose_policy.source,
        )


def _not_yet_covered(
    facts: PickupFacts, dates: Iterable[date]
) -> tuple[tuple[date, ...], list[Reason]]:
    """Dates nothing covers yet; and a word about those something does."""
    open_dates, reasons = [], []
    there = {bottle.take_on for bottle in facts.bottles}
    for day in dates:
        if day in facts.dosed or day in facts.away or day in there:
            what = "dosed" if day in facts.dosed else "a bottle is there"
            what = "a guest elsewhere" if day in facts.away else what
            reasons.append(_inform(ALREADY_COVERED, f"{day:%d %b}: {what}.", ONCE_SOURCE))
        else:
            open_dates.append(day)
    return tuple(open_dates), reasons


def _regular(
    facts: PickupFacts, dates: Sequence[date], *, treatment_on: int
) -> tuple[int | None, list[Reason]]:
    """The ceiling of regular doses, and what stops every one of them."""
    order = facts.order_today
    if order is None:
        return None, []
    exception = next((one for one in facts.exceptions if one.holds_on(facts.day)), None)
    criteria = facts.criteria
    answer = take_home(
        TakeHomeRequest(
            medication=order.medication,
            first_dose_date=facts.day - timedelta(days=treatment_on - 1),
            dispense_date=facts.day,
            regular_doses=len(dates),
            criteria_failed=criteria.failed if criteria is not None else (),
            state_cap_doses=_state_cap(facts, treatment_on),
            order_quantity_doses=criteria.ceiling_doses if criteria is not None else None,
            exception_doses=None if exception is None else exception.doses,
        ),
        ceilings=ceilings_of(facts.policy),
    )
    reasons = []
    if dates:
        over = "take_home_ceiling"
        reasons = [one for one in answer.decision.stops if one.code != over]
        reasons += _criteria_in_force(facts)
    return answer.ceiling_doses, reasons


def _state_cap(facts: PickupFacts, treatment_on: int) -> int | None:
    steps = [doses for first, doses in facts.policy.state_steps if treatment_on >= first]
    return steps[-1] if steps else None


def _criteria_in_force(facts: PickupFacts) -> Iterator[Reason]:
    criteria = facts.criteria
    if criteria is None or criteria.outcome is not CriteriaOutcome.GRANTED:
        said = "has not decided" if criteria is None else f"has {criteria.outcome.value} them"
        yield Reason(
            "criteria_decision", f"Regular take-homes: the practitioner {said}.", CRITERIA_SOURCE
        )
    elif facts.missed_since_criteria >= facts.missed_dose_policy.hold_after_missed:
        yield Reason(
            "criteria_review",
            f"{facts.missed_since_criteria} doses in a row missed since the decision of"
            f" {criteria.decided_on:%d %b}: the criteria are reviewed first.",
            facts.missed_dose_policy.source,
        )
    schedule = facts.schedule
    if schedule is None or not schedule.storage_taught:
        yield Reason("storage", "Teach safe transport and storage first.", STORAGE_SOURCE)
    if facts.policy.lockbox_wanted and (schedule is None or not schedule.lockbox_seen):
        yield Reason("lockbox", "Look at the lockbox first.", facts.policy.lockbox_source)


def in_hand(facts: PickupFacts) -> int:
    """Regular days' supply the patient has, or nobody has seen come back where that counts."""
    held = {
        bottle.take_on
        for bottle in facts.bottles
        if bottle.kind is BottleKind.REGULAR
        and (
            bottle.take_on > facts.day
            or (facts.policy.unreturned_count_in_hand and bottle.is_unreturned)
        )
    }
    return len(held)


def _fit(
    facts: PickupFacts, dates: Sequence[date], *, ceiling: int | None, may: Sequence[Reason]
) -> tuple[list[date], list[LeftOut]]:
    """The dates that stay within the ceiling, first ones first."""
    if may:
        return [], [LeftOut(day, may[0]) for day in dates]
    room = None if ceiling is None else max(0, ceiling - in_hand(facts))
    fitting = list(dates if room is None else dates[:room])
    over = [] if room is None else [LeftOut(day, _over(facts, ceiling)) for day in dates[room:]]
    weekly = _weekly_limit(facts, ceiling)
    if weekly is None:
        return fitting, over
    held = [bottle.take_on for bottle in facts.bottles if bottle.kind is BottleKind.REGULAR]
    kept: list[date] = []
    for day in fitting:
        week = [one for one in (*held, *kept) if 0 <= (day - one).days < _WEEK]
        if len(set(week)) < weekly:
            kept.append(day)
        else:
            over.append(LeftOut(day, _over(facts, ceiling)))
    return kept, over


def _weekly_limit(facts: PickupFacts, ceiling: int | None) -> int | None:
    """The 2001 ladder's first rungs count doses a week, not a supply."""
    is_ladder = CeilingProfile(facts.policy.profile) is CeilingProfile.LADDER_2001
    has_exception = any(one.holds_on(facts.day) for one in facts.exceptions)
    if not is_ladder or has_exception or ceiling is None or ceiling > _WEEKLY_RUNGS:
        return None
    return ceiling


def _over(facts: PickupFacts, ceiling: int | None) -> Reason:
    held = in_hand(facts)
    return Reason(
        "take_home_ceiling",
        f"At most {ceiling} regular doses may be in hand, and {held} are already there.",
        f"{ceilings_of(facts.policy).source}, the decision on file, the state profile",
    )


def _of_order(facts: PickupFacts, take_on: date, kind: BottleKind) -> list[DueBottle]:
    order = next((one for one in facts.orders if one.covers(take_on)), None)
    if order is None or order.form is Form.INJECTION:
        return []
    return [DueBottle(take_on, kind, order, portion) for portion in range(1, order.portions + 1)]


def _no_order(take_on: date) -> Reason:
    return Reason("no_order", f"No order covers {take_on:%d %b %Y}.", ORDER_SOURCE)


def _said(
    may_regular: Sequence[Reason], left_out: Sequence[LeftOut], due: Sequence[DueBottle]
) -> Iterator[Reason]:
    """Regular dates left out stop nothing when something else may go home: a person looks."""
    effect = Effect.ASK if due else Effect.STOP
    for one in may_regular:
        yield Reason(one.code, one.message, one.source, effect)
    codes = {one.code for one in may_regular}
    for reason in dict.fromkeys(one.reason for one in left_out):
        if reason.code not in {*codes, "hold", "missed_doses", "injection"}:
            dates = [one.take_on for one in left_out if one.reason == reason]
            said = ", ".join(f"{day:%a %d %b}" for day in dates)
            message = f"{reason.message} Not covered: {said}."
            yield Reason(reason.code, message, reason.source, effect)


def _notices(facts: PickupFacts) -> Iterator[Reason]:
    criteria = facts.criteria
    if facts.schedule is None:
        yield _inform(
            "no_schedule", "No pick-up days are set: comes every open day.", SCHEDULE_SOURCE
        )
    elif not facts.schedule.comes_on(facts.day):
        yield _inform("off_schedule", "Not one of the patient's pick-up days.", SCHEDULE_SOURCE)
    if criteria is not None and criteria.review_by < facts.day:
        yield Reason(
            "review_due",
            f"The take-home review was due on {criteria.review_by:%d %b %Y}.",
            facts.policy.review_source,
            Effect.ASK,
        )
    for closed in facts.closed:
        if closed.is_holiday and facts.day < closed.day <= facts.day + timedelta(days=_WEEK):
            yield _inform(
                "closed", f"{closed.day:%a %d %b} closed: {closed.reason}.", CLOSURE_SOURCE
            )


def _inform(code: str, message: str, source: str) -> Reason:
    return Reason(code, message, source, Effect.INFORM)


def may_hand_out(
    facts: PickupFacts,
    *,
    take_on: Collection[date],
    regular: Collection[date] = (),
    later_portions: Collection[tuple[date, int]] = (),
) -> Decision:
    """May bottles prepared for these dates go over the counter now?

    What was decided when they were prepared is asked again: a hold or a revocation since then
    stops them. ``regular`` are those of the dates that need the six criteria;
    ``later_portions`` are date and portion of a split dose's bottles, their dates not in
    ``take_on``.

    Shape: ``facts.bottles`` are the other bottles, not the ones asked about.
    """
    return Decision.of(
        [
            *_stops_out(facts),
            *_dates_out(facts, take_on),
            *_portions_out(facts, later_portions),
            *_regular_out(facts, regular),
        ]
    )


def _stops_out(facts: PickupFacts) -> Iterator[Reason]:
    for reason in _stops(facts):
        if reason.code != "no_order":
            yield reason


def _dates_out(facts: PickupFacts, take_on: Collection[date]) -> Iterator[Reason]:
    there = {bottle.take_on for bottle in facts.bottles if bottle.is_out}
    for day in sorted(set(take_on)):
        if day < facts.day:
            yield Reason("past", f"The bottle for {day:%d %b} is of a past day.", ONCE_SOURCE)
        if day in facts.dosed or day in facts.away or day in there:
            yield Reason(ALREADY_COVERED, f"{day:%d %b} is covered already.", ONCE_SOURCE)
        if not any(order.covers(day) for order in facts.orders):
            yield _no_order(day)


def _portions_out(
    facts: PickupFacts, later_portions: Collection[tuple[date, int]]
) -> Iterator[Reason]:
    there = {one.portion for one in facts.bottles if one.take_on == facts.day and one.is_out}
    order = facts.order_today
    for take_on, portion in sorted(later_portions):
        what = f"Portion {portion} of {take_on:%d %b}"
        if take_on != facts.day:
            yield Reason("past", f"{what} goes home on its own day only.", ONCE_SOURCE)
        elif portion in there | facts.portions_given or facts.day in facts.away:
            yield Reason(ALREADY_COVERED, f"{what} is covered already.", ONCE_SOURCE)
        elif order is None or portion > order.portions:
            yield Reason("no_order", f"{what}: the order of today has none.", ORDER_SOURCE)


def _regular_out(facts: PickupFacts, regular: Collection[date]) -> Iterator[Reason]:
    if not regular:
        return
    dates = sorted(set(regular))
    day = 1 if facts.first_dose_on is None else treatment_day(facts.first_dose_on, on=facts.day)
    ceiling, reasons = _regular(facts, dates, treatment_on=day)
    yield from reasons
    if ceiling is not None and in_hand(facts) + len(dates) > ceiling:
        yield _over(facts, ceiling)


def may_have_emergency_bottles(facts: PickupFacts, *, days: Collection[date]) -> PickupPlan:
    """Which of these closed days a patient gets a bottle for; everybody in treatment may.

    Who is held, missed too many doses, or was found to store or divert unsafely is left out for
    the medical director to look at, patient by patient.

    Source: site policy: emergency closure by the medical director's order.
    """
    dates = sorted(day for day in set(days) if day >= facts.day)
    # An order that begins on a closed day counts: the visit itself needs none today.
    stops = [one for one in _stops(facts) if one.code != "no_order"] + list(_unsafe(facts))
    open_dates, taken = _not_yet_covered(facts, dates)
    due: list[DueBottle] = []
    left_out = [LeftOut(day, stops[0]) for day in open_dates] if stops else []
    for day in () if stops else open_dates:
        bottles = _of_order(facts, day, BottleKind.EMERGENCY)
        due += bottles
        left_out += [] if bottles else [LeftOut(day, _no_order(day))]
    unordered = dict.fromkeys(one.reason for one in left_out if one.reason not in stops)
    return PickupPlan(
        day=facts.day,
        next_visit=max(dates, default=facts.day) + ONE_DAY,
        treatment_day=1,
        ceiling_doses=None,
        due=tuple(due),
        left_out=tuple(left_out),
        decision=Decision.of([*stops, *unordered, *taken]),
    )


def _unsafe(facts: PickupFacts) -> Iterator[Reason]:
    failed = () if facts.criteria is None else facts.criteria.failed
    for criterion in (
        TakeHomeCriterion.SAFE_TRANSPORT_AND_STORAGE,
        TakeHomeCriterion.NO_RECENT_DIVERSION,
    ):
        if criterion in failed:
            yield Reason(
                criterion.value,
                f"The practitioner found: not {criterion.label}.",
                facts.policy.emergency_source,
            )

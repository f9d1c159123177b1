"""May this injection be given on this day, and where does a patient stand between two?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from clinic.core.decision import Decision, Effect, Reason
from clinic.dosing.facts import (
    ABDOMINAL,
    GLUTEAL,
    LONG_ACTING_INTERVALS,
    BodySite,
    InjectionState,
    LateInjectionPolicy,
    LongActingProduct,
    StartEvidence,
)
from clinic.dosing.rules.starts import long_acting_window, naltrexone_reasons

SITE_SOURCE = "labels: Vivitrol gluteal, Sublocade abdomen, sides alternate"
ORDER_SOURCE = "42 CFR 8.12(h): doses under a practitioner's order"
GATE_AGAIN = "naltrexone_gate_again"

_POLICY = LateInjectionPolicy()


def may_inject(
    product: LongActingProduct,
    *,
    last_given_on: date | None,
    on: date,
    ordered_on: date | None,
    evidence: StartEvidence | None = None,
    policy: LateInjectionPolicy = _POLICY,
) -> Decision:
    """May the next injection of a product be given on a day?

    Shape: too early stops. Within its interval a treatment goes on and nothing of its start is
    asked again. Later than a new start: naltrexone asks its gate again, buprenorphine needs an
    order written since then.
    Source: the intervals' and the policy's.
    """
    if ordered_on is None:
        return Decision.of([Reason("no_order", "No order covers this day.", ORDER_SOURCE)])
    if last_given_on is None:
        return Decision()
    return Decision.of(
        _timing(
            product,
            last_given_on=last_given_on,
            on=on,
            ordered_on=ordered_on,
            evidence=evidence or StartEvidence(),
            policy=policy,
        )
    )


def _timing(
    product: LongActingProduct,
    *,
    last_given_on: date,
    on: date,
    ordered_on: date,
    evidence: StartEvidence,
    policy: LateInjectionPolicy,
) -> Iterator[Reason]:
    window = long_acting_window(product, given_date=last_given_on)
    source = LONG_ACTING_INTERVALS[product].source
    days = (on - last_given_on).days
    if on < window.earliest_date:
        said = f"{days} days since the last injection; earliest {window.earliest_date:%d %b %Y}."
        yield Reason("too_early", said, source)
        return
    is_late = window.latest_date is not None and on > window.latest_date
    restart_days = policy.restart_days(product)
    if product is LongActingProduct.XR_NALTREXONE:
        if is_late:
            said = f"{days} days since the last injection: a new start, its gate is asked again."
            yield Reason(GATE_AGAIN, said, source, Effect.INFORM)
            yield from naltrexone_reasons(evidence, on=on)
    elif restart_days is not None and days > restart_days:
        yield _restart(days, last_given_on + timedelta(days=restart_days), ordered_on, policy)
    elif is_late:
        said = f"{days} days since the last injection; latest was {window.latest_date:%d %b %Y}."
        yield Reason("late", said, source, Effect.ASK)


def _restart(days: int, since: date, ordered_on: date, policy: LateInjectionPolicy) -> Reason:
    said = f"{days} days since the last injection is a new start"
    if ordered_on > since:
        message = f"{said}; the order was written knowing that."
        return Reason("restart_ordered", message, policy.source, Effect.INFORM)
    return Reason("restart", f"{said}: the prescriber writes a new order.", policy.source)


def state_on(
    product: LongActingProduct,
    *,
    last_given_on: date | None,
    on: date,
    policy: LateInjectionPolicy = _POLICY,
) -> InjectionState:
    """Where a patient stands on a day. Past the due date is overdue.

    A product without a due date is overdue when the next injection would be a new start.
    """
    if last_given_on is None:
        return InjectionState.FIRST
    window = long_acting_window(product, given_date=last_given_on)
    if on < window.earliest_date:
        return InjectionState.WAITING
    limit = window.due_date
    if limit is None:
        limit = last_given_on + timedelta(days=policy.restart_days(product) or 0)
    return InjectionState.OVERDUE if on > limit else InjectionState.DUE


def may_use_site(
    product: LongActingProduct, *, body_site: BodySite, last_site: BodySite | None
) -> Decision:
    """Is this a place for the product, and not the one used last?"""
    reasons = []
    if product is LongActingProduct.XR_NALTREXONE and body_site not in GLUTEAL:
        reasons.append(Reason("body_site", "Naltrexone goes into the gluteal muscle.", SITE_SOURCE))
    if product is LongActingProduct.SUBLOCADE and body_site not in ABDOMINAL:
        said = "Sublocade goes under the skin of the abdomen: make sure another place is meant."
        reasons.append(Reason("body_site", said, SITE_SOURCE, Effect.INFORM))
    if body_site is last_site:
        said = f"The last injection went into the same place: {body_site.label.lower()}."
        reasons.append(Reason("same_site", said, SITE_SOURCE, Effect.INFORM))
    return Decision.of(reasons)

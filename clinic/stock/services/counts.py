"""Count, count again blind, book what two counts agree on, and follow what they could not find."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.sites import queries as sites
from clinic.stock import queries, rules
from clinic.stock.facts import (
    VARIANCE,
    CountLine,
    CountMoment,
    CountState,
    Finding,
    Flows,
    IncidentKind,
    IncidentStepKind,
    Product,
    Spot,
    StockMovementKind,
    VariancePolicy,
    VarianceTier,
    product,
)
from clinic.stock.models import StockBottle, StockCount, StockIncident, StockIncidentStep
from clinic.stock.services.ledger import Cause, quantity_of, shift

_VARIANCE = VariancePolicy()
AGREED = "Two counts agree"


def record_count(
    work: Work, *, spot: Spot, code: str, amount: Decimal, moment: CountMoment
) -> CountState:
    """Record what one person counted of a product in one place; whether a second must count.

    Nobody counts on until the answer pleases: what waits for a second person waits, and what is
    settled at the day's opening or closing stays.
    Raises: Refused for an amount nothing can have, or while a second person is awaited; Clash when
    it is counted; NotFound; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    what = product(code)
    counted = quantity_of(what, amount)
    _take_turn(work, spot=spot, code=code)
    before = _standing_count(work, spot=spot, code=code, moment=moment)
    expected = queries.expected_at(work).get((code, spot), 0)
    tier = _tier(work, what, spot=spot, expected=expected, counted=counted)
    row = _write(work, what, spot, moment=moment, counted=counted, expected=expected, tier=tier)
    _note(work, "stock.count", row)
    is_small = counted == expected or tier is VarianceTier.LOG_ONLY
    has_differed = before.must_second or before.state is CountState.DISAGREES
    return CountState.SETTLED if is_small and not has_differed else CountState.NEEDS_SECOND


def _standing_count(work: Work, *, spot: Spot, code: str, moment: CountMoment) -> CountLine:
    """How this count stands, when another may begin.

    Raises: Refused while a second person is awaited; Clash when it is settled.
    """
    lines = queries.count_lines(work, day=work.service_date, moment=moment)
    nothing = CountLine(product(code), spot, expected=0)
    line = next((one for one in lines if one.key == nothing.key), nothing)
    if line.state is CountState.NEEDS_SECOND:
        raise Refused("This waits for a second person, who counts it without seeing the first.")
    if line.state is CountState.SETTLED and line.first and moment is not CountMoment.DURING:
        raise Clash(f"Counted already, by {line.first.by}.")
    return line


def second_count(work: Work, *, first_id: UUID, amount: Decimal) -> CountState:
    """Record a blind second count. When both found the same difference, the book follows it.

    A difference of the incident tier opens an incident with the law's dates.
    Raises: Refused for the first counter, or an amount nothing can have; Clash when it was
    counted a second time already; NotFound; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    first = work.session.scalar(
        sa.select(StockCount).where(
            StockCount.site_id == work.site.id,
            StockCount.id == first_id,
            StockCount.second_of_id.is_(None),
        )
    )
    if first is None:
        raise NotFound("count")
    if first.recorded_by == work.actor.id:
        raise Refused("The second count is another person's, who has not seen the first.")
    what, spot = product(first.product), Spot(first.place, first.number)
    counted = quantity_of(what, amount)
    _take_turn(work, spot=spot, code=what.code)
    expected = queries.expected_at(work).get((what.code, spot), 0)
    tier = _tier(work, what, spot=spot, expected=expected, counted=counted)
    row = _write(
        work,
        what,
        spot,
        moment=first.moment,
        counted=counted,
        expected=expected,
        tier=tier,
        second_of_id=first.id,
        first_by=first.recorded_by,
    )
    _note(work, "stock.second_count", row)
    variance = counted - expected
    if variance != first.counted - first.expected:
        return CountState.DISAGREES
    if variance:
        _adjust(work, what, spot, variance=variance, count=row)
        if tier is VarianceTier.INCIDENT:
            _open_incident(
                work, what, spot, quantity=variance, kind=IncidentKind.VARIANCE, count_id=row.id
            )
    return CountState.SETTLED


def report_loss(
    work: Work, *, spot: Spot, code: str, amount: Decimal, kind: IncidentKind, note: str
) -> UUID:
    """Report a loss or theft found outside a count; the book changes only by counting.

    Raises: Refused for nothing lost, or without a word about it; NotFound; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    what = product(code)
    lost = quantity_of(what, amount)
    if not lost or not note:
        raise Refused("Say how much is missing and what is known of it.")
    return _open_incident(work, what, spot, quantity=-lost, kind=kind, note=note)


def sign_off(work: Work, *, incident_id: UUID, finding: Finding, note: str) -> None:
    """The supervisor's finding about an incident. Nobody signs off what they found themselves.

    Raises: Refused without a note, or by whoever found it; Clash when signed; NotFound; Forbidden.
    """
    work.actor.require(Permission.SIGN_STOCK_INCIDENT)
    found = queries.incident(work, incident_id=incident_id)
    if found.is_signed:
        raise Clash("This incident has been signed off already.")
    if found.found_by_id == work.actor.id:
        raise Refused("Whoever found the difference cannot sign it off.")
    if not note:
        raise Refused("Say what was found.")
    _step(
        work,
        incident_id,
        IncidentStepKind.SIGNED_OFF,
        finding=finding,
        found_by=found.found_by_id,
        note=note,
    )


def record_report(work: Work, *, incident_id: UUID, kind: IncidentStepKind, reference: str) -> None:
    """Note that the DEA was told in writing, or that Form 106 went out, and its reference.

    Raises: Refused without a reference; Clash when noted before; NotFound; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    found = queries.incident(work, incident_id=incident_id)
    if kind is IncidentStepKind.SIGNED_OFF or not reference:
        raise Refused("Name the letter or form that went out.")
    if found.step(kind) is not None:
        raise Clash("This is noted already.")
    _step(work, incident_id, kind, reference=reference)


def _take_turn(work: Work, *, spot: Spot, code: str) -> None:
    """Hold what is counted still until the count is written."""
    work.session.execute(
        sa.select(StockBottle.id)
        .where(
            StockBottle.site_id == work.site.id,
            StockBottle.product == code,
            StockBottle.place == spot.place,
            StockBottle.window == spot.number,
        )
        .order_by(StockBottle.id)
        .with_for_update()
    ).all()


def _tier(work: Work, what: Product, *, spot: Spot, expected: int, counted: int) -> VarianceTier:
    day = work.service_date
    flows = queries.flows_on(work, day=day).get((what.code, spot), Flows())
    policy = sites.policy(work, _VARIANCE, of="stock_variance", on=day)
    return rules.reconcile_day(
        what, expected=expected, flows=flows, counted=counted, policy=policy
    ).tier


def _write(work: Work, what: Product, spot: Spot, **values: Any) -> StockCount:
    row = StockCount(
        id=work.new_id(),
        site_id=work.site.id,
        product=what.code,
        place=spot.place,
        number=spot.number,
        **values,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _adjust(work: Work, what: Product, spot: Spot, *, variance: int, count: StockCount) -> None:
    """The book follows the count: a shortage leaves the bottles, an overage joins the first."""
    bottles = work.session.execute(
        sa.select(StockBottle.id, StockBottle.balance)
        .where(
            StockBottle.site_id == work.site.id,
            StockBottle.product == what.code,
            StockBottle.place == spot.place,
            StockBottle.window == spot.number,
            StockBottle.closed_at.is_(None),
        )
        .order_by(StockBottle.balance, StockBottle.id)
    ).all()
    if not bottles:
        raise Refused(f"No bottle of {what.name} stands there. Bring in what was found first.")
    left = abs(variance)
    cause = Cause(StockMovementKind.ADJUSTED, count.id, AGREED, count.first_by)
    for bottle_id, balance in bottles:
        share = left if variance > 0 else min(left, balance)
        if share:
            ends = (VARIANCE, spot) if variance > 0 else (spot, VARIANCE)
            shift(
                work,
                bottle_id=bottle_id,
                quantity=share,
                origin=ends[0],
                goal=ends[1],
                cause=cause,
            )
            left -= share


def _open_incident(
    work: Work,
    what: Product,
    spot: Spot,
    *,
    quantity: int,
    kind: IncidentKind,
    count_id: UUID | None = None,
    note: str = "",
) -> UUID:
    dates = rules.dea_loss_deadlines(work.service_date)
    row = StockIncident(
        id=work.new_id(),
        site_id=work.site.id,
        kind=kind,
        product=what.code,
        place=spot.place,
        number=spot.number,
        quantity=quantity,
        notify_dea_by=dates.notify_dea_by,
        form_106_by=dates.form_106_by,
        count_id=count_id,
        note=note,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(row)
    work.session.flush()
    audit.record(
        work,
        action="stock.incident",
        subject=f"incident {row.id}",
        detail={"product": what.code, "place": spot.code, "quantity": quantity, "kind": kind},
    )
    return row.id


def _step(work: Work, incident_id: UUID, kind: IncidentStepKind, **values: Any) -> None:
    work.session.add(
        StockIncidentStep(
            id=work.new_id(),
            site_id=work.site.id,
            incident_id=incident_id,
            kind=kind,
            **values,
            **work.on_service_day(),
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(
        work,
        action="stock.incident_step",
        subject=f"incident {incident_id}",
        detail={"step": kind.value} | {name: str(value) for name, value in values.items()},
    )


def _note(work: Work, action: str, row: StockCount) -> None:
    audit.record(
        work,
        action=action,
        subject=f"count {row.id}",
        detail={
            "product": row.product,
            "place": Spot(row.place, row.number).code,
            "counted": row.counted,
            "expected": row.expected,
            "tier": row.tier.value,
        },
    )

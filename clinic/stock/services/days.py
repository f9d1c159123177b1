"""Close a day under the audit's seal, and take the inventory of every two years."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from clinic.audit import queries as audit_queries
from clinic.audit import services as audit
from clinic.audit.facts import GENESIS
from clinic.core.decision import Decision
from clinic.core.errors import NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.staff import queries as staff
from clinic.stock import queries, rules
from clinic.stock.facts import CountLine, CountMoment, CountState
from clinic.stock.models import StockDayClose, StockInventory
from clinic.stock.services.draws import WITNESSES, require_witness

SEALS_MAX = 100
"""Batches one closing seals at most; more than a year of leaves."""


def close_day(work: Work, *, day: date, witness_id: UUID, others: Decision) -> UUID:
    """Close a day: nothing in it is open, two people say so, and the audit is sealed up to here.

    ``others`` is what rooms above the stock keep open: an unsigned log, a dose in doubt.
    Raises: Refused with everything that is open; Clash when somebody closed it first; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    require_witness(work, witness_id)
    decision = rules.may_close(queries.stock_day(work, day=day, others=others))
    decision.require()
    for _ in range(SEALS_MAX):
        if not audit.seal(work):
            break
    sequence, chain = audit_queries.last_seal(work) or (0, GENESIS)
    row = StockDayClose(
        id=work.new_id(),
        site_id=work.site.id,
        closed_day=day,
        witnessed_by=witness_id,
        witness_name=_name(work, witness_id),
        seal_sequence=sequence,
        seal_chain=chain,
        decision=decision.to_json(),
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(row)
    work.session.flush()
    audit.record(
        work,
        action="stock.close_day",
        subject=f"day {day}",
        detail={"witness": str(witness_id), "seal": sequence, "chain": chain},
    )
    return row.id


def take_inventory(work: Work, *, moment: CountMoment, witness_id: UUID) -> UUID:
    """Record today's counts as the full physical inventory, at opening or close of business.

    Source: 21 CFR 1304.11.
    Raises: Refused while something is not counted by two people who agree; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    require_witness(work, witness_id)
    lines = queries.count_lines(work, day=work.service_date, moment=moment)
    missing = [f"Count {_said(line)} by two people first." for line in lines if not _is_sure(line)]
    if missing or not lines:
        raise Refused(missing or "There is nothing counted to take down.")
    row = StockInventory(
        id=work.new_id(),
        site_id=work.site.id,
        moment=moment,
        lines={"lines": [_line(line) for line in lines]},
        next_due_on=rules.inventory_due(work.service_date),
        witnessed_by=witness_id,
        witness_name=_name(work, witness_id),
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(row)
    work.session.flush()
    audit.record(
        work,
        action="stock.inventory",
        subject=f"inventory {row.id}",
        detail={"moment": moment.value, "lines": len(lines), "witness": str(witness_id)},
    )
    return row.id


def notice_open_days(work: Work, _day: date) -> int:
    """Leave a trace of every past day that is still open; how many there are."""
    days = queries.unclosed_days(work)
    expiring = sum(len(one.expiring) for one in queries.supplies(work))
    if days or expiring:
        audit.record(
            work,
            action="stock.notice",
            subject="open days and expiring lots",
            detail={"days": [day.isoformat() for day in days], "expiring": expiring},
        )
    return len(days)


def _is_sure(line: CountLine) -> bool:
    return line.state is CountState.SETTLED and line.second is not None


def _said(line: CountLine) -> str:
    return f"{line.product.name}, {line.spot.label.lower()},"


def _line(line: CountLine) -> dict[str, object]:
    counted = line.final.counted if line.final else 0
    return {"product": line.product.code, "place": line.spot.code, "quantity": counted}


def _name(work: Work, person_id: UUID) -> str:
    for role in WITNESSES:
        for one, name in staff.names_by_role(work, role=role):
            if one == person_id:
                return name
    raise NotFound("witness")

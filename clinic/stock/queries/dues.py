"""What the law wants done about the stock, and by when."""

from __future__ import annotations

from datetime import timedelta

from clinic.data.work import Work
from clinic.sites import queries as sites
from clinic.stock.facts import Due, Incident, StockPolicy
from clinic.stock.queries.incidents import incidents
from clinic.stock.queries.supplies import inventories

_POLICY = StockPolicy()


def dues(work: Work) -> list[Due]:
    """Incidents to sign and report, and the next inventory when it is near; soonest first."""
    found = [due for one in incidents(work) if one.is_open for due in _of_incident(one)]
    found += _of_inventory(work)
    return sorted(found, key=lambda due: due.by)


def _of_incident(one: Incident) -> list[Due]:
    what = f"{one.kind.label}, {one.product.name}, {one.product.said(one.quantity)}"
    where = f"found {one.discovered_on:%d %b %Y}, {one.spot.label.lower()}"
    found = [Due(kind.due_label, f"{what}: {where}", by, one.id) for kind, by in one.dues]
    if not one.is_signed:
        found.append(Due("Supervisor's finding", f"{what}: {where}", one.discovered_on, one.id))
    return found


def _of_inventory(work: Work) -> list[Due]:
    """Source: 21 CFR 1304.11: on opening, then within two years of the last."""
    taken = inventories(work)
    if not taken:
        return [Due("First inventory", "Never taken", work.service_date)]
    policy = sites.policy(work, _POLICY, of="stock", on=work.service_date)
    by = taken[0].next_due_on
    if by - work.service_date > timedelta(days=policy.inventory_notice_days):
        return []
    return [Due("Inventory", f"Last taken {taken[0].taken_on:%d %b %Y}", by)]

"""Bottles: opened at a window, closed when the next one is."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.permissions import Permission
from clinic.core.units import micrograms, microlitres, plain
from clinic.data.work import Work
from clinic.stock.facts import Medication, StockMovementKind
from clinic.stock.models import StockBottle, StockMovement


def open_bottle(
    work: Work,
    *,
    window: int,
    medication: Medication,
    lot: str,
    concentration_mg_per_ml: Decimal,
    volume_ml: Decimal,
) -> UUID:
    """Open a bottle at a window; the one open there is closed with what is left in it.

    Raises: Refused for amounts no bottle has; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    if concentration_mg_per_ml <= 0 or volume_ml <= 0 or window < 1:
        raise Refused("A bottle holds some volume of some strength, at a window from 1 on.")
    _close_open(work, window=window, medication=medication)
    bottle = StockBottle(
        id=work.new_id(),
        site_id=work.site.id,
        window=window,
        medication=medication,
        lot=lot,
        concentration_ug_per_ml=micrograms(concentration_mg_per_ml),
        balance_ul=microlitres(volume_ml),
        opened_at=work.now,
    )
    work.session.add(bottle)
    work.session.flush()
    _move(work, bottle, StockMovementKind.OPENED, volume_ul=bottle.balance_ul)
    audit.record(
        work,
        action="stock.open_bottle",
        subject=f"bottle {bottle.id}",
        detail={
            "window": window,
            "medication": medication.value,
            "lot": lot,
            "concentration_mg_per_ml": str(plain(concentration_mg_per_ml)),
            "volume_ml": str(plain(volume_ml)),
        },
    )
    return bottle.id


def _close_open(work: Work, *, window: int, medication: Medication) -> None:
    bottle = work.session.scalar(
        sa.select(StockBottle)
        .where(
            StockBottle.site_id == work.site.id,
            StockBottle.window == window,
            StockBottle.medication == medication,
            StockBottle.closed_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if bottle is None:
        return
    bottle.closed_at = work.now
    work.session.flush()
    _move(work, bottle, StockMovementKind.CLOSED, volume_ul=0)
    audit.record(
        work,
        action="stock.close_bottle",
        subject=f"bottle {bottle.id}",
        detail={"left_ul": bottle.balance_ul},
    )


def _move(work: Work, bottle: StockBottle, kind: StockMovementKind, *, volume_ul: int) -> None:
    """Append a movement; its sequence is the bottle's version, so that no two share a number."""
    work.session.add(
        StockMovement(
            id=work.new_id(),
            site_id=work.site.id,
            bottle_id=bottle.id,
            sequence=bottle.version,
            kind=kind,
            volume_ul=volume_ul,
            balance_after_ul=bottle.balance_ul,
            **work.on_service_day(),
            **work.attribution,
        )
    )
    work.session.flush()

"""The tables behind the window, for Core: one dose must cost little more than its own rows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from clinic.dosing.models import (
    Dose,
    DoseVoid,
    DosingHold,
    GuestDose,
    GuestStay,
    MedicationOrder,
    PumpPour,
    TakeHomeBottle,
    TakeHomeEvent,
    WindowCheck,
    WindowClaim,
)
from clinic.patients.models import Patient
from clinic.stock.models import StockBottle


def _table(model: type[Any]) -> sa.Table:
    table: sa.Table = model.__table__
    return table


BOTTLE = _table(StockBottle)
CHECK = _table(WindowCheck)
CLAIM = _table(WindowClaim)
DOSE = _table(Dose)
DOSE_VOID = _table(DoseVoid)
GUEST_DOSE = _table(GuestDose)
GUEST_STAY = _table(GuestStay)
HOLD = _table(DosingHold)
ORDER = _table(MedicationOrder)
PATIENT = _table(Patient)
POUR = _table(PumpPour)
TAKE_HOME = _table(TakeHomeBottle)
TAKE_HOME_EVENT = _table(TakeHomeEvent)

DAY: sa.BindParameter[Any] = sa.bindparam("day", type_=sa.Date)
SITE: sa.BindParameter[Any] = sa.bindparam("site_id", type_=sa.Uuid)
PATIENT_ID: sa.BindParameter[Any] = sa.bindparam("patient_id", type_=sa.Uuid)


def is_live(dose: sa.FromClause) -> sa.ColumnElement[bool]:
    """The dose row was not taken back."""
    void = DOSE_VOID.alias()
    return ~sa.exists().where(void.c.site_id == dose.c.site_id, void.c.dose_id == dose.c.id)


def covers(order: sa.FromClause, day: Any) -> sa.ColumnElement[bool]:
    """The order is in force on the day; one that ended before it began never is."""
    return sa.and_(
        order.c.starts_on <= day, sa.or_(order.c.ends_on.is_(None), order.c.ends_on > day)
    )

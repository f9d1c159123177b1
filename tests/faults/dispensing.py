"""Many patients ready to be dosed, and what the books say of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.db import Base
from clinic.data.types import new_id
from clinic.data.work import Work

PATIENT = Base.metadata.tables["patient"]
ORDER = Base.metadata.tables["medication_order"]
DOSE_UL = 4_000
"""40 mg of the 10 mg/mL liquid."""


def many_like(work: Work, patient_id: UUID, *, count: int) -> list[UUID]:
    """Patients who differ from this one only in their ids: each with the same running order."""
    patient, order = (
        dict(work.session.execute(sa.select(table).where(key == patient_id)).mappings().one())
        for table, key in (
            (PATIENT, PATIENT.c.id),
            (ORDER, ORDER.c.patient_id),
        )
    )
    made = [new_id() for _ in range(count)]
    work.session.execute(
        sa.insert(PATIENT),
        [patient | {"id": one, "code": f"T{number:05}"} for number, one in enumerate(made)],
    )
    work.session.execute(
        sa.insert(ORDER),
        [order | {"id": new_id(), "patient_id": one} for one in made],
    )
    return made


@dataclass(frozen=True, slots=True)
class Books:
    """Who was dosed how often, and what left the bottle."""

    doses: dict[UUID, int]
    movements: int
    opened_ul: int
    balance_ul: int
    is_sound: bool

    @property
    def agree(self) -> bool:
        """Each patient at most one dose, each dose one movement, and the bottle the rest."""
        return (
            self.is_sound
            and set(self.doses.values()) <= {1}
            and self.movements == len(self.doses)
            and self.balance_ul == self.opened_ul - DOSE_UL * len(self.doses)
        )


def read_books(execute: Callable[[str], Any], *, engine: str = "sqlite") -> Books:
    """``execute``: runs one statement of SQL and returns its rows."""
    sound = [row[0] for row in execute("PRAGMA integrity_check")] if engine == "sqlite" else ["ok"]
    doses = execute("SELECT patient_id, count(*) FROM dose GROUP BY patient_id")
    ((movements,),) = execute("SELECT count(*) FROM stock_movement WHERE kind = 'dose'")
    ((opened, balance),) = execute(
        "SELECT size, balance FROM stock_bottle WHERE closed_at IS NULL AND place = 'window'"
    )
    by_patient = {UUID(str(patient)): number for patient, number in doses}
    return Books(by_patient, movements, opened, balance, is_sound=sound == ["ok"])

"""Long-acting injections: strengths on the labels, when a late one starts anew, the due list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from clinic.core.decision import Decision
from clinic.dosing.facts.starts import LongActingProduct, LongActingWindow
from clinic.dosing.facts.window import PatientCard


def _mg(*doses: int) -> frozenset[Decimal]:
    return frozenset(Decimal(dose) for dose in doses)


LABEL_STRENGTHS_MG: Mapping[LongActingProduct, frozenset[Decimal]] = MappingProxyType(
    {
        LongActingProduct.SUBLOCADE: _mg(100, 300),
        LongActingProduct.BRIXADI_WEEKLY: _mg(8, 16, 24, 32),
        LongActingProduct.BRIXADI_MONTHLY: _mg(64, 96, 128),
        LongActingProduct.XR_NALTREXONE: _mg(380),
    }
)
"""Source: the products' labels."""


class BodySite(StrEnum):
    """Where an injection went in; sides alternate."""

    ABDOMEN_LEFT = "abdomen_left"
    ABDOMEN_RIGHT = "abdomen_right"
    GLUTEAL_LEFT = "gluteal_left"
    GLUTEAL_RIGHT = "gluteal_right"
    THIGH_LEFT = "thigh_left"
    THIGH_RIGHT = "thigh_right"
    UPPER_ARM_LEFT = "upper_arm_left"
    UPPER_ARM_RIGHT = "upper_arm_right"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


GLUTEAL = frozenset({BodySite.GLUTEAL_LEFT, BodySite.GLUTEAL_RIGHT})
ABDOMINAL = frozenset({BodySite.ABDOMEN_LEFT, BodySite.ABDOMEN_RIGHT})


@dataclass(frozen=True, slots=True)
class LateInjectionPolicy:
    """After how many days since the last injection the next one is a new start.

    Naltrexone has no number here: past its latest day the gate is asked again.
    """

    sublocade_restart_days: int = 42
    brixadi_weekly_restart_days: int = 14
    brixadi_monthly_restart_days: int = 56
    source: str = (
        "site policy: up to 2 weeks late without a new start; Brixadi after NSW Health 2018"
        " (weekly beyond 14 days, monthly beyond 8 weeks)"
    )

    def restart_days(self, product: LongActingProduct) -> int | None:
        return {
            LongActingProduct.SUBLOCADE: self.sublocade_restart_days,
            LongActingProduct.BRIXADI_WEEKLY: self.brixadi_weekly_restart_days,
            LongActingProduct.BRIXADI_MONTHLY: self.brixadi_monthly_restart_days,
        }.get(product)


class InjectionState(StrEnum):
    """Where an injection stands on a day, most urgent first."""

    OVERDUE = "overdue"
    DUE = "due"
    FIRST = "first"
    WAITING = "waiting"

    @property
    def label(self) -> str:
        return {
            InjectionState.OVERDUE: "Overdue",
            InjectionState.DUE: "May be given",
            InjectionState.FIRST: "First injection",
            InjectionState.WAITING: "Too early",
        }[self]


@dataclass(frozen=True, slots=True)
class InjectionDue:
    """One patient on a long-acting product. ``order_number`` None: nobody has ordered the next."""

    patient: PatientCard
    product: LongActingProduct
    dose_mg: Decimal
    last_given_on: date | None
    last_site: BodySite | None
    window: LongActingWindow | None
    state: InjectionState
    order_number: int | None
    decision: Decision


@dataclass(frozen=True, slots=True)
class InjectionRecord:
    """One injection given, as the chart shows it."""

    dose_id: UUID
    product: LongActingProduct
    given_on: date
    dose_mg: Decimal
    body_site: BodySite
    lot: str
    expires_on: date
    given_by: str
    window: LongActingWindow

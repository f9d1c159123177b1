"""The day's stock: counts, variance, deadlines after a loss."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from clinic.core.decision import Decision


class StockDirection(StrEnum):
    SHORTAGE = "SHORTAGE"
    OVERAGE = "OVERAGE"
    NONE = "NONE"


class VarianceTier(StrEnum):
    """What a difference at the evening count asks for."""

    LOG_ONLY = "LOG_ONLY"
    SECOND_COUNT = "SECOND_COUNT"
    INCIDENT = "INCIDENT"


class CountMoment(StrEnum):
    """When a count was made."""

    OPENING = "opening"
    CLOSING = "closing"
    DURING = "during"

    @property
    def label(self) -> str:
        return {"during": "During the day"}.get(self.value, self.value.capitalize())


class IncidentKind(StrEnum):
    VARIANCE = "variance"
    LOSS = "loss"
    THEFT = "theft"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class IncidentStepKind(StrEnum):
    """What must be done about an incident; the last two only for a loss or theft."""

    SIGNED_OFF = "signed_off"
    DEA_NOTIFIED = "dea_notified"
    FORM_106 = "form_106"

    @property
    def label(self) -> str:
        return {
            "signed_off": "Supervisor signed",
            "dea_notified": "DEA told in writing",
            "form_106": "Form 106 sent",
        }[self.value]

    @property
    def due_label(self) -> str:
        """As a list of what is to be done names it."""
        return {"dea_notified": "Tell the DEA in writing", "form_106": "Send Form 106"}.get(
            self.value, "Supervisor's finding"
        )


class Finding(StrEnum):
    """What the supervisor found behind a difference."""

    EXPLAINED = "explained"
    LOSS = "loss"
    THEFT = "theft"

    @property
    def label(self) -> str:
        return {
            "explained": "Explained: nothing is lost",
            "loss": "Significant loss",
            "theft": "Theft",
        }[self.value]


@dataclass(frozen=True, slots=True)
class LiquidDay:
    """One day of one liquid: the counts at both ends and what moved between, in mL."""

    concentration_mg_per_ml: Decimal
    start_ml: Decimal
    counted_ml: Decimal
    received_ml: Decimal = Decimal(0)
    returned_to_stock_ml: Decimal = Decimal(0)
    observed_ml: Decimal = Decimal(0)
    take_home_ml: Decimal = Decimal(0)
    witnessed_waste_ml: Decimal = Decimal(0)
    recorded_spill_ml: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class SolidDay:
    """One day of one tablet or diskette, in whole units."""

    start_units: int
    counted_units: int
    received_units: int = 0
    returned_to_stock_units: int = 0
    observed_units: int = 0
    take_home_units: int = 0
    witnessed_waste_units: int = 0


@dataclass(frozen=True, slots=True)
class VariancePolicy:
    """How much of the day's dispensed volume a count may be off; a solid may not be off at all."""

    log_only_percent: Decimal = Decimal("0.5")
    second_count_percent: Decimal = Decimal(2)
    source: str = "site policy: variance tiers (21 CFR names no tolerance)"


@dataclass(frozen=True, slots=True)
class LiquidReconciliation:
    """Variance is counted less expected: a shortage is negative. ``decision`` closes the day."""

    expected_ml: Decimal
    variance_ml: Decimal
    variance_mg: Decimal
    variance_percent_of_dispensed: Decimal | None
    direction: StockDirection
    tier: VarianceTier
    decision: Decision


@dataclass(frozen=True, slots=True)
class SolidReconciliation:
    expected_units: int
    variance_units: int
    direction: StockDirection
    tier: VarianceTier
    decision: Decision


@dataclass(frozen=True, slots=True)
class LossDeadlines:
    """After a theft or significant loss: the written notice, then the form."""

    notify_dea_by: date
    form_106_by: date

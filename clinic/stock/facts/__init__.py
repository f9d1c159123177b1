"""Words of controlled stock."""

from __future__ import annotations

from clinic.stock.facts.bottles import BottleRecord, OpenBottle
from clinic.stock.facts.counts import (
    LiquidDay,
    LiquidReconciliation,
    LossDeadlines,
    SolidDay,
    SolidReconciliation,
    StockDirection,
    VariancePolicy,
    VarianceTier,
)
from clinic.stock.facts.words import FORMS_OF, Form, Medication, StockMovementKind

__all__ = [
    "FORMS_OF",
    "BottleRecord",
    "Form",
    "LiquidDay",
    "LiquidReconciliation",
    "LossDeadlines",
    "Medication",
    "OpenBottle",
    "SolidDay",
    "SolidReconciliation",
    "StockDirection",
    "StockMovementKind",
    "VariancePolicy",
    "VarianceTier",
]

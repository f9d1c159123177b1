"""Words of the machines at a window: printers, print jobs, labels, pumps."""

from __future__ import annotations

from clinic.hardware.facts.labels import LabelSize, LabelText
from clinic.hardware.facts.printing import (
    PrinterFacts,
    PrinterKind,
    PrintJobFacts,
    PrintOutcome,
    PrintPolicy,
    PrintResult,
    PrintStatus,
    Sending,
)
from clinic.hardware.facts.pumps import (
    PumpError,
    PumpFacts,
    PumpRefused,
    PumpSilent,
    PumpState,
    PumpStatus,
)

__all__ = [
    "LabelSize",
    "LabelText",
    "PrintJobFacts",
    "PrintOutcome",
    "PrintPolicy",
    "PrintResult",
    "PrintStatus",
    "PrinterFacts",
    "PrinterKind",
    "PumpError",
    "PumpFacts",
    "PumpRefused",
    "PumpSilent",
    "PumpState",
    "PumpStatus",
    "Sending",
]

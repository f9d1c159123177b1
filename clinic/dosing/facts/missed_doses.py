"""Missed doses: the policy, the gate, the published tables."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from clinic.core.decision import Decision
from clinic.dosing.facts.words import HoldReason


class DoseGate(StrEnum):
    DOSE = "DOSE"
    HOLD = "HOLD"


@dataclass(frozen=True, slots=True)
class MissedDosePolicy:
    """After how many missed days a new prescriber order is needed.

    A gap of ``restart_gap_days`` without a dose begins a new run: the next dose is day 1 again.
    """

    hold_after_missed: int = 3
    hold_after_missed_induction: int = 2
    induction_days: int = 14
    restart_gap_days: int = 30
    source: str = "site policy: missed doses (no federal table)"


@dataclass(frozen=True, slots=True)
class MissedDoseAnswer:
    missed_days: int
    gate: DoseGate
    hold_reason: HoldReason | None
    nurse_assessment_required: bool
    decision: Decision


class AdviceTable(StrEnum):
    """Published tables of the dose after missed days. They differ; never merge them."""

    AU_2003 = "au_2003"
    NSW_2018 = "nsw_2018"
    NSW_2018_BUPRENORPHINE = "nsw_2018_buprenorphine"


class Advice(StrEnum):
    DOSE = "DOSE"
    REINDUCT = "REINDUCT"


@dataclass(frozen=True, slots=True)
class DoseAdvice:
    """What a table says, for the prescriber to read; no dose follows from it by itself."""

    advice: Advice
    dose_mg: Decimal | None
    source: str

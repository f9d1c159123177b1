"""The tables of rewards: enrolments and visits, prize draws, the ledger."""

from __future__ import annotations

from clinic.rewards.models.draws import PrizeCommitment, PrizeDraw, PrizeSeed
from clinic.rewards.models.ledger import LedgerAccount, LedgerTransfer
from clinic.rewards.models.visits import (
    RewardConfirmation,
    RewardEnrolment,
    RewardHold,
    RewardVisit,
)

__all__ = [
    "LedgerAccount",
    "LedgerTransfer",
    "PrizeCommitment",
    "PrizeDraw",
    "PrizeSeed",
    "RewardConfirmation",
    "RewardEnrolment",
    "RewardHold",
    "RewardVisit",
]

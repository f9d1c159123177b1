"""The tables of rewards: enrolments and visits, draws, the ledger, funds, stock, protocols."""

from __future__ import annotations

from clinic.rewards.models.draws import PrizeCommitment, PrizeDraw, PrizeSeed
from clinic.rewards.models.funds import (
    FundedEnrolment,
    FundingBudget,
    FundingSource,
    RewardHandover,
    RewardInstrument,
    RewardItem,
)
from clinic.rewards.models.ledger import (
    LedgerAccount,
    LedgerBook,
    LedgerClose,
    LedgerFinding,
    LedgerReversal,
    LedgerTransfer,
)
from clinic.rewards.models.pins import (
    RewardEnrolmentOverride,
    RewardPin,
    RewardPinSignature,
)
from clinic.rewards.models.protocols import (
    RewardProtocol,
    RewardProtocolStep,
    RewardTargetOverride,
    RewardTargetRevocation,
)
from clinic.rewards.models.visits import (
    RewardConfirmation,
    RewardEnrolment,
    RewardHold,
    RewardVisit,
)

__all__ = [
    "FundedEnrolment",
    "FundingBudget",
    "FundingSource",
    "LedgerAccount",
    "LedgerBook",
    "LedgerClose",
    "LedgerFinding",
    "LedgerReversal",
    "LedgerTransfer",
    "PrizeCommitment",
    "PrizeDraw",
    "PrizeSeed",
    "RewardConfirmation",
    "RewardEnrolment",
    "RewardEnrolmentOverride",
    "RewardHandover",
    "RewardHold",
    "RewardInstrument",
    "RewardItem",
    "RewardPin",
    "RewardPinSignature",
    "RewardProtocol",
    "RewardProtocolStep",
    "RewardTargetOverride",
    "RewardTargetRevocation",
    "RewardVisit",
]

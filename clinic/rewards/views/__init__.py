"""Pages of a patient's rewards and of the program's."""

from __future__ import annotations

from clinic.rewards.views import card, draws, fidelity, funds, laboratory, ledger, protocols, visit
from clinic.rewards.views.blueprint import rewards

__all__ = [
    "card",
    "draws",
    "fidelity",
    "funds",
    "laboratory",
    "ledger",
    "protocols",
    "rewards",
    "visit",
]

"""Pages of a patient's rewards and of the program's."""

from __future__ import annotations

from clinic.rewards.views import card, draws, ledger, visit
from clinic.rewards.views.blueprint import rewards

__all__ = ["card", "draws", "ledger", "rewards", "visit"]

"""Every rule of the house by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clinic.rulebook import assessments, census, dosing, programs, rewards, stock, therapies
from clinic.rulebook.facts import RuleEntry

RULES: Mapping[str, RuleEntry] = MappingProxyType(
    {
        entry.name: entry
        for door in (dosing, stock, programs, assessments, rewards, therapies, census)
        for entry in door.ENTRIES
    }
)

"""Every edition of every instrument the clinic has used, and which one is used now."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clinic.assessments.facts.instruments import Instrument
from clinic.assessments.facts.mood import GAD_7, PHQ_9
from clinic.assessments.facts.rulers import CRAVING, PAIN, READINESS
from clinic.assessments.facts.screens import AUDIT_C, DAST_10
from clinic.assessments.facts.withdrawal import CIWA_AR, COWS, SHORT_SOWS, SOWS

_OLDEST_FIRST = (
    COWS,
    SOWS,
    SHORT_SOWS,
    CIWA_AR,
    CRAVING,
    PHQ_9,
    GAD_7,
    READINESS,
    PAIN,
    AUDIT_C,
    DAST_10,
)

EDITIONS: Mapping[tuple[str, str], Instrument] = MappingProxyType(
    {(one.id, one.version): one for one in _OLDEST_FIRST}
)
"""By id and version: what a stored form is read by. An edition once used is never removed."""

CURRENT: Mapping[str, Instrument] = MappingProxyType({one.id: one for one in _OLDEST_FIRST})
"""By id, the edition new forms are filled on, in the order people choose from."""

"""Words of a site: why it is closed, and the policy it runs under."""

from __future__ import annotations

from enum import StrEnum


class ClosureKind(StrEnum):
    """Why a site is shut for a day. 42 CFR 8.12(i)(1) counts weekend days and holidays apart."""

    HOLIDAY = "holiday"
    PLANNED = "planned"
    EMERGENCY = "emergency"

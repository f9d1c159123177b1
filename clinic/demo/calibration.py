"""The shapes a demo clinic reproduces, each with the figures or the policy it comes from.

Figures called CTN are of the NIDA Clinical Trials Network, protocol 0027 as published in CTN-0094
(methadone arm, 520 people): what real patients took, gave and kept. No row of theirs is copied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Final

from clinic.programs.facts import DischargeReason
from clinic.toxicology.facts import Analyte

Curve = Sequence[tuple[float, float]]
"""Points of a line that bends, by rising first number."""

METHADONE_MEDIAN_MG: Final[Curve] = (
    (1, 30),
    (7, 50),
    (14, 60),
    (28, 70),
    (56, 80),
    (84, 85),
    (112, 90),
    (140, 90),
)
"""Median dose by treatment day. Source: CTN."""

METHADONE_SPREAD: Final[Curve] = (
    (0, 0.45),
    (0.11, 40 / 70),
    (0.45, 1),
    (0.55, 1),
    (0.9, 100 / 70),
    (1, 1.7),
)
"""How many times the median a patient ends at, by rank. Source: CTN, 40 to 100 mg on day 28."""

SPREAD_REACHED: Final[Curve] = ((1, 0.3), (28, 1))
"""How much of that spread shows on a treatment day: starts are alike. Demo's own."""

METHADONE_FIRST_DAY_MAX_MG: Final = 50
"""Source: 42 CFR 8.12(h)(3)(ii)."""
METHADONE_STEP_MAX_MG: Final = 10
METHADONE_STEP_DAYS: Final = 3
"""Source: site policy on increases, as ``dosing.facts.OrderPolicy``."""
METHADONE_STEADY_STEP_DAYS: Final = 14
"""Days between increases after the fourth week. Demo's own."""

BUPRENORPHINE_START_MG: Final[Mapping[int, int]] = MappingProxyType({1: 8, 2: 12, 3: 16})
"""Median of the first days. Source: CTN, days 1, 3 and 7."""
BUPRENORPHINE_LATER_MG: Final[Mapping[int, float]] = MappingProxyType({16: 0.3, 24: 0.6, 32: 0.1})
"""Dose reached in the fourth week, by share; the median is 24 mg. Source: CTN, day 28."""
BUPRENORPHINE_RISE_DAYS: Final = (12, 24)
"""The treatment days between which it is reached. Demo's own."""

NALTREXONE_MG: Final = 380
NALTREXONE_EVERY_DAYS: Final = 28
"""Source: Vivitrol label, 380 mg every 4 weeks."""

STILL_DOSING: Final[Curve] = (
    (0, 1.0),
    (28, 0.92),
    (56, 0.88),
    (84, 0.83),
    (112, 0.80),
    (140, 0.77),
    (365, 0.60),
    (730, 0.42),
)
"""Share still dosing by treatment day. Source: CTN to day 140, the demo's own guess beyond."""

DOSES_TAKEN: Final = 0.921
"""Share of the days between first and last dose with a dose. Source: CTN."""
ABSENCE_DAYS: Final[Mapping[int, float]] = MappingProxyType(
    {1: 0.72, 2: 0.17, 3: 0.06, 4: 0.03, 5: 0.015, 6: 0.005}
)
"""How long an absence lasts, by share. Demo's own."""

OPIOID_POSITIVE: Final[Curve] = ((1, 0.62), (28, 0.5), (84, 0.41), (168, 0.34), (365, 0.3))
"""Chance of an opioid-positive urine by treatment day. Source: CTN, 44 % of 10,517 over 24 weeks;
more early than late is the demo's own."""

TESTS_WEEKLY_DAYS: Final = 168
"""Weekly tests for 24 weeks. Source: CTN's schedule."""
TEST_EVERY_DAYS_LATER: Final = 35
"""Random tests afterwards: ten a year. Source: 42 CFR 8.12(f)(6) asks for eight."""
TEST_NOT_COLLECTED: Final[Mapping[str, float]] = MappingProxyType(
    {"missed": 0.05, "refused": 0.01, "excused": 0.01}
)
"""Demo's own."""

ANALYTE_POSITIVE: Final[Mapping[Analyte, float]] = MappingProxyType(
    {
        Analyte.COCAINE: 0.16,
        Analyte.METHAMPHETAMINE: 0.1,
        Analyte.BENZODIAZEPINES: 0.08,
        Analyte.BARBITURATES: 0.01,
        Analyte.CANNABINOIDS: 0.16,
    }
)
"""Chance of a positive besides opioids. Demo's own."""
OPIOID_ANALYTE: Final[Mapping[Analyte, float]] = MappingProxyType(
    {Analyte.FENTANYL: 0.85, Analyte.OPIATES: 0.4, Analyte.OXYCODONE: 0.12}
)
"""Which opioids an opioid-positive urine shows. Demo's own."""

VISITS_KEPT: Final = 0.915
"""Source: CTN."""
VISITS_NOT_KEPT: Final[Mapping[str, float]] = MappingProxyType(
    {"no_show": 0.62, "late_cancel": 0.2, "timely_cancel": 0.14, "clinic_cancel": 0.04}
)
"""What became of the other visits. Demo's own."""

DISCHARGE_REASONS: Final[Mapping[DischargeReason, float]] = MappingProxyType(
    {
        DischargeReason.LEFT_AGAINST_ADVICE: 0.5,
        DischargeReason.COMPLETED: 0.12,
        DischargeReason.TRANSFERRED: 0.15,
        DischargeReason.TERMINATED_BY_FACILITY: 0.06,
        DischargeReason.INCARCERATED: 0.06,
        DischargeReason.DIED: 0.02,
        DischargeReason.OTHER: 0.09,
    }
)
"""Categories of TEDS-D, variable REASON; the shares are the demo's own."""

DAYS_TO_DISCHARGE: Final[Mapping[DischargeReason, tuple[int, int]]] = MappingProxyType(
    {
        DischargeReason.LEFT_AGAINST_ADVICE: (6, 13),
        DischargeReason.COMPLETED: (1, 1),
        DischargeReason.TRANSFERRED: (1, 2),
        DischargeReason.TERMINATED_BY_FACILITY: (1, 1),
        DischargeReason.INCARCERATED: (2, 6),
        DischargeReason.DIED: (1, 1),
        DischargeReason.OTHER: (2, 7),
    }
)
"""From the last dose to the discharge on record. Demo's own."""

RETURNS: Final = 0.15
"""Share of those discharged who begin a second episode. Demo's own."""
RETURN_AFTER_DAYS: Final = (21, 60)

ORDER_DAYS: Final = 56
"""How long an order runs. Demo's own."""
ORDER_RENEWED_DAYS_BEFORE: Final = 3
"""Source: site policy; the window gives notice of the end from here on."""

DAY_DONE_SHARE: Final = 0.55
"""How much of today has happened once the clinic has been open for a while."""
DAY_DONE_AFTER_MINUTES: Final = 120


def chance(random: Random, share: float) -> bool:
    """True in this share of the cases."""
    return random.random() < share


def at(curve: Curve, where: float) -> float:
    """The height of a bent line; level before its first point and after its last."""
    before = curve[0]
    for after in curve:
        if where <= after[0]:
            if after[0] == before[0]:
                return after[1]
            share = (where - before[0]) / (after[0] - before[0])
            return before[1] + share * (after[1] - before[1])
        before = after
    return before[1]


def day_left(share: float) -> int:
    """The last treatment day of somebody who outlasts ``1 - share`` of the others.

    Shape: ``share`` in [0, 1); the inverse of ``STILL_DOSING``; ten years when it never ends.
    """
    falling = [(1 - height, day) for day, height in STILL_DOSING]
    if share >= falling[-1][0]:
        return 3650
    return max(1, int(at(falling, share)))

"""First doses of buprenorphine and naltrexone, and the windows between injections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from clinic.core.decision import Decision


class OpioidClass(StrEnum):
    """How long the last opioid stays: what the waiting times before a start go by."""

    SHORT_ACTING = "short_acting"
    EXTENDED_RELEASE = "extended_release"
    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"

    @property
    def label(self) -> str:
        return {
            OpioidClass.SHORT_ACTING: "a short-acting opioid",
            OpioidClass.EXTENDED_RELEASE: "an extended-release opioid",
            OpioidClass.METHADONE: "methadone",
            OpioidClass.BUPRENORPHINE: "buprenorphine",
        }[self]


class BuprenorphineGate(StrEnum):
    PASS = "PASS"  # noqa: S105 - a gate's word
    WAIT_HOURS = "WAIT_HOURS"
    WAIT_COWS = "WAIT_COWS"


@dataclass(frozen=True, slots=True)
class BuprenorphineStartPolicy:
    """The least withdrawal that makes a first dose safe; a site may ask for up to 13."""

    cows_threshold: int = 8
    source: str = "site policy: COWS before buprenorphine, 8 to 13 (NSW Health 2018 uses 8)"


@dataclass(frozen=True, slots=True)
class BuprenorphineStart:
    gate: BuprenorphineGate
    decision: Decision


class UdsOpioid(StrEnum):
    """The urine test for any opioid, fentanyl, buprenorphine and methadone included."""

    NEGATIVE = "negative"
    POSITIVE = "positive"


class NaloxoneChallenge(StrEnum):
    NOT_DONE = "not_done"
    NEGATIVE = "negative"
    POSITIVE = "positive"


class NaltrexoneGate(StrEnum):
    BLOCK = "BLOCK"
    NEED_CHALLENGE = "NEED_CHALLENGE"
    PASS = "PASS"  # noqa: S105 - a gate's word


@dataclass(frozen=True, slots=True)
class NaltrexoneFindings:
    """What the prescriber knows of a patient who is to start naltrexone."""

    opioid_class: OpioidClass
    days_since_last_opioid: int
    uds_opioid: UdsOpioid
    naloxone_challenge: NaloxoneChallenge = NaloxoneChallenge.NOT_DONE
    withdrawal_signs: bool = False
    on_opioid_analgesic: bool = False
    acute_hepatitis_or_liver_failure: bool = False
    active_agonist_order: bool = False


@dataclass(frozen=True, slots=True)
class NaltrexonePolicy:
    """Opioid-free days: below ``wait`` blocked, below ``clear`` only after a challenge."""

    short_acting_wait_days: int = 7
    short_acting_clear_days: int = 10
    other_wait_days: int = 10
    other_clear_days: int = 14
    source: str = "Vivitrol label: opioid-free 7-10 days, up to 2 weeks after longer opioids"

    def days_for(self, opioid_class: OpioidClass) -> tuple[int, int]:
        if opioid_class is OpioidClass.SHORT_ACTING:
            return self.short_acting_wait_days, self.short_acting_clear_days
        return self.other_wait_days, self.other_clear_days


@dataclass(frozen=True, slots=True)
class NaltrexoneAnswer:
    gate: NaltrexoneGate
    decision: Decision


class LongActingProduct(StrEnum):
    SUBLOCADE = "sublocade"
    BRIXADI_WEEKLY = "brixadi_weekly"
    BRIXADI_MONTHLY = "brixadi_monthly"
    XR_NALTREXONE = "xr_naltrexone"


@dataclass(frozen=True, slots=True)
class LongActingInterval:
    """Days from one injection to the next; None where the label sets no limit."""

    earliest_days: int
    due_days: int | None
    latest_days: int | None
    source: str


LONG_ACTING_INTERVALS: Mapping[LongActingProduct, LongActingInterval] = MappingProxyType(
    {
        LongActingProduct.SUBLOCADE: LongActingInterval(
            26, None, None, "Sublocade label: at least 26 days between doses"
        ),
        LongActingProduct.BRIXADI_WEEKLY: LongActingInterval(
            5, 7, 9, "Brixadi weekly: 7 days, give or take 2 (NSW Health 2018, Buvidal)"
        ),
        LongActingProduct.BRIXADI_MONTHLY: LongActingInterval(
            21, 28, 35, "Brixadi monthly: 28 days, give or take 7 (NSW Health 2018, Buvidal)"
        ),
        LongActingProduct.XR_NALTREXONE: LongActingInterval(
            21,
            28,
            35,
            "Vivitrol label: every 4 weeks; the limits of 21 and 35 days are site policy",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class LongActingWindow:
    """When the next injection may be given; outside it the gate is asked again."""

    earliest_date: date
    due_date: date | None
    latest_date: date | None

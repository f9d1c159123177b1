"""First doses of buprenorphine and naltrexone, and the windows between injections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from clinic.core.decision import Decision
from clinic.stock.facts import Medication


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

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


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


@dataclass(frozen=True, slots=True)
class Exposure:
    """An opioid that counts against a start. ``at`` None: only the day is known."""

    opioid_class: OpioidClass
    on: date
    source: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StartEvidence:
    """What is on record on the day a first dose is ordered, each finding with where it stands.

    ``cows_total`` and ``uds_opioid`` None: not taken in time to count. ``is_recorded``: somebody
    asked about the last opioid and wrote the answer down.
    """

    as_of: datetime | None = None
    exposures: tuple[Exposure, ...] = ()
    is_recorded: bool = False
    cows_total: int | None = None
    cows_source: str = ""
    uds_opioid: UdsOpioid | None = None
    uds_source: str = ""
    naloxone_challenge: NaloxoneChallenge = NaloxoneChallenge.NOT_DONE
    withdrawal_signs: bool = False
    on_opioid_analgesic: bool = False
    acute_hepatitis_or_liver_failure: bool = False


@dataclass(frozen=True, slots=True)
class StartEvidencePolicy:
    """How old a finding may be and still count for a start."""

    cows_valid_hours: int = 4
    uds_valid_days: int = 3
    findings_valid_days: int = 1
    source: str = "site policy: findings before a first dose are of the same visit"


class LongActingProduct(StrEnum):
    SUBLOCADE = "sublocade"
    BRIXADI_WEEKLY = "brixadi_weekly"
    BRIXADI_MONTHLY = "brixadi_monthly"
    XR_NALTREXONE = "xr_naltrexone"

    @property
    def label(self) -> str:
        return {
            LongActingProduct.SUBLOCADE: "Sublocade, monthly",
            LongActingProduct.BRIXADI_WEEKLY: "Brixadi, weekly",
            LongActingProduct.BRIXADI_MONTHLY: "Brixadi, monthly",
            LongActingProduct.XR_NALTREXONE: "Vivitrol (naltrexone), every 4 weeks",
        }[self]

    @property
    def medication(self) -> Medication:
        if self is LongActingProduct.XR_NALTREXONE:
            return Medication.NALTREXONE
        return Medication.BUPRENORPHINE


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

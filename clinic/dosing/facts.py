"""Words of the dosing window: medications, orders, the places in the queue, doses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from clinic.core.decision import Decision


class Medication(StrEnum):
    """Medications for opioid use disorder the program gives."""

    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"
    BUPRENORPHINE_NALOXONE = "buprenorphine_naloxone"
    NALTREXONE = "naltrexone"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {"buprenorphine_naloxone": "Buprenorphine/naloxone"}.get(
            self.value, self.value.capitalize()
        )


class Form(StrEnum):
    """How the medication is made up."""

    ORAL_CONCENTRATE = "oral_concentrate"
    TABLET = "tablet"
    SUBLINGUAL = "sublingual"
    INJECTION = "injection"


class OrderStatus(StrEnum):
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    STOPPED = "stopped"


class DoseOrigin(StrEnum):
    """Where a dose row comes from: the window, or a history brought from elsewhere."""

    WINDOW = "window"
    HISTORY = "history"


class Place(StrEnum):
    """Where a patient stands in the day's derived queue."""

    EXPECTED = "expected"
    IN_LINE = "in_line"
    HELD = "held"
    DOSED = "dosed"
    COVERED = "covered"


class HoldReason(StrEnum):
    MISSED_DOSES = "missed_doses"
    IMPAIRMENT = "impairment"
    PRESCRIBER = "prescriber"
    OTHER = "other"


class StockMovementKind(StrEnum):
    OPENED = "opened"
    DOSE = "dose"
    DOSE_RETURNED = "dose_returned"
    WASTE = "waste"
    CLOSED = "closed"


class TakeHomeCriterion(StrEnum):
    """The six things a practitioner weighs before regular take-homes.

    Source: 42 CFR 8.12(i)(2).
    """

    NO_CONDITION_RAISING_RISK = "no_condition_raising_risk"
    REGULAR_ATTENDANCE = "regular_attendance"
    NO_SERIOUS_BEHAVIOR_PROBLEM = "no_serious_behavior_problem"
    NO_RECENT_DIVERSION = "no_recent_diversion"
    SAFE_TRANSPORT_AND_STORAGE = "safe_transport_and_storage"
    OTHER_PRACTITIONER_CRITERION = "other_practitioner_criterion"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


class TakeHomeOutcome(StrEnum):
    ALLOW = "ALLOW"
    DENY = "DENY"


class TakeHomeReason(StrEnum):
    """The one word for the record; the decision holds every reason."""

    OK = "OK"
    CRITERIA = "CRITERIA"
    CEILING = "CEILING"


@dataclass(frozen=True, slots=True)
class TakeHomeCeilings:
    """The largest methadone supply in hand, by treatment day: ``(from day, doses)``, rising."""

    steps: tuple[tuple[int, int], ...] = ((1, 7), (15, 14), (31, 28))
    source: str = "42 CFR 8.12(i)(3)"

    def on(self, treatment_day: int) -> int:
        return max(doses for from_day, doses in self.steps if treatment_day >= from_day)


@dataclass(frozen=True, slots=True)
class TakeHomeRequest:
    """What is asked for at the window, and what bears on it.

    ``regular_doses_in_hand`` are earlier regular bottles not yet due or not returned.
    ``exception_doses`` is an approved SMA-168 exception on file for the date.
    """

    medication: Medication
    first_dose_date: date
    dispense_date: date
    regular_doses: int
    regular_doses_in_hand: int = 0
    closure_doses: int = 0
    criteria_failed: tuple[TakeHomeCriterion, ...] = ()
    state_cap_doses: int | None = None
    order_quantity_doses: int | None = None
    exception_doses: int | None = None


@dataclass(frozen=True, slots=True)
class TakeHomeAnswer:
    outcome: TakeHomeOutcome
    reason: TakeHomeReason
    treatment_day: int
    ceiling_doses: int | None
    decision: Decision


class WeekendDay(StrEnum):
    """The one weekend day that counts as a closure day."""

    SATURDAY = "saturday"
    SUNDAY = "sunday"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class BottleDates:
    """The dates between two visits: those the clinic's closure covers, and the regular rest."""

    closure_dates: tuple[date, ...]
    regular_dates: tuple[date, ...]

    @property
    def total_bottles(self) -> int:
        return len(self.closure_dates) + len(self.regular_dates)

    @property
    def criteria_review_required(self) -> bool:
        return bool(self.regular_dates)


class LadderLimit(StrEnum):
    """Supplies of the 2001 rule, still chosen by some states. Source: 66 FR 4098."""

    ONE_DOSE_PER_WEEK = "one_dose_per_week"
    TWO_DOSES_PER_WEEK = "two_doses_per_week"
    THREE_DOSES_PER_WEEK = "three_doses_per_week"
    SIX_DAY_SUPPLY = "six_day_supply"
    FOURTEEN_DAY_SUPPLY = "fourteen_day_supply"
    ONE_MONTH_SUPPLY = "one_month_supply"


@dataclass(frozen=True, slots=True)
class CallbackCount:
    """What a patient called back should bring."""

    issued: int
    sealed_expected: int
    empties_expected: int


class DoseGate(StrEnum):
    DOSE = "DOSE"
    HOLD = "HOLD"


@dataclass(frozen=True, slots=True)
class MissedDosePolicy:
    """After how many missed days a new prescriber order is needed."""

    hold_after_missed: int = 3
    hold_after_missed_induction: int = 2
    induction_days: int = 14
    source: str = "site policy: missed doses (no federal table)"


@dataclass(frozen=True, slots=True)
class MissedDoseAnswer:
    missed_days: int
    gate: DoseGate
    hold_reason: HoldReason | None
    nurse_assessment_required: bool
    decision: Decision


class AdviceTable(StrEnum):
    """Published tables of the dose after missed days. They differ; never merge them."""

    AU_2003 = "au_2003"
    NSW_2018 = "nsw_2018"
    NSW_2018_BUPRENORPHINE = "nsw_2018_buprenorphine"


class Advice(StrEnum):
    DOSE = "DOSE"
    REINDUCT = "REINDUCT"


@dataclass(frozen=True, slots=True)
class DoseAdvice:
    """What a table says, for the prescriber to read; no dose follows from it by itself."""

    advice: Advice
    dose_mg: Decimal | None
    source: str


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


class StockDirection(StrEnum):
    SHORTAGE = "SHORTAGE"
    OVERAGE = "OVERAGE"
    NONE = "NONE"


class VarianceTier(StrEnum):
    """What a difference at the evening count asks for."""

    LOG_ONLY = "LOG_ONLY"
    SECOND_COUNT = "SECOND_COUNT"
    INCIDENT = "INCIDENT"


@dataclass(frozen=True, slots=True)
class LiquidDay:
    """One day of one liquid: the counts at both ends and what moved between, in mL."""

    concentration_mg_per_ml: Decimal
    start_ml: Decimal
    counted_ml: Decimal
    received_ml: Decimal = Decimal(0)
    returned_to_stock_ml: Decimal = Decimal(0)
    observed_ml: Decimal = Decimal(0)
    take_home_ml: Decimal = Decimal(0)
    witnessed_waste_ml: Decimal = Decimal(0)
    recorded_spill_ml: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class SolidDay:
    """One day of one tablet or diskette, in whole units."""

    start_units: int
    counted_units: int
    received_units: int = 0
    returned_to_stock_units: int = 0
    observed_units: int = 0
    take_home_units: int = 0
    witnessed_waste_units: int = 0


@dataclass(frozen=True, slots=True)
class VariancePolicy:
    """How much of the day's dispensed volume a count may be off; a solid may not be off at all."""

    log_only_percent: Decimal = Decimal("0.5")
    second_count_percent: Decimal = Decimal(2)
    source: str = "site policy: variance tiers (21 CFR names no tolerance)"


@dataclass(frozen=True, slots=True)
class LiquidReconciliation:
    """Variance is counted less expected: a shortage is negative. ``decision`` closes the day."""

    expected_ml: Decimal
    variance_ml: Decimal
    variance_mg: Decimal
    variance_percent_of_dispensed: Decimal | None
    direction: StockDirection
    tier: VarianceTier
    decision: Decision


@dataclass(frozen=True, slots=True)
class SolidReconciliation:
    expected_units: int
    variance_units: int
    direction: StockDirection
    tier: VarianceTier
    decision: Decision


@dataclass(frozen=True, slots=True)
class LossDeadlines:
    """After a theft or significant loss: the written notice, then the form."""

    notify_dea_by: date
    form_106_by: date

"""Orders: what a prescriber proposes, what bears on it, and the numbers it is weighed by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from clinic.dosing.facts.starts import LongActingProduct, OpioidClass, StartEvidence
from clinic.dosing.facts.words import OrderStatus, PlanKind, QtcMethod
from clinic.stock.facts import Form, Medication

TYPED_AGAIN = frozenset({"dose_jump", "dose_tenfold"})
"""Questions a prescriber answers by typing the dose a second time, not by a tick."""

ANSWERED_ELSEWHERE = frozenset({"injection"})
"""Questions no tick answers: the page of the injection does."""

RATIONALE_LENGTH_MIN = 10
"""Shorter than this is not a reason anybody could review."""


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """Limits an order is weighed by; a site may replace each, with its source.

    Units: mg for a whole day, QTc in ms, a taper's percent of the highest dose of the last 7 days.
    """

    first_day_max_mg: Decimal = Decimal(50)
    first_day_source: str = "42 CFR 8.12(h)(3)(ii)"
    increase_max_mg: Decimal = Decimal(10)
    days_between_increases: int = 3
    increase_source: str = "site policy: methadone by 5-10 mg every 3-5 days"
    review_above_mg: Decimal = Decimal(120)
    qtc_caution_ms: int = 450
    qtc_review_ms: int = 500
    ecg_valid_days: int = 365
    heart_source: str = (
        "site policy: ECG of the last year above 120 mg; QTc caution at 450 ms, review at 500 ms"
    )
    jump_percent: int = 30
    tenfold: int = 10
    jump_source: str = "site policy: a dose far from the last one is typed twice"
    taper_percent_a_week: int = 10
    taper_source: str = "site policy: pace of a taper"
    injection_days_max: int = 30
    injection_source: str = "site policy: one order for each injection"


@dataclass(frozen=True, slots=True)
class OrderInForce:
    """An order and the days it covers, ``[starts_on, ends_on)``. ``dose_mg`` is the whole day's.

    ``ordered_on`` is the clinic day it was written.
    """

    id: UUID
    number: int
    medication: Medication
    form: Form
    dose_mg: Decimal
    portions: int
    starts_on: date
    ends_on: date | None
    ordered_on: date
    ordered_by: str
    status: OrderStatus = OrderStatus.ACTIVE
    rationale: str = ""

    @property
    def portion_mg(self) -> Decimal:
        return self.dose_mg / self.portions

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True, slots=True)
class OrderProposal:
    """What the prescriber wants. ``qtc_ms`` is the last one on file, None when there is none."""

    medication: Medication
    form: Form
    dose_mg: Decimal
    starts_on: date
    ends_on: date | None = None
    portions: int = 1
    rationale: str = ""
    qtc_ms: int | None = None
    product: LongActingProduct | None = None


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """What is known of the patient when an order is weighed.

    ``in_force`` are the orders the new one would end, ``previous`` the one its dose is compared
    with; ``last_increase_on`` and ``highest_dose_mg_this_week`` speak of the proposed medication;
    ``reported_active`` are medications another system lists as active and nobody has confirmed.
    """

    today: date
    is_admitted: bool
    in_force: tuple[OrderInForce, ...] = ()
    previous: OrderInForce | None = None
    is_first_day: bool = True
    last_increase_on: date | None = None
    highest_dose_mg_this_week: Decimal | None = None
    last_agonist: OpioidClass | None = None
    last_agonist_on: date | None = None
    reported_active: tuple[Medication, ...] = ()
    planned: tuple[OrderInForce, ...] = ()
    """Orders that have not begun and that the new one would take the place of."""
    elsewhere: tuple[str, ...] = ()
    """Orders of other sites of the organisation for the same days, in words."""
    guest_until: date | None = None
    """The day after the stay of a guest from another program, when the order begins within it."""
    dosed_today: bool = False
    start: StartEvidence | None = None
    missed_days: int = 0


@dataclass(frozen=True, slots=True)
class EcgReading:
    """A QTc on file."""

    measured_on: date
    qtc_ms: int
    method: QtcMethod
    read_by: str


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One order of a plan, for the days ``[starts_on, ends_on)``; the last one may be open."""

    number: int
    dose_mg: Decimal
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class OrderPlanTerms:
    """How a plan goes: from a dose by steps of the same size to another, every so many days.

    Shape: a titration rises to ``last_mg`` and stays; a taper falls to it and then, when it is 0,
    ends. Units: mg a day; ``step_mg`` above 0.
    """

    kind: PlanKind
    medication: Medication
    form: Form
    first_mg: Decimal
    last_mg: Decimal
    step_mg: Decimal
    every_days: int
    starts_on: date
    portions: int = 1
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class OrderPlanRecord:
    """A plan that was accepted, with the orders it is made of."""

    id: UUID
    kind: PlanKind
    accepted_on: date
    accepted_by: str
    reason: str
    steps: tuple[OrderInForce, ...]

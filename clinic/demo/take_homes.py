"""Take-homes of the demo: decided yesterday, poured on the bench and handed out this morning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final
from uuid import UUID

from clinic.demo.calibration import chance
from clinic.demo.charts import Chart
from clinic.demo.house import DemoSite
from clinic.demo.rows import Row, Rows
from clinic.dosing.facts import (
    BottleEventKind,
    BottleState,
    CallbackChoice,
    CeilingProfile,
    CriteriaOutcome,
    ExceptionKind,
    OrderInForce,
    OrderStatus,
    TakeHomeCriterion,
)
from clinic.dosing.facts.guests import GuestDirection, GuestReason
from clinic.dosing.facts.pickups import (
    ClosedDay,
    CriteriaDecision,
    CriterionFinding,
    PickupFacts,
    PickupPlan,
    PickupSchedule,
    TakeHomePolicy,
)
from clinic.dosing.models import (
    GuestStay,
    TakeHomeBottle,
    TakeHomeCallback,
    TakeHomeDecision,
    TakeHomeEvent,
    TakeHomeException,
    TakeHomeSchedule,
)
from clinic.dosing.rules.pickups import bottles_due, profile_doses, review_by
from clinic.dosing.services.take_home_bottles import code_of
from clinic.sites.facts import ClosureKind
from clinic.staff.facts import Role
from clinic.stock.facts import PATIENT, PREPARATION, SUPPLIER, Medication, StockMovementKind
from clinic.stock.models import StockBottle, StockMovement

BENCH_UL: Final = 1_000_000
UG_PER_ML: Final = 10_000
UL_PER_UG: Final = 10
LOOK_AHEAD_DAYS: Final = 40
DECIDED_MINUTE: Final = 14 * 60
SHARES: Final = ((15, 0.35), (31, 0.6), (91, 0.8), (181, 0.9))
"""From this treatment day on, so many of the steady patients have take-homes."""

VISITS: Final = ((366, 1), (181, 2), (31, 3), (1, 5))
"""From this treatment day on, so many pick-up days a week."""

REFUSED_SHARE: Final = 0.08
FINDINGS: Final = {
    TakeHomeCriterion.NO_CONDITION_RAISING_RISK: "Last tests as expected, no sedatives.",
    TakeHomeCriterion.REGULAR_ATTENDANCE: "Attends for doses and sessions.",
    TakeHomeCriterion.NO_SERIOUS_BEHAVIOR_PROBLEM: "None known.",
    TakeHomeCriterion.NO_RECENT_DIVERSION: "No sign, counts were right.",
    TakeHomeCriterion.SAFE_TRANSPORT_AND_STORAGE: "Own lockbox, lives with family.",
    TakeHomeCriterion.OTHER_PRACTITIONER_CRITERION: "Nothing else weighs against it.",
}


@dataclass(slots=True)
class TakeHomes:
    """Everything about take-homes at one site."""

    rows: Rows
    random: Random
    site: DemoSite
    first_day: date
    bench: Row | None = None
    closed: tuple[ClosedDay, ...] = ()
    holders: list[UUID] = field(default_factory=list)

    def run(self, charts: Sequence[Chart]) -> None:
        """Decide for the steady ones; prepare and hand out what is due this morning."""
        self.closed = tuple(self._closed())
        orders = self._orders()
        if not orders or not all(map(self.site.team, (Role.PRESCRIBER, Role.NURSE))):
            return
        held = {row["patient_id"] for row in self.rows.tables["dosing_hold"]}
        steady = [
            chart
            for chart in charts
            if chart.history.part is None
            and chart.id in orders
            and chart.id not in held
            and chart.current.run is not None
            and not chart.current.run.missed_now
        ]
        given = {
            row["patient_id"]: row
            for row in self.rows.tables["dose"]
            if row["service_date"] == self.site.today and row["site_id"] == self.site.clock.id
        }
        for chart in steady:
            self._patient(chart, orders[chart.id], given.get(chart.id))
        self._callback()
        self._guest([chart for chart in steady if chart.id not in self.holders], orders)

    def _closed(self) -> Iterator[ClosedDay]:
        for day, (kind, reason) in sorted(self.site.closures.items()):
            if self.site.today <= day < self.site.today + timedelta(days=LOOK_AHEAD_DAYS):
                yield ClosedDay(day, reason, is_holiday=kind is not ClosureKind.PLANNED)

    def _orders(self) -> dict[UUID, OrderInForce]:
        """The orders that run today and for some time yet, by patient."""
        today = self.site.today
        found = {}
        for row in self.rows.tables["medication_order"]:
            ends_on = row.get("ends_on")
            runs = row["starts_on"] <= today and (ends_on is None or ends_on > today)
            if row["site_id"] != self.site.clock.id or not runs:
                continue
            found[row["patient_id"]] = OrderInForce(
                id=row["id"],
                number=row["number"],
                medication=row["medication"],
                form=row["form"],
                dose_mg=Decimal(row["dose_ug"]) / 1000,
                portions=1,
                starts_on=row["starts_on"],
                ends_on=ends_on,
                ordered_on=row["starts_on"],
                ordered_by=row["recorded_by_name"],
                status=OrderStatus.ACTIVE,
            )
        return found

    def _patient(self, chart: Chart, order: OrderInForce, dose: Row | None) -> None:
        run = chart.current.run
        told_from = min(dose.on for dose in run.doses) if run and run.doses else self.site.today
        since = max(told_from, self.first_day)
        day = (self.site.today - since).days + 1
        share = next((share for first, share in reversed(SHARES) if day >= first), 0.0)
        if not chance(self.random, share):
            return
        decision = self._decide(chart, order, day)
        schedule = self._schedule(chart, day)
        facts = PickupFacts(
            day=self.site.today,
            orders=(order,),
            closed=self.closed,
            schedule=schedule,
            criteria=decision,
            first_dose_on=self.site.today - timedelta(days=day - 1),
        )
        is_here = schedule.comes_on(self.site.today) and self.site.done_share > 0
        if order.medication is Medication.METHADONE and is_here:
            self._bottles(chart, bottles_due(facts), dose)

    def _decide(self, chart: Chart, order: OrderInForce, day: int) -> CriteriaDecision:
        site, policy = self.site, TakeHomePolicy()
        yesterday = site.today - timedelta(days=1)
        at = site.no_later(site.instant(yesterday, DECIDED_MINUTE))
        limit = profile_doses(order.medication, on_treatment_day=day, policy=policy)
        is_refused = chance(self.random, REFUSED_SHARE)
        outcome = CriteriaOutcome.REFUSED if is_refused else CriteriaOutcome.GRANTED
        failed = TakeHomeCriterion.SAFE_TRANSPORT_AND_STORAGE if is_refused else None
        findings = tuple(
            CriterionFinding(one, one is not failed, text) for one, text in FINDINGS.items()
        )
        decision = CriteriaDecision(
            id=self.rows.id_at(at),
            number=1,
            outcome=outcome,
            findings=findings,
            rationale="No safe place to keep bottles yet."
            if is_refused
            else "Steady attendance, safe home, benefit outweighs the risk.",
            ceiling_doses=0 if is_refused else min(limit or 14, 14),
            profile=CeilingProfile.FEDERAL_2024,
            profile_doses=limit,
            treatment_day=max(1, day - 1),
            valid_from=yesterday,
            review_by=review_by(yesterday, on_treatment_day=day, policy=policy),
            decided_on=yesterday,
            decided_by="",
        )
        self.rows.add(
            TakeHomeDecision,
            id=decision.id,
            patient_id=chart.id,
            number=1,
            outcome=outcome,
            findings={one.criterion.value: one.finding for one in findings},
            rationale=decision.rationale,
            ceiling_doses=decision.ceiling_doses,
            profile=decision.profile,
            profile_doses=limit,
            treatment_day=decision.treatment_day,
            valid_from=yesterday,
            review_by=decision.review_by,
            **{one.criterion.value: one.met for one in findings},
            **self._act(at, Role.PRESCRIBER),
        )
        if chance(self.random, 0.04) and not is_refused:
            self._exception(chart, at)
        return decision

    def _exception(self, chart: Chart, at: datetime) -> None:
        self.rows.add(
            TakeHomeException,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            patient_id=chart.id,
            kind=ExceptionKind.TRAVEL,
            doses=21,
            starts_on=self.site.today,
            ends_on=self.site.today + timedelta(days=21),
            source="SMA-168, approved by the state (demo)",
            reason="Family visit in another state",
            **self._signs(at, Role.PRESCRIBER),
        )

    def _schedule(self, chart: Chart, day: int) -> PickupSchedule:
        visits = next(count for first, count in VISITS if day >= first)
        begin = self.random.randrange(7)
        weekdays = sum(1 << (begin + step * 7 // visits) % 7 for step in range(visits))
        yesterday = self.site.today - timedelta(days=1)
        at = self.site.no_later(self.site.instant(yesterday, DECIDED_MINUTE))
        self.rows.add(
            TakeHomeSchedule,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            patient_id=chart.id,
            number=1,
            weekdays=weekdays,
            valid_from=yesterday,
            storage_taught=True,
            lockbox_seen=True,
            **self._signs(at, Role.PRESCRIBER),
        )
        return PickupSchedule(1, weekdays, yesterday, True, True, "")

    def _bottles(self, chart: Chart, plan: PickupPlan, dose: Row | None) -> None:
        """Whoever was dosed has the bottles; of the others some wait on the shelf."""
        if not plan.due or (dose is None and chance(self.random, 0.6)):
            return
        opens, _ = self.site.hours(self.site.today) or (None, None)
        if opens is None:
            return
        poured_at = self.site.clock.instant(self.site.today, opens)
        nurse = self._act(poured_at, Role.NURSE)
        for number, one in enumerate(plan.due, start=1):
            bottle_id = self.rows.id_at(poured_at)
            about = {"bottle_id": bottle_id, "patient_id": chart.id}
            dose_ug = int(one.order.portion_mg * 1000)
            self._pour(dose_ug // UL_PER_UG, bottle_id, nurse)
            self.rows.add(
                TakeHomeBottle,
                id=bottle_id,
                site_id=self.site.clock.id,
                code=code_of(bottle_id),
                patient_id=chart.id,
                order_id=one.order.id,
                order_number=one.order.number,
                ordered_by_name=one.order.ordered_by,
                medication=one.order.medication,
                form=one.order.form,
                dose_ug=dose_ug,
                volume_ul=dose_ug // UL_PER_UG,
                concentration_ug_per_ml=UG_PER_ML,
                prepared_for=self.site.today,
                take_on=one.take_on,
                number=number,
                bottles=len(plan.due),
                kind=one.kind,
                state=BottleState.PREPARED if dose is None else BottleState.HANDED_OUT,
                handed_out_on=None if dose is None else self.site.today,
                decision=plan.decision.to_json(),
                **self._signs(poured_at, Role.NURSE),
            )
            self._event(about, BottleEventKind.PREPARED, nurse)
            if dose is not None:
                names = ("occurred_at", "recorded_at", "recorded_by", "recorded_by_name")
                given = nurse | {name: dose[name] for name in names}
                self._event(about, BottleEventKind.HANDED_OUT, given)
        if dose is not None:
            self.holders.append(chart.id)

    def _event(self, about: Row, kind: BottleEventKind, act: Row) -> None:
        self.rows.add(
            TakeHomeEvent, id=self.rows.id_at(act["occurred_at"]), kind=kind, **about, **act
        )

    def _pour(self, volume_ul: int, bottle_id: UUID, act: Row) -> None:
        """Out of the litre open on the bench; a new one when it does not hold enough."""
        if self.bench is None or self.bench["balance"] < volume_ul:
            self._open_bench(act)
        bench = self.bench
        if bench is None:
            return
        bench["balance"] -= volume_ul
        bench["version"] += 1
        self._move(bench, StockMovementKind.TAKE_HOME, volume_ul, bottle_id, act)

    def _open_bench(self, act: Row) -> None:
        at = act["occurred_at"]
        self.bench = {
            "id": self.rows.id_at(at),
            "site_id": self.site.clock.id,
            "product": "methadone_concentrate_10",
            "medication": Medication.METHADONE,
            "form": "oral_concentrate",
            "strength_ug": UG_PER_ML,
            "lot": "DEMO-BENCH",
            "expires_on": self.site.today + timedelta(days=400),
            "place": PREPARATION.place,
            "window": PREPARATION.number,
            "size": BENCH_UL,
            "balance": BENCH_UL,
            "placed_at": at,
            "opened_at": at,
            "version": 1,
        }
        self.rows.tables[StockBottle.__tablename__].append(self.bench)
        self._move(self.bench, StockMovementKind.INITIAL, BENCH_UL, None, act)

    def _move(
        self, bench: Row, kind: StockMovementKind, quantity: int, subject_id: UUID | None, act: Row
    ) -> None:
        ends = (SUPPLIER, PREPARATION)
        if kind is StockMovementKind.TAKE_HOME:
            ends = (PREPARATION, PATIENT)
        self.rows.add(
            StockMovement,
            id=self.rows.id_at(act["occurred_at"]),
            bottle_id=bench["id"],
            sequence=bench["version"],
            kind=kind,
            from_place=ends[0].place,
            from_number=ends[0].number,
            to_place=ends[1].place,
            to_number=ends[1].number,
            quantity=quantity,
            balance_after=bench["balance"],
            subject_id=subject_id,
            **act,
        )

    def _callback(self) -> None:
        """One holder is called back by chance, today."""
        if not self.holders:
            return
        at = self.site.as_of
        patient_id = self.holders[0]
        issued = sum(
            row["patient_id"] == patient_id
            for row in self.rows.tables[TakeHomeBottle.__tablename__]
        )
        self.rows.add(
            TakeHomeCallback,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            patient_id=patient_id,
            choice=CallbackChoice.RANDOM,
            reason="drawn by chance",
            called_on=self.site.today,
            due_by=self.site.today + timedelta(days=2),
            told_how="Telephone, spoke with the patient",
            issued=issued,
            **self._signs(at, Role.NURSE),
        )

    def _guest(self, charts: Sequence[Chart], orders: dict[UUID, OrderInForce]) -> None:
        """One patient travels from tomorrow on, dosed at another program."""
        if not charts:
            return
        chart, at = charts[-1], self.site.as_of
        order = orders[chart.id]
        self.rows.add(
            GuestStay,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            patient_id=chart.id,
            number=1,
            direction=GuestDirection.OUT,
            reason=GuestReason.TRAVEL,
            justification="Visits family in another state for five days.",
            other_name="Bay Program (synthetic)",
            other_address="1 Example Road",
            other_telephone="555-0100",
            other_contact="Charge nurse",
            starts_on=self.site.today + timedelta(days=1),
            ends_on=self.site.today + timedelta(days=6),
            consent_on=self.site.today,
            order_id=order.id,
            order_number=order.number,
            medication=order.medication,
            form=order.form,
            dose_ug=int(order.dose_mg * 1000),
            id_seen="State identification card",
            **self._signs(at, Role.NURSE),
        )

    def _signs(self, at: datetime, role: Role) -> Row:
        return self.site.on_duty(role, on=self.site.clock.service_date(at)).signs(at)

    def _act(self, at: datetime, role: Role) -> Row:
        return {
            "site_id": self.site.clock.id,
            "occurred_at": at,
            "service_date": self.site.clock.service_date(at),
            "time_zone": self.site.clock.time_zone,
            **self._signs(at, role),
        }

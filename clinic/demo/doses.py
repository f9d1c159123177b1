"""Orders, holds and doses as rows, and the bottles the doses came out of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from clinic.core.decision import Decision
from clinic.demo import calibration
from clinic.demo.calibration import chance
from clinic.demo.charts import DISCHARGE_MINUTE, ORDER_MINUTE, Chart
from clinic.demo.histories import EpisodePlan, Part
from clinic.demo.house import DemoSite
from clinic.demo.people import IDENTIFIER_SYSTEM
from clinic.demo.rows import Row, Rows
from clinic.demo.sessions import Visit
from clinic.demo.stock import Stockroom
from clinic.demo.titration import DosePlan, Run
from clinic.dosing.facts import DoseOrigin, HoldReason, OrderStatus
from clinic.dosing.models import Dose, DoseQuestion, DosingHold, MedicationOrder, ReportedMedication
from clinic.dosing.rules.missed_doses import missed_dose
from clinic.scheduling.facts import BookingStatus
from clinic.staff.facts import Role
from clinic.stock.facts import Form, Medication

CONCENTRATION_UG_PER_ML: Final = 10_000
"""Methadone oral concentrate, 10 mg/mL. Source: the product's label."""
MICROGRAMS: Final = 1000
UL_PER_MG: Final = 100
LIQUID: Final = {Medication.METHADONE: Form.ORAL_CONCENTRATE}
COMES_LATER: Final = {Part.HELD, Part.MISSED_ONE, Part.CONFLICT, Part.ORDER_ENDS}
COMES_EARLY: Final = {Part.DOSE_QUESTION}
RXNORM_NALTREXONE: Final = "7243"


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: UUID
    number: int


@dataclass(slots=True)
class Dosing:
    """Everything prescribed and given at one site in the days the demo tells of."""

    rows: Rows
    random: Random
    site: DemoSite
    first_day: date
    waiting: frozenset[UUID] = frozenset()
    """Who is checked in and has not been dosed yet."""
    last_number: defaultdict[UUID, int] = field(default_factory=lambda: defaultdict(int))

    def record(self, charts: Sequence[Chart], injections: Sequence[Visit]) -> None:
        """Write orders and holds patient by patient, then the doses in the order of the window."""
        due: list[tuple[datetime, int, Row]] = []
        for chart in charts:
            for episode_id, episode in chart.episodes:
                if episode.run and episode.run.orders:
                    due += self._run(chart, episode_id, episode, episode.run)
            self._part(chart)
        for visit in injections:
            due += self._injection(visit)
        self._give(due)

    def _run(
        self, chart: Chart, episode_id: UUID, episode: EpisodePlan, run: Run
    ) -> Iterable[tuple[datetime, int, Row]]:
        arrivals = {dose.on: self._arrival(chart, run, dose.on) for dose in run.doses}
        today = self._today(chart, run, episode)
        orders = self._orders(chart, episode_id, episode, run, arrivals)
        self._holds(chart, run, orders, arrivals)
        for dose in (*run.doses, *today):
            if dose.on < self.first_day:
                continue
            at = arrivals.get(dose.on) or self._arrival_today(chart)
            yield at, self._window(chart), self._dose(chart, run, dose, orders[dose.order])

    def _today(self, chart: Chart, run: Run, episode: EpisodePlan) -> list[DosePlan]:
        """Today's dose, when the patient comes and has come already."""
        comes = (
            episode.last_on >= self.site.today
            and not run.stops_today
            and run.orders[-1].ends_on > self.site.today
            and chart.history.part not in COMES_LATER
            and chart.id not in self.waiting
            and self.site.today not in self.site.closures
        )
        share = self.site.done_share
        has_come = chance(self.random, share) or (share > 0 and chart.history.part in COMES_EARLY)
        if not comes or not has_come:
            return []
        last = len(run.orders) - 1
        dose_mg = run.orders[last].dose_mg
        return [DosePlan(self.site.today, last, dose_mg, run.missed_now, run.treatment_day)]

    def _orders(
        self,
        chart: Chart,
        episode_id: UUID,
        episode: EpisodePlan,
        run: Run,
        arrivals: dict[date, datetime],
    ) -> list[OrderRow]:
        written: list[OrderRow] = []
        out_on = episode.discharged_on
        for plan in run.orders:
            at = arrivals[plan.starts_on] - timedelta(minutes=12)
            ends_on, status = plan.ends_on, OrderStatus.ACTIVE
            if plan.was_superseded:
                status = OrderStatus.SUPERSEDED
            elif out_on is not None and ends_on > out_on:
                ends_on, status = out_on, OrderStatus.STOPPED
            elif chart.history.part is Part.ORDER_ENDS:
                ends_on = self.site.today + timedelta(days=1)
            written.append(
                self._order(
                    chart,
                    episode_id,
                    at=at,
                    medication=run.medication,
                    form=LIQUID.get(run.medication, Form.SUBLINGUAL),
                    dose_ug=plan.dose_mg * MICROGRAMS,
                    starts_on=plan.starts_on,
                    ends_on=ends_on,
                    status=status,
                    supersedes_id=written[-1].id if written else None,
                    rationale=plan.rationale,
                )
            )
        return written

    def _order(self, chart: Chart, episode_id: UUID, *, at: datetime, **terms: object) -> OrderRow:
        self.last_number[chart.id] += 1
        order = OrderRow(self.rows.id_at(at), self.last_number[chart.id])
        day = self.site.clock.service_date(at)
        self.rows.add(
            MedicationOrder,
            id=order.id,
            site_id=self.site.clock.id,
            patient_id=chart.id,
            episode_id=episode_id,
            number=order.number,
            version=1 if terms["status"] is OrderStatus.ACTIVE else 2,
            decision=Decision().to_json() | {"confirmed": [], "qtc_ms": None},
            **terms,
            **self.site.on_duty(Role.PRESCRIBER, on=day).signs(at),
        )
        return order

    def _holds(
        self, chart: Chart, run: Run, orders: Sequence[OrderRow], arrivals: dict[date, datetime]
    ) -> None:
        for plan in run.holds:
            found_at = arrivals[plan.on] - timedelta(minutes=30)
            self._hold(
                chart,
                HoldReason.MISSED_DOSES,
                f"{plan.missed} days without a dose",
                at=found_at,
                version=2,
                cleared_at=arrivals[plan.on] - timedelta(minutes=12),
                cleared_by_order_id=orders[plan.order].id,
            )

    def _hold(
        self, chart: Chart, reason: HoldReason, note: str, *, at: datetime, **more: object
    ) -> None:
        nurse = self.site.on_duty(Role.NURSE, on=self.site.clock.service_date(at))
        self.rows.add(
            DosingHold,
            id=self.rows.id_at(at),
            site_id=self.site.clock.id,
            patient_id=chart.id,
            reason=reason,
            note=note,
            **more,
            **nurse.signs(at),
        )

    def _dose(self, chart: Chart, run: Run, dose: DosePlan, order: OrderRow) -> Row:
        is_liquid = run.medication in LIQUID
        held_first = any(hold.on == dose.on for hold in run.holds)
        answer = missed_dose(0 if held_first else dose.missed, treatment_day=dose.treatment_day)
        confirmed = [reason.code for reason in answer.decision.reasons]
        return {
            "patient_id": chart.id,
            "order_id": order.id,
            "order_number": order.number,
            "medication": run.medication,
            "form": LIQUID.get(run.medication, Form.SUBLINGUAL),
            "dose_ug": dose.dose_mg * MICROGRAMS,
            "volume_ul": dose.dose_mg * UL_PER_MG if is_liquid else None,
            "concentration_ug_per_ml": CONCENTRATION_UG_PER_ML if is_liquid else None,
            "decision": answer.decision.to_json() | {"confirmed": confirmed},
        }

    def _injection(self, visit: Visit) -> Iterable[tuple[datetime, int, Row]]:
        """One order for each injection; the dose when the visit took place."""
        at = visit.starts_at + timedelta(minutes=10)
        is_over = visit.status is BookingStatus.ATTENDED
        order = self._order(
            visit.chart,
            visit.chart.open_episode_id,
            at=self.site.no_later(visit.starts_at - timedelta(minutes=30)),
            medication=Medication.NALTREXONE,
            form=Form.INJECTION,
            dose_ug=calibration.NALTREXONE_MG * MICROGRAMS,
            starts_on=visit.on,
            ends_on=visit.on + timedelta(days=calibration.NALTREXONE_EVERY_DAYS),
            status=OrderStatus.ACTIVE,
        )
        if is_over and visit.on >= self.first_day:
            yield (
                at,
                1,
                {
                    "patient_id": visit.chart.id,
                    "order_id": order.id,
                    "order_number": order.number,
                    "medication": Medication.NALTREXONE,
                    "form": Form.INJECTION,
                    "dose_ug": calibration.NALTREXONE_MG * MICROGRAMS,
                    "decision": Decision().to_json() | {"confirmed": []},
                },
            )

    def _give(self, due: list[tuple[datetime, int, Row]]) -> None:
        room = Stockroom(self.rows, self.site)
        for at, number, dose in sorted(due, key=lambda each: (each[0], each[2]["patient_id"])):
            on = self.site.clock.service_date(at)
            nurse = self.site.on_duty(Role.NURSE, on=on, place=number)
            act = {
                "site_id": self.site.clock.id,
                **self.site.happened(at),
                **nurse.signs(at),
            }
            dose_id = self.rows.id_at(at)
            given = act | dose | {"id": dose_id, "origin": DoseOrigin.WINDOW, "window": number}
            given["bottle_id"] = room.draw(dose, window=number, act=act, dose_id=dose_id)
            self.rows.add(Dose, **given)
        room.finish()

    def _arrival(self, chart: Chart, run: Run, on: date) -> datetime:
        """When the patient drinks: by habit, but after the order on the first day or a hold."""
        site = self.site
        opens, closes = site.hours(on) or (site.clock.day_starts_at, site.clock.day_starts_at)
        first = opens.hour * 60 + opens.minute
        last = closes.hour * 60 + closes.minute - 10
        minute = first + chart.habit_minute + self.random.uniform(-8, 15)
        if run.doses[0].on == on:
            minute = max(minute, ORDER_MINUTE + self.random.uniform(14, 80))
        elif any(hold.on == on for hold in run.holds):
            minute += 40
        return site.instant(on, min(max(minute, first + 45 if run.holds else first + 1), last))

    def _arrival_today(self, chart: Chart) -> datetime:
        """Some time between opening and now, in the order patients usually come."""
        site = self.site
        opens, _ = site.hours(site.today) or (site.clock.day_starts_at, None)
        opened_at = site.clock.instant(site.today, opens)
        share = 0.03 + 0.92 * min(1.0, chart.habit_minute / 300)
        jitter = timedelta(seconds=self.random.randrange(50))
        return opened_at + (site.as_of - opened_at) * share + jitter

    def _window(self, chart: Chart) -> int:
        return 1 + chart.id.int % self.site.plan.windows

    def _part(self, chart: Chart) -> None:
        """Rows that only a part of the story has."""
        part = chart.history.part
        yesterday = self.site.today - timedelta(days=1)
        afternoon = self.site.no_later(self.site.instant(yesterday, DISCHARGE_MINUTE))
        signs = self.site.on_duty(Role.NURSE, on=yesterday).signs(afternoon)
        about = {"site_id": self.site.clock.id, "patient_id": chart.id, **signs}
        if part is Part.HELD:
            note = "Sleepy an hour after yesterday's dose"
            self._hold(chart, HoldReason.PRESCRIBER, note, at=afternoon)
        elif part is Part.CONFLICT:
            self.rows.add(
                ReportedMedication,
                id=self.rows.id_at(afternoon),
                medication=Medication.NALTREXONE,
                text="Naltrexone 50 MG Oral Tablet",
                code=RXNORM_NALTREXONE,
                status="active",
                authored_at=afternoon - timedelta(days=30),
                dose_ug=50 * MICROGRAMS,
                source_system=IDENTIFIER_SYSTEM,
                source_id=f"report-{chart.code}",
                **about,
            )
        elif part is Part.DOSE_QUESTION:
            first = chart.current.admitted_on or self.site.today
            self.rows.add(
                DoseQuestion,
                id=self.rows.id_at(afternoon),
                service_date=first - timedelta(days=10),
                medication=Medication.METHADONE,
                doses_ug=[60 * MICROGRAMS, 80 * MICROGRAMS],
                **about,
            )

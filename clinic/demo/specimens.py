"""Urine tests as rows: specimens and their readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from clinic.core.service_dates import ONE_DAY
from clinic.demo.calibration import chance
from clinic.demo.charts import Chart
from clinic.demo.histories import EpisodePlan
from clinic.demo.house import DemoSite, Staff
from clinic.demo.rows import Rows
from clinic.demo.urine import planned_tests
from clinic.staff.facts import Role
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading
from clinic.toxicology.models import Result, Specimen


@dataclass(slots=True)
class Laboratory:
    """Everything tested at one site in the days the demo tells of."""

    rows: Rows
    random: Random
    site: DemoSite
    first_day: date

    def test(self, charts: Sequence[Chart], *, rewarded_from: Mapping[UUID, date]) -> None:
        """The tests of every episode; a patient on rewards is tested at their reward visits."""
        for chart in charts:
            for episode_id, episode in chart.episodes:
                until = self.site.today
                if episode_id == chart.open_episode_id:
                    until = min(until, rewarded_from.get(chart.id, until))
                self._episode(chart, episode, until=until)

    def _episode(self, chart: Chart, episode: EpisodePlan, *, until: date) -> None:
        admitted = episode.admitted_on
        if admitted is None:
            return
        present = _present(episode, self.site, until=until)
        planned = planned_tests(
            self.random,
            first=admitted,
            until=until,
            present=present,
            medication=episode.medication,
        )
        for test in planned:
            if test.on < self.first_day:
                continue
            minute = 6 * 60 + 10 + chart.habit_minute * 0.9 + self.random.uniform(0, 20)
            at = self.site.instant(test.on, minute)
            self.record(
                chart,
                at=at,
                by=self.site.on_duty(Role.NURSE, on=test.on, place=3),
                outcome=test.outcome,
                readings=test.readings,
                was_random=test.was_random,
            )

    def record(
        self,
        chart: Chart,
        *,
        at: datetime,
        by: Staff,
        outcome: CollectionOutcome,
        readings: Mapping[Analyte, Reading],
        was_random: bool = False,
    ) -> UUID:
        """One specimen with its readings; its id."""
        specimen_id = self.rows.id_at(at)
        common = {
            "site_id": self.site.clock.id,
            "patient_id": chart.id,
            **self.site.happened(at),
            **by.signs(at),
        }
        self.rows.add(
            Specimen,
            id=specimen_id,
            outcome=outcome,
            was_random=was_random,
            was_observed=bool(readings) and chance(self.random, 0.3),
            **common,
        )
        for analyte, reading in readings.items():
            self.rows.add(
                Result,
                id=self.rows.id_at(at),
                specimen_id=specimen_id,
                analyte=analyte,
                reading=reading,
                **common,
            )
        return specimen_id


def _present(episode: EpisodePlan, site: DemoSite, *, until: date) -> frozenset[date]:
    """Days on which the patient came: those with a dose, or any day open to those without one."""
    if episode.run:
        return frozenset(dose.on for dose in episode.run.doses)
    first = episode.admitted_on or until
    last = min(until, episode.last_on + ONE_DAY)
    span = (first + timedelta(days=number) for number in range((last - first).days))
    return frozenset(day for day in span if day not in site.closures)

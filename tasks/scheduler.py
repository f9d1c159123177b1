"""Keep the timetable: hold the lease, walk what is due, do each day once.

No cron trigger in a clinic's zone: on the days the clocks change it skips a run or fires twice.
A UTC interval ticks; what is due follows from dates, and the job ledger keeps each effect single.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

import structlog
from flask import Flask

from clinic.core.actors import Actor
from clinic.core.service_dates import ONE_DAY, SiteClock, dates_due
from clinic.data import job_monitor, jobs
from clinic.data.db import db
from clinic.data.work import Work, unit_of_reading, unit_of_work, writing
from clinic.sites import queries as sites
from tasks.timetable import DAILY, ERRANDS, STEADY, DailyJob, Errand, SteadyJob

LEASE = timedelta(seconds=60)
TICK_SECONDS = 15
log = structlog.get_logger()


def process_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(slots=True)
class Scheduler:
    """One scheduler process. Two may run: the lease spares work, the ledger keeps it right."""

    app: Flask
    clock: Callable[[], datetime]
    holder: str = field(default_factory=process_name)
    daily: Sequence[DailyJob] = DAILY
    steady: Sequence[SteadyJob] = STEADY
    errands: Sequence[Errand] = ERRANDS
    _announced: set[UUID] = field(default_factory=set)
    _well: set[tuple[str, UUID]] = field(default_factory=set)
    """Jobs of every tick that went well the last time, by site."""

    def tick(self) -> int:
        """Do everything that is due and not yet done; the number of clinic days done."""
        with self.app.app_context():
            now = self.clock()
            if not self._hold_lease(now):
                return 0
            done = 0
            for site in sites.clocks(db.session()):
                self._announce(site, now)
                done += sum(self._catch_up(job, site, now) for job in self.daily)
                for steady in self.steady:
                    self._run_steady(steady, site, now)
                for errand in self.errands:
                    self._run_errand(errand, site, now)
            return done

    def _announce(self, site: SiteClock, now: datetime) -> None:
        """Once a process: what a page may expect of this scheduler."""
        if site.id in self._announced:
            return
        plan: dict[str, time | None] = {job.name: job.at for job in self.daily}
        plan.update((job.name, None) for job in self.steady)
        plan.update((errand.name, None) for errand in self.errands)
        with unit_of_work(
            actor=Actor.system("scheduler"), now=now, site=site, reactions={}
        ) as work:
            job_monitor.announce(work, plan=plan)
        self._announced.add(site.id)

    def release(self) -> None:
        """Let the next scheduler start at once."""
        with self.app.app_context():
            session = db.session()
            with writing(session):
                jobs.release_lease(session, holder=self.holder, now=self.clock())

    def _hold_lease(self, now: datetime) -> bool:
        session = db.session()
        with writing(session):
            return jobs.hold_lease(session, holder=self.holder, now=now, ttl=LEASE)

    def _catch_up(self, job: DailyJob, site: SiteClock, now: datetime) -> int:
        """Every clinic day since the last one done, oldest first. A day that fails stops here."""
        actor = Actor.system(job.name)
        with unit_of_reading(actor=actor, now=now, site=site) as work:
            last = jobs.last_service_date(work, job=job.name)
        after = last or site.service_date(now) - job.looks_back - ONE_DAY
        done = 0
        moment = max(job.at, site.day_starts_at)
        for day in dates_due(site, at=moment, after=after, now=now):
            try:
                with unit_of_work(
                    actor=actor,
                    now=now,
                    site=site,
                    reactions=self.app.extensions["reactions"],
                ) as work:
                    if jobs.claim(work, job=job.name, service_date=day, holder=self.holder):
                        job.verb(work, day)
                        job_monitor.mend(work, job=job.name, service_date=day)
                        done += 1
            except Exception as error:
                log.exception("job failed", job=job.name, site=str(site.id), day=str(day))
                self._note_failure(job.name, site, now, day=day, error=error)
                break
        return done

    def _run_steady(self, job: SteadyJob, site: SiteClock, now: datetime) -> None:
        try:
            with unit_of_work(
                actor=Actor.system(job.name), now=now, site=site, reactions={}
            ) as work:
                job.verb(work)
        except Exception as error:
            log.exception("job failed", job=job.name, site=str(site.id))
            self._note_failure(job.name, site, now, day=site.service_date(now), error=error)
        else:
            self._note_well(job.name, site, now)

    def _run_errand(self, errand: Errand, site: SiteClock, now: datetime) -> None:
        def begin() -> AbstractContextManager[Work]:
            return unit_of_work(actor=Actor.system(errand.name), now=now, site=site, reactions={})

        db.session().rollback()  # no transaction of ours stays open while a machine is spoken to
        try:
            errand.verb(begin, self.app.config["INSTANCE"])
        except Exception as error:
            log.exception("errand failed", errand=errand.name, site=str(site.id))
            self._note_failure(errand.name, site, now, day=site.service_date(now), error=error)
        else:
            self._note_well(errand.name, site, now)

    def _note_failure(
        self, job: str, site: SiteClock, now: datetime, *, day: date, error: Exception
    ) -> None:
        """Leave word for the administrators; a database that is away must not stop the rest."""
        self._well.discard((job, site.id))
        try:
            with unit_of_work(actor=Actor.system(job), now=now, site=site, reactions={}) as work:
                job_monitor.note_failure(
                    work, job=job, service_date=day, reason=type(error).__name__
                )
        except Exception:
            log.exception("failure not noted", job=job, site=str(site.id))

    def _note_well(self, job: str, site: SiteClock, now: datetime) -> None:
        """The first success after a failure, or of this process, mends what had failed."""
        if (job, site.id) in self._well:
            return
        with unit_of_work(actor=Actor.system(job), now=now, site=site, reactions={}) as work:
            job_monitor.mend(work, job=job)
        self._well.add((job, site.id))

"""``python -m tasks``: tick until told to stop."""

from __future__ import annotations

import signal
from datetime import UTC, datetime

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from clinic.app import create_app
from tasks.scheduler import TICK_SECONDS, Scheduler


def clock() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    """Run the timetable in this process."""
    scheduler = Scheduler(create_app(), clock)
    ticking = BlockingScheduler(timezone=UTC)
    ticking.add_job(
        scheduler.tick,
        IntervalTrigger(seconds=TICK_SECONDS, timezone=UTC),
        next_run_time=clock(),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )

    def stop(_signal: int, _frame: object) -> None:
        ticking.shutdown(wait=True)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        ticking.start()
    finally:
        scheduler.release()


if __name__ == "__main__":
    main()

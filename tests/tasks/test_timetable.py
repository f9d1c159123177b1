from __future__ import annotations

import re

from tasks.timetable import DAILY, STEADY
from tests.house.source import ROOT, imports


def test_jobs_call_services_and_nothing_else() -> None:
    verbs = [*(job.verb for job in DAILY), *(job.verb for job in STEADY)]
    assert verbs
    assert [
        verb.__module__
        for verb in verbs
        if not re.fullmatch(r"tasks\.timetable|clinic\.\w+\.services(\.\w+)*", verb.__module__)
    ] == []


def test_every_job_has_a_name_of_its_own() -> None:
    names = [*(job.name for job in DAILY), *(job.name for job in STEADY)]
    assert len(names) == len(set(names))


def test_the_timetable_knows_services_and_work_only() -> None:
    known = {name for name in imports(ROOT / "tasks" / "timetable.py") if name.startswith("clinic")}
    allowed = r"clinic\.core\..*|clinic\.data(\.work(\.Work)?)?|clinic\.\w+(\.services(\.\w+)*)?"
    assert [name for name in known if not re.fullmatch(allowed, name)] == []

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import pytest

from clinic.demo.calibration import day_left
from clinic.demo.rows import stream
from clinic.demo.titration import (
    BuprenorphineTitration,
    Days,
    MethadoneTitration,
    Run,
    daily_run,
)
from clinic.stock.facts import Medication

TODAY = date(2026, 3, 3)
PATIENTS = 900


@pytest.fixture(scope="module")
def methadone() -> list[Run]:
    """Nine hundred people who began methadone 200 days ago."""
    random = stream(11, "methadone")
    first = TODAY - timedelta(days=200)
    return [
        daily_run(
            random,
            titration=MethadoneTitration.of(random),
            days=Days(first, first + timedelta(days=day_left(random.random()) - 1), TODAY),
        )
        for _ in range(PATIENTS)
    ]


@pytest.fixture(scope="module")
def buprenorphine() -> list[Run]:
    random = stream(12, "buprenorphine")
    days = Days(TODAY - timedelta(days=60), TODAY, TODAY)
    return [
        daily_run(random, titration=BuprenorphineTitration.of(random), days=days)
        for _ in range(300)
    ]


def doses_on(runs: list[Run], treatment_day: int) -> list[int]:
    return sorted(
        dose.dose_mg for run in runs for dose in run.doses if dose.treatment_day == treatment_day
    )


@pytest.mark.parametrize(
    ("treatment_day", "median_mg"),
    [(1, 30), (7, 50), (14, 60), (28, 70), (56, 80), (84, 85), (112, 90), (140, 90)],
)
def test_methadone_rises_as_in_the_trial(
    methadone: list[Run], treatment_day: int, median_mg: int
) -> None:
    assert median(doses_on(methadone, treatment_day)) == pytest.approx(median_mg, abs=2.5)


def test_methadone_spreads_as_in_the_trial(methadone: list[Run]) -> None:
    doses = doses_on(methadone, 28)
    assert doses[len(doses) // 10] == pytest.approx(40, abs=5)
    assert doses[len(doses) * 9 // 10] == pytest.approx(100, abs=5)


@pytest.mark.parametrize(
    ("treatment_day", "percent"), [(28, 92), (56, 88), (84, 83), (112, 80), (140, 77)]
)
def test_people_stay_as_long_as_in_the_trial(
    methadone: list[Run], treatment_day: int, percent: int
) -> None:
    still = sum(run.doses[-1].treatment_day >= treatment_day for run in methadone)
    assert 100 * still / PATIENTS == pytest.approx(percent, abs=3)


def test_doses_are_taken_as_often_as_in_the_trial(methadone: list[Run]) -> None:
    taken = sum(len(run.doses) for run in methadone)
    days = sum(run.doses[-1].treatment_day for run in methadone)
    assert 100 * taken / days == pytest.approx(92.1, abs=1)


@pytest.mark.parametrize(("treatment_day", "median_mg"), [(1, 8), (3, 16), (7, 16), (28, 24)])
def test_buprenorphine_rises_as_in_the_trial(
    buprenorphine: list[Run], treatment_day: int, median_mg: int
) -> None:
    assert median(doses_on(buprenorphine, treatment_day)) == median_mg


def test_a_first_day_stays_within_the_federal_limit(methadone: list[Run]) -> None:
    assert max(doses_on(methadone, 1)) <= 50


def test_methadone_rises_by_ten_at_most_and_not_within_three_days(methadone: list[Run]) -> None:
    for run in methadone:
        rises = [
            (after.starts_on, after.dose_mg - before.dose_mg)
            for before, after in pairwise(run.orders)
            if after.dose_mg > before.dose_mg
        ]
        assert all(step_mg <= 10 for _, step_mg in rises)
        assert all(
            later - sooner >= timedelta(days=3) for (sooner, _), (later, _) in pairwise(rises)
        )


def test_orders_do_not_overlap_and_cover_every_dose(methadone: list[Run]) -> None:
    for run in methadone:
        assert all(before.ends_on <= after.starts_on for before, after in pairwise(run.orders))
        for dose in run.doses:
            order = run.orders[dose.order]
            assert order.starts_on <= dose.on < order.ends_on
            assert dose.dose_mg == order.dose_mg


def test_three_missed_days_are_held_and_answered_by_an_order_of_that_day(
    methadone: list[Run],
) -> None:
    long_gaps = [(run, dose) for run in methadone for dose in run.doses if dose.missed >= 3]
    assert len(long_gaps) > 100
    for run, dose in long_gaps:
        [hold] = [hold for hold in run.holds if hold.on == dose.on]
        assert run.orders[hold.order].starts_on == dose.on
        assert run.orders[hold.order].rationale.startswith(f"Seen after {dose.missed} missed days")


def test_absent_days_of_the_story_bring_a_stop() -> None:
    absent = frozenset(TODAY - timedelta(days=back) for back in (1, 2, 3))
    days = Days(TODAY - timedelta(days=90), TODAY, TODAY, absent=absent, reliable=True)
    run = daily_run(stream(1, "one"), titration=MethadoneTitration(1.0), days=days)
    assert run.missed_now == 3
    assert run.stops_today
    assert run.medication is Medication.METHADONE


def test_nobody_is_dosed_on_a_closed_day() -> None:
    closed = frozenset({TODAY - timedelta(days=10)})
    days = Days(TODAY - timedelta(days=20), TODAY, TODAY, closed=closed, reliable=True)
    run = daily_run(stream(1, "one"), titration=MethadoneTitration(1.0), days=days)
    assert len(run.doses) == 19
    assert closed.isdisjoint(dose.on for dose in run.doses)

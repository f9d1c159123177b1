"""How the program has done, against counts made by hand and the rules over the same stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.census import rules
from clinic.census.facts import CensusSeries
from clinic.census.queries import capacity_notice, census_on, measures, series, stays
from clinic.core.periods import Days
from clinic.data.work import Work
from clinic.programs.facts import CareState, DischargeReason
from clinic.scheduling.facts import BookingStatus
from tests.census import builders as ward

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
LAST_OF_FEBRUARY = date(2026, 2, 28)


def figures(work: Work, *, day: date) -> dict[str, tuple[str, str]]:
    """Each measure's printed value and what it was counted from."""
    return {one.name: (str(one.value), one.basis) for one in measures(work, day=day)}


def test_a_stay_runs_from_admission_to_discharge(work: Work) -> None:
    waited = ward.asks(work, on=date(2026, 1, 2), name="Waited")
    ward.moves(work, episode=waited, on=date(2026, 1, 5), to=CareState.WAITLIST)
    ward.moves(work, episode=waited, on=date(2026, 1, 12), to=CareState.OPIOID_TREATMENT)
    ward.moves(work, episode=waited, on=date(2026, 1, 20), to=CareState.OUTPATIENT)
    ward.discharged(work, episode=waited, on=date(2026, 2, 10))
    ward.asks(work, on=date(2026, 1, 3), name="Only asked")

    assert stays(work, since=FEBRUARY, day=LAST_OF_FEBRUARY) == [
        Days(date(2026, 1, 12), date(2026, 2, 10))
    ]


def test_asked_of_a_day_before_the_discharge_the_stay_is_open(work: Work) -> None:
    episode = ward.admitted(work, on=FEBRUARY)
    ward.discharged(work, episode=episode, on=date(2026, 2, 10))

    assert stays(work, since=FEBRUARY, day=date(2026, 2, 9)) == [Days(FEBRUARY)]


def test_what_was_over_before_is_left_out(work: Work) -> None:
    episode = ward.admitted(work, on=date(2026, 1, 1))
    ward.discharged(work, episode=episode, on=date(2026, 1, 31))

    assert stays(work, since=FEBRUARY, day=LAST_OF_FEBRUARY) == []


def test_four_weeks_of_february_by_hand(work: Work) -> None:
    """28 + 10 + 1 patient-days: all February, ten days of it, and a stay of one day."""
    ward.admitted(work, on=date(2025, 12, 1), name="All month")
    ten = ward.admitted(work, on=date(2026, 2, 3), name="Ten days")
    ward.discharged(work, episode=ten, on=date(2026, 2, 13))
    one = ward.admitted(work, on=date(2026, 2, 20), name="One day")
    ward.discharged(work, episode=one, on=date(2026, 2, 20), reason=DischargeReason.TRANSFERRED)

    found = figures(work, day=LAST_OF_FEBRUARY)

    assert found["Average daily census"] == ("1.39", "39 patient-days in 28 days")
    assert found["Average length of stay"] == ("5.5", "2 discharges in 90 days")
    assert found["Median length of stay"] == ("5.5", "2 discharges in 90 days")


def test_retention_counts_those_followed_long_enough(work: Work) -> None:
    ward.admitted(work, on=date(2026, 1, 20), name="Still here on day 30")
    left = ward.admitted(work, on=date(2026, 1, 20), name="Left on day 30")
    ward.discharged(work, episode=left, on=date(2026, 2, 19))
    ward.admitted(work, on=date(2026, 2, 20), name="Too new to tell")

    found = figures(work, day=LAST_OF_FEBRUARY)

    assert found["Retention at 30 days"] == ("50.0", "1 of 2 admissions")
    assert found["Retention at 365 days"] == ("None", "0 of 0 admissions")


def test_no_show_rate_of_four_weeks(work: Work) -> None:
    statuses = {
        2: BookingStatus.ATTENDED,
        3: BookingStatus.ATTENDED,
        4: BookingStatus.ATTENDED,
        5: BookingStatus.NO_SHOW,
        6: BookingStatus.LATE_CANCEL,
        7: BookingStatus.TIMELY_CANCEL,
        8: BookingStatus.CLINIC_CANCEL,
        9: BookingStatus.BOOKED,
    }
    patient_id = ward.a_patient(work)
    for day, status in statuses.items():
        ward.booked(work, patient_id=patient_id, on=date(2026, 2, day), status=status)
    ward.booked(work, patient_id=patient_id, on=date(2026, 1, 31), status=BookingStatus.NO_SHOW)

    assert figures(work, day=LAST_OF_FEBRUARY)["No-show rate"] == (
        "40.0",
        "2 of 5 visits in 28 days",
    )


def test_with_nothing_to_count_a_measure_says_nothing(work: Work) -> None:
    found = figures(work, day=LAST_OF_FEBRUARY)

    assert found["Average length of stay"][0] == "None"
    assert found["No-show rate"][0] == "None"


def test_every_measure_says_what_it_means_and_whose_definition_it_is(work: Work) -> None:
    assert all(one.definition and one.source for one in measures(work, day=LAST_OF_FEBRUARY))


def test_night_counts_and_stays_of_one_day_add_up_to_the_patient_days_of_the_rule(
    work: Work,
) -> None:
    staying = ward.admitted(work, on=date(2026, 1, 25), name="Staying")
    ward.moves(work, episode=staying, on=date(2026, 2, 8), to=CareState.OUTPATIENT)
    for first, last in ((3, 13), (10, 11), (20, 20), (26, 28)):
        episode = ward.admitted(work, on=date(2026, 2, first), name=f"From {first}")
        ward.discharged(work, episode=episode, on=date(2026, 2, last))

    night_counts = sum(series(work, first=FEBRUARY, until=MARCH).totals)
    by_rule = rules.patient_days(
        stays(work, since=FEBRUARY, day=LAST_OF_FEBRUARY),
        first_day=FEBRUARY,
        last_day=LAST_OF_FEBRUARY,
    )

    assert (night_counts, by_rule) == (28 + 10 + 1 + 0 + 2, 28 + 10 + 1 + 1 + 2)


def history(*totals: int) -> CensusSeries:
    days = tuple(date(2026, 8, 3) + timedelta(days=number) for number in range(len(totals)))
    return CensusSeries(
        days=days,
        counts={CareState.OPIOID_TREATMENT: totals},
        admitted=(0,) * len(totals),
        discharged=(0,) * len(totals),
    )


@pytest.mark.parametrize(
    ("totals", "required", "since", "notify_by"),
    [
        ((224,), False, date(2026, 8, 3), None),
        ((225,), True, date(2026, 8, 3), date(2026, 8, 10)),
        ((225, 226, 240), True, date(2026, 8, 3), date(2026, 8, 10)),
        ((225, 224, 225, 225), True, date(2026, 8, 5), date(2026, 8, 12)),
        ((225, 224), False, date(2026, 8, 4), None),
    ],
)
def test_the_state_hears_within_seven_days_of_the_day_ninety_percent_was_reached(
    totals: tuple[int, ...], required: bool, since: date, notify_by: date | None
) -> None:
    """45 CFR 96.126(a), with room for 250."""
    found = capacity_notice(history(*totals), capacity=250)

    assert found is not None
    notice, began = found
    assert (notice.notice_required, began, notice.notify_by) == (required, since, notify_by)


def test_without_a_capacity_there_is_nothing_to_notify() -> None:
    assert capacity_notice(history(225), capacity=None) is None


def test_the_history_of_measures_stands_still_with_the_census(work: Work) -> None:
    """Asked again of the same day after more has happened, the figures are the same."""
    episode = ward.admitted(work, on=FEBRUARY)
    before = figures(work, day=date(2026, 2, 20)), census_on(work, day=date(2026, 2, 20))
    ward.discharged(work, episode=episode, on=date(2026, 2, 25))

    assert (figures(work, day=date(2026, 2, 20)), census_on(work, day=date(2026, 2, 20))) == before

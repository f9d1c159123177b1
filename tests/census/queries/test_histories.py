"""Any valid history: every day reconciles, the series agrees, and a recount by hand does too."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.census import rules
from clinic.census.facts import CARE_LEVELS
from clinic.census.queries import census_on, series, stays
from clinic.data.work import Work
from clinic.programs.facts import CareState, DischargeReason
from tests.census import builders as ward

FIRST = date(2026, 1, 5)
DAYS = tuple(FIRST + timedelta(days=number) for number in range(24))
AFTER = DAYS[-1] + timedelta(days=1)
WAITING = (CareState.WAITLIST, CareState.INTERIM)
SOME_STATES = (
    CareState.WAITLIST,
    CareState.INTERIM,
    CareState.WITHDRAWAL_MANAGEMENT,
    CareState.OPIOID_TREATMENT,
    CareState.OUTPATIENT,
    CareState.DISCHARGED,
)

Step = tuple[date, CareState]
History = list[Step]


def _dated(gaps: list[tuple[int, CareState]]) -> History:
    """Days that never go back, no move to where one already is, care never back to waiting."""
    day, state, history = FIRST, CareState.INQUIRY, list[Step]()
    for gap, to in gaps:
        day += timedelta(days=gap)
        starts_over = state is CareState.DISCHARGED and to is not CareState.DISCHARGED
        if day > DAYS[-1] or to is state or (state in CARE_LEVELS and to in WAITING):
            continue
        if state is CareState.DISCHARGED and not starts_over:
            continue
        history.append((day, to))
        state = to
    return history


HISTORIES = st.lists(
    st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(SOME_STATES)), min_size=1, max_size=8
    ).map(_dated),
    max_size=4,
)


def _lives(work: Work, history: History) -> None:
    patient_id = ward.a_patient(work)
    episode = ward.asks(work, on=FIRST, patient_id=patient_id)
    for day, to in history:
        if to is CareState.DISCHARGED:
            ward.discharged(work, episode=episode, on=day, reason=DischargeReason.OTHER)
            continue
        if episode.closed_on is not None:
            episode = ward.asks(work, on=day, patient_id=patient_id)
        ward.moves(work, episode=episode, on=day, to=to)


def _recount(histories: list[History], day: date) -> Counter[CareState]:
    last = (next((to for on, to in reversed(one) if on <= day), None) for one in histories)
    return Counter(state for state in last if state is not None and state in CARE_LEVELS)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(histories=HISTORIES)
def test_every_day_of_any_history_reconciles_and_equals_a_recount(
    work: Work, histories: list[History]
) -> None:
    with work.session.begin_nested() as attempt:
        for history in histories:
            _lives(work, history)
        over_time = series(work, first=FIRST, until=AFTER)
        for number, day in enumerate(DAYS):
            census = census_on(work, day=day)
            counted = {line.level: line.today for line in census.levels}
            recount = _recount(histories, day)
            assert census.reconciles
            assert counted == {level: recount[level] for level in CARE_LEVELS}
            assert counted == {level: over_time.counts[level][number] for level in CARE_LEVELS}
            assert census.total.admitted == over_time.admitted[number]
            assert census.total.discharged == over_time.discharged[number]
        found = stays(work, since=FIRST, day=DAYS[-1])
        same_day = sum(stay.until == stay.first for stay in found)
        nights = sum(over_time.totals)
        assert rules.patient_days(found, first_day=FIRST, last_day=DAYS[-1]) == nights + same_day
        attempt.rollback()
    work.session.expunge_all()

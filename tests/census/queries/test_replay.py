"""Every axis of any history reconciles, and a day seen later is the day as it was recounted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from uuid import UUID

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.census.facts import SPLIT_AXES, Axis, AxisLine, Slice, Vantage
from clinic.census.queries import census_on
from clinic.census.queries.replay import replay
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.patients.facts import PayerKind
from clinic.patients.models import Coverage
from clinic.programs.facts import CareState, MedicationState
from clinic.programs.models import Episode, EpisodeParticulars, MedicationTransition
from tests import cast
from tests.census import builders as ward
from tests.census.queries.test_day import statements
from tests.census.queries.test_histories import DAYS, FIRST, HISTORIES, History, _lives

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 2, day) for day in range(16, 20))
OTP, OUTPATIENT = CareState.OPIOID_TREATMENT, CareState.OUTPATIENT
EVERYBODY = Slice()

Changes = list[tuple[int, str]]
CHANGES = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 23),
            st.sampled_from(["counselor", "unit", "pregnant", "payer", "methadone", "none", "cbt"]),
        ),
        max_size=5,
    ),
    min_size=4,
    max_size=4,
)


def lines(work: Work, day: date, axis: Axis, part: Slice = EVERYBODY) -> dict[str, AxisLine]:
    found = replay(work, vantage=Vantage(day)).lines(axis, part=part, labels={})
    return {str(one.key): one for one in found}


def numbers(one: AxisLine) -> tuple[int, int, int, int, int, int]:
    """Yesterday, admitted, transferred in, transferred out, discharged, today."""
    return (
        one.yesterday, one.admitted, one.transferred_in, one.transferred_out, one.discharged,
        one.today,
    )  # fmt: skip


def particulars(
    work: Work,
    episode: Episode,
    *,
    on: date,
    sequence: int,
    counselor_id: UUID | None = None,
    unit: str = "",
    pregnant: bool = False,
    recorded_on: date | None = None,
) -> None:
    recorded_at = work.site.instant(recorded_on or on, time(12, 0))
    work.session.add(
        EpisodeParticulars(
            id=new_id(), site_id=work.site.id, episode_id=episode.id,
            patient_id=episode.patient_id, sequence=sequence, counselor_id=counselor_id,
            unit=unit, injects=False, pregnant=pregnant, **ward.at_noon(work, on=on),
            **ward.attribution(work, recorded_at=recorded_at),
        )
    )  # fmt: skip
    work.session.flush()


def pays(
    work: Work, patient_id: UUID, payer: PayerKind, *, first: date, until: date | None
) -> None:
    work.session.add(
        Coverage(
            id=new_id(), organization_id=work.site.organization_id, patient_id=patient_id,
            payer=payer, starts_on=first, ends_on=until,
            end_recorded_at=work.site.instant(until, time(12, 0)) if until else None,
            **ward.attribution(work, recorded_at=work.site.instant(first, time(12, 0))),
        )
    )  # fmt: skip
    work.session.flush()


def test_a_new_counselor_is_a_transfer_between_two_lines(work: Work) -> None:
    ash = ward.admitted(work, on=MONDAY)
    particulars(work, ash, on=MONDAY, sequence=1, counselor_id=cast.NORA.id)
    particulars(work, ash, on=WEDNESDAY, sequence=2, counselor_id=cast.NELL.id)

    nora, nell = str(cast.NORA.id), str(cast.NELL.id)
    monday = lines(work, MONDAY, Axis.COUNSELOR)
    wednesday = lines(work, WEDNESDAY, Axis.COUNSELOR)

    assert numbers(monday[nora]) == (0, 1, 0, 0, 0, 1)
    assert numbers(wednesday[nora]) == (1, 0, 0, 1, 0, 0)
    assert numbers(wednesday[nell]) == (0, 0, 1, 0, 0, 1)


def test_a_payer_changes_when_the_day_begins(work: Work) -> None:
    ash = ward.admitted(work, on=MONDAY)
    pays(work, ash.patient_id, PayerKind.MEDICAID, first=MONDAY, until=WEDNESDAY)
    pays(work, ash.patient_id, PayerKind.SELF_PAY, first=WEDNESDAY, until=None)

    assert numbers(lines(work, MONDAY, Axis.PAYER)["medicaid"]) == (0, 1, 0, 0, 0, 1)
    assert numbers(lines(work, WEDNESDAY, Axis.PAYER)["medicaid"]) == (1, 0, 0, 1, 0, 0)
    assert numbers(lines(work, WEDNESDAY, Axis.PAYER)["self_pay"]) == (0, 0, 1, 0, 0, 1)


def test_a_slice_counts_who_enters_and_leaves_it_while_in_care(work: Work) -> None:
    ash, birch = (ward.admitted(work, on=MONDAY, name=name) for name in ("Ash", "Birch"))
    ward.takes(work, episode=ash, on=TUESDAY, medication=MedicationState.METHADONE)
    ward.moves(work, episode=birch, on=TUESDAY, to=OUTPATIENT)
    on_methadone = Slice(((Axis.MEDICATION, "methadone"),))

    tuesday = replay(work, vantage=Vantage(TUESDAY))

    assert numbers(tuesday.total(part=on_methadone)) == (0, 0, 1, 0, 0, 1)
    in_otp = Slice(((Axis.LEVEL, "opioid_treatment"),))
    assert numbers(tuesday.total(part=in_otp)) == (2, 0, 0, 1, 0, 1)


def test_a_minute_of_a_day(work: Work) -> None:
    ward.admitted(work, on=MONDAY)  # at noon

    before = Vantage(MONDAY, at=work.site.instant(MONDAY, time(11, 59)))
    after = Vantage(MONDAY, at=work.site.instant(MONDAY, time(12, 0)))

    assert replay(work, vantage=before).total(part=EVERYBODY).today == 0
    assert replay(work, vantage=after).total(part=EVERYBODY).today == 1


def test_what_was_known_that_evening_and_what_is_true_of_it(work: Work) -> None:
    that_noon = replace(work, now=work.site.instant(MONDAY, time(12, 0)))
    ash, birch = (ward.admitted(that_noon, on=MONDAY, name=name) for name in ("Ash", "Birch"))
    ward.moves(work, episode=ash, on=TUESDAY, to=OUTPATIENT)  # recorded weeks later
    ward.discharged(work, episode=birch, on=TUESDAY)
    evening = work.site.day_start(WEDNESDAY)

    true = replay(work, vantage=Vantage(TUESDAY))
    known = replay(work, vantage=Vantage(TUESDAY, known_by=evening))

    assert numbers(true.total(part=EVERYBODY)) == (2, 0, 0, 0, 1, 1)
    assert numbers(known.total(part=EVERYBODY)) == (2, 0, 0, 0, 0, 2)


def test_a_payer_taken_back_was_known_until_then(work: Work) -> None:
    that_noon = replace(work, now=work.site.instant(MONDAY, time(12, 0)))
    ash = ward.admitted(that_noon, on=MONDAY)
    pays(that_noon, ash.patient_id, PayerKind.MEDICAID, first=MONDAY, until=None)
    work.session.execute(sa.update(Coverage).values(voided_at=work.now))
    evening = work.site.day_start(TUESDAY)

    known = replay(work, vantage=Vantage(MONDAY, known_by=evening))

    assert set(lines(work, MONDAY, Axis.PAYER)) == {"none"}
    payers = known.lines(Axis.PAYER, part=EVERYBODY, labels={})
    assert [(one.key, one.today) for one in payers] == [("medicaid", 1)]


def _changed(work: Work, episode: Episode, changes: Changes) -> None:
    """Live through changes of every axis but the level, each on its day, in order."""
    counselor, unit, pregnant, sequence = 0, 0, False, 0
    is_open = False
    people = (None, cast.NORA.id, cast.NELL.id)
    payer_days = sorted({day for day, what in changes if what == "payer"})
    for day, following in zip(payer_days, [*payer_days[1:], None], strict=False):
        payer = list(PayerKind)[day % 7]
        until = None if following is None else DAYS[following]
        pays(work, episode.patient_id, payer, first=DAYS[day], until=until)
    for day, what in sorted(changes):
        if what in {"methadone", "none"}:
            wanted = MedicationState(what)
            last = work.session.scalar(
                sa.select(MedicationTransition.to_medication)
                .where(MedicationTransition.episode_id == episode.id)
                .order_by(MedicationTransition.sequence.desc())
                .limit(1)
            )
            if wanted is not (last or MedicationState.NONE):
                ward.takes(work, episode=episode, on=DAYS[day], medication=wanted)
        elif what == "cbt":
            ended = DAYS[day + 3] if day % 2 and day + 3 < len(DAYS) else None
            if ended is None and is_open:
                continue  # one open course of a treatment at a time
            is_open = is_open or ended is None
            ward.a_course(work, episode=episode, modality="cbt", on=DAYS[day], until=ended)
        elif what != "payer":
            counselor += what == "counselor"
            unit += what == "unit"
            pregnant ^= what == "pregnant"
            sequence += 1
            particulars(
                work, episode, on=DAYS[day], sequence=sequence, unit=f"House {unit}",
                counselor_id=people[counselor % 3], pregnant=pregnant,
            )  # fmt: skip


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(histories=HISTORIES, changes=CHANGES)
def test_every_axis_of_every_day_reconciles_and_equals_the_census(
    work: Work, histories: list[History], changes: list[Changes]
) -> None:
    with work.session.begin_nested() as attempt:
        for history, changed in zip(histories, changes, strict=False):
            _lives(work, history)
            episode = work.session.scalars(sa.select(Episode).order_by(Episode.id.desc())).first()
            assert episode is not None
            _changed(work, episode, changed)
        work.session.flush()
        whole = replay(work, vantage=Vantage(DAYS[-1]), first=FIRST)
        for day in DAYS[::3]:
            found = replay(work, vantage=Vantage(day))
            census = census_on(work, day=day)
            total = found.total(part=EVERYBODY)
            assert (total.today, total.yesterday) == (census.in_care, census.total.yesterday)
            assert (total.admitted, total.discharged) == (
                census.total.admitted,
                census.total.discharged,
            )
            for axis in SPLIT_AXES:
                each = found.lines(axis, part=EVERYBODY, labels={})
                assert [one for one in each if not one.reconciles] == []
                for one in each:
                    part = Slice(((axis, str(one.key)),))
                    assert found.total(part=part).reconciles
                    assert found.total(part=part).today == one.today
                if axis is not Axis.MODALITY:
                    assert sum(one.today for one in each) == census.in_care
        for axis in SPLIT_AXES:
            assert all(one.reconciles for one in whole.lines(axis, part=EVERYBODY, labels={}))
        attempt.rollback()
    work.session.expunge_all()


def test_as_many_statements_for_thirty_patients_as_for_one(work: Work) -> None:
    def sent() -> int:
        with statements() as seen:
            replay(work, vantage=Vantage(TUESDAY))
        return len(seen)

    ward.admitted(work, on=MONDAY)
    for_one = sent()
    for number in range(25):
        ward.admitted(work, on=TUESDAY, name=f"Patient {number}")

    assert (for_one, sent()) == (8, 8)

"""Take-homes as they are decided, prepared, handed out, brought back and lost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.dosing import queries, services
from clinic.dosing.facts import (
    BottleState,
    CriteriaOutcome,
    ExceptionKind,
    HoldReason,
    Place,
    TakeHomeCriterion,
)
from clinic.dosing.models import TakeHomeBottle
from clinic.dosing.queries.pickups import pickup
from clinic.dosing.queries.take_home_records import decisions_of
from clinic.dosing.queries.take_homes import (
    bottles_of,
    empties_expected,
    labels_of,
    losses,
    take_homes_dispensed,
)
from clinic.dosing.services.take_home_bottles import (
    answer_loss,
    check,
    destroy,
    hand_out,
    prepare,
    report_lost,
    take_back,
)
from clinic.dosing.services.take_homes import (
    allow_exception,
    revoke,
    set_schedule,
    withdraw_exception,
)
from clinic.stock.models import StockBottle, StockMovement
from clinic.stock.queries.incidents import incidents
from tests import cast
from tests.conftest import Clock, WorkAs
from tests.dosing.builders import a_bottle, an_order, in_treatment
from tests.dosing.take_home_builders import (
    a_bench,
    a_grant,
    a_schedule,
    all_handed_out,
    coming_on_tuesdays,
    findings,
)

MARCH = [date(2026, 3, day) for day in range(1, 32)]
WEDNESDAY_TO_MONDAY = tuple(MARCH[3:9])
"""4 to 9 March 2026; the 8th is a Sunday, when the site is shut."""


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    return coming_on_tuesdays(work_as)


def bottles(work_as: WorkAs, patient_id: UUID) -> list[TakeHomeBottle]:
    with work_as() as work:
        return list(
            work.session.scalars(
                sa.select(TakeHomeBottle)
                .where(TakeHomeBottle.patient_id == patient_id)
                .order_by(TakeHomeBottle.take_on)
            )
        )


def test_a_week_is_prepared_out_of_the_stock_and_handed_out_once(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        made = prepare(work, patient_id=patient_id, window=1)
    with work_as() as work:
        assert made.take_on == WEDNESDAY_TO_MONDAY
        drawn = work.session.scalars(sa.select(StockMovement.quantity)).all()
        left = work.session.scalars(sa.select(StockBottle.balance)).one()
        assert sorted(drawn) == [4000] * 6 + [1_000_000]
        assert left == 1_000_000 - 6 * 4000
    with pytest.raises(Refused, match="No bottle is due"), work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)

    with work_as(cast.NELL) as work:
        assert check(work, patient_id=patient_id) == 6
        hand_out(work, patient_id=patient_id, codes=made.codes, window=2)
    with pytest.raises(Clash, match="Handed out"), work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=made.codes)

    with work_as() as work:
        lines = take_homes_dispensed(work, day=work.service_date)
        assert [line.take_on for line in lines] == list(WEDNESDAY_TO_MONDAY)
        assert {(line.dispensed_by, line.window) for line in lines} == {("Nell Secondnurse", 2)}
        kinds = [one.kind.value for one in bottles_of(work, patient_id=patient_id)]
        assert kinds == ["regular"] * 4 + ["closure", "regular"]


def test_a_bottle_at_home_covers_its_day_at_the_window(
    work_as: WorkAs, clock: Clock, patient_id: UUID
) -> None:
    made = all_handed_out(work_as, patient_id)
    with work_as(cast.NORA) as work:
        a_bottle(work)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    clock.now += timedelta(days=1)

    with work_as(cast.NORA) as work:
        (row,) = queries.queue(work, day=work.service_date).rows
        assert row.place is Place.COVERED
    with pytest.raises(Refused) as refused, work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    assert refused.value.reasons == (f"Bottle {made.codes[0]} for 04 Mar went home on 03 Mar.",)
    clock.now += timedelta(days=6)
    with work_as(cast.NORA) as work:
        facts = queries.facts_for_dose(work, patient_id=patient_id, window=1).facts
        assert facts.history.last_covered == date(2026, 3, 9)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)


def test_a_day_that_was_dosed_gets_no_bottle(work_as: WorkAs, clock: Clock) -> None:
    patient_id = coming_on_tuesdays(work_as)
    with work_as(cast.NORA) as work:
        made = prepare(work, patient_id=patient_id, window=1)
        a_bottle(work)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    clock.now += timedelta(days=1)
    with work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    with pytest.raises(Refused, match="04 Mar is covered already"), work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=made.codes)
    with work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=made.codes[1:])
    clock.now += timedelta(days=30)
    with pytest.raises(Refused), work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=made.codes[:1])


def test_a_hold_or_a_revocation_keeps_prepared_bottles_here(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        made = prepare(work, patient_id=patient_id, window=1)
    with work_as(cast.PIA) as work:
        revoke(work, patient_id=patient_id, reason="Two bottles were sold, a neighbour says.")
    with pytest.raises(Refused, match="revoked"), work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=made.codes)
    with work_as(cast.NORA) as work:
        closure = made.codes[4]
        hand_out(work, patient_id=patient_id, codes=[closure])  # Sunday needs no decision
    with pytest.raises(Clash, match="nothing to revoke"), work_as(cast.PIA) as work:
        revoke(work, patient_id=patient_id, reason="Said a second time over.")
    with work_as(cast.PIA) as work:
        a_grant(work, patient_id=patient_id)
        services.hold(work, patient_id=patient_id, reason=HoldReason.IMPAIRMENT)
    with pytest.raises(Refused, match="On hold"), work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=made.codes[:4])


def test_all_six_are_considered_and_a_newer_decision_replaces_the_last(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with pytest.raises(Refused, match="regular attendance"), work_as(cast.PIA) as work:
        a_grant(
            work,
            patient_id=patient_id,
            findings=[
                one
                for one in findings()
                if one.criterion is not TakeHomeCriterion.REGULAR_ATTENDANCE
            ],
        )
    with pytest.raises(Refused, match="no recent diversion"), work_as(cast.PIA) as work:
        a_grant(
            work,
            patient_id=patient_id,
            findings=findings(failed={TakeHomeCriterion.NO_RECENT_DIVERSION}),
        )
    with pytest.raises(Refused, match="at most 7 doses"), work_as(cast.PIA) as work:
        a_grant(work, patient_id=patient_id, ceiling_doses=8)
    with pytest.raises(Forbidden), work_as(cast.NORA) as work:
        a_grant(work, patient_id=patient_id)
    with work_as(cast.PIA) as work:
        a_grant(
            work,
            patient_id=patient_id,
            outcome=CriteriaOutcome.REFUSED,
            findings=findings(failed={TakeHomeCriterion.NO_RECENT_DIVERSION}),
        )
    with work_as() as work:
        newest, first = decisions_of(work, patient_id=patient_id)
        assert (newest.number, newest.outcome, newest.ceiling_doses) == (
            2,
            CriteriaOutcome.REFUSED,
            0,
        )
        assert (first.treatment_day, first.profile_doses) == (1, 7)
        assert first.review_by == date(2026, 4, 2)  # 30 days while early in treatment
        visit = pickup(work, patient_id=patient_id, day=work.service_date)
        assert visit is not None
        assert visit.plan.regular_dates == ()
        assert visit.plan.closure_dates == (date(2026, 3, 8),)


def test_an_exception_replaces_the_ceiling_for_its_dates(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.PIA) as work:
        a_grant(work, patient_id=patient_id, ceiling_doses=2)
    with work_as() as work:
        visit = pickup(work, patient_id=patient_id, day=work.service_date)
        assert visit is not None
        assert visit.plan.regular_dates == tuple(MARCH[3:5])
        assert [one.take_on for one in visit.plan.left_out] == [*MARCH[5:7], MARCH[8]]
    with work_as(cast.PIA) as work:
        exception_id = allow_exception(
            work,
            patient_id=patient_id,
            kind=ExceptionKind.TRAVEL,
            doses=13,
            starts_on=MARCH[2],
            ends_on=MARCH[9],
            source="SMA-168 approved 2 March 2026",
            reason="Funeral in another state",
        )
    with work_as() as work:
        visit = pickup(work, patient_id=patient_id, day=work.service_date)
        assert visit is not None
        assert (len(visit.plan.regular_dates), visit.plan.ceiling_doses) == (5, 13)
    with work_as(cast.PIA) as work:
        withdraw_exception(work, exception_id=exception_id, reason="The journey is off.")
    with pytest.raises(Clash, match="Already withdrawn"), work_as(cast.PIA) as work:
        withdraw_exception(work, exception_id=exception_id, reason="Again.")
    with pytest.raises(Refused, match="who approved it"), work_as(cast.PIA) as work:
        allow_exception(
            work,
            patient_id=patient_id,
            kind=ExceptionKind.ILLNESS,
            doses=3,
            starts_on=MARCH[2],
            ends_on=MARCH[9],
            source="",
            reason="",
        )


def test_questions_must_be_answered_before_a_part_is_prepared(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.PIA) as work:
        a_grant(work, patient_id=patient_id, ceiling_doses=2)
    with pytest.raises(Refused, match="Not covered: Fri 06 Mar"), work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)
    with work_as(cast.NORA) as work:
        made = prepare(work, patient_id=patient_id, window=1, confirmed=["take_home_ceiling"])
    assert made.take_on == (MARCH[3], MARCH[4], MARCH[7])


def test_empties_come_back_and_a_full_one_goes_to_quarantine(
    work_as: WorkAs, clock: Clock, patient_id: UUID
) -> None:
    made = all_handed_out(work_as, patient_id)
    clock.now += timedelta(days=7)
    with work_as(cast.NORA) as work:
        expected = empties_expected(work, patient_id=patient_id, day=work.service_date)
        assert [one.code for one in expected] == list(made.codes)
        take_back(work, patient_id=patient_id, codes=made.codes[:4], full=made.codes[4:5])
    with work_as() as work:
        (missing,) = empties_expected(work, patient_id=patient_id, day=work.service_date)
        assert missing.code == made.codes[5]
        quarantined = work.session.scalars(
            sa.select(StockBottle.balance).where(StockBottle.place == "quarantine")
        ).all()
        assert quarantined == [4000]
    with pytest.raises(Clash, match="is not out"), work_as(cast.NORA) as work:
        take_back(work, patient_id=patient_id, codes=made.codes[:1])
    with pytest.raises(NotFound), work_as(cast.NORA) as work:
        take_back(work, patient_id=patient_id, codes=["TH-NOBODYS"])


def test_a_lost_bottle_is_not_replaced_until_the_prescriber_says_so(
    work_as: WorkAs, clock: Clock, patient_id: UUID
) -> None:
    all_handed_out(work_as, patient_id)
    lost = bottles(work_as, patient_id)[1]
    clock.now += timedelta(days=2)
    with pytest.raises(Refused, match="what is known of what happened"), work_as(cast.NORA) as work:
        report_lost(work, bottle_id=lost.id, account="gone")
    with work_as(cast.NORA) as work:
        a_bottle(work)
        report_lost(work, bottle_id=lost.id, account="Bag left on the bus on Tuesday evening.")
    with pytest.raises(Refused, match="It is lost"), work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    with pytest.raises(Forbidden), work_as(cast.NORA) as work:
        answer_loss(work, bottle_id=lost.id, replaced=True, reason="Kind nurse")
    with work_as(cast.PIA) as work:
        assert [one.id for one in losses(work)] == [lost.id]
        answer_loss(work, bottle_id=lost.id, replaced=True, reason="Police report seen.")
    with work_as(cast.NORA) as work:
        assert losses(work) == []
        given = services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
        assert given.service_date == date(2026, 3, 5)


def test_a_bottle_nobody_fetched_is_wasted_before_a_witness(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)
    unclaimed = bottles(work_as, patient_id)[0]
    with pytest.raises(Refused, match="second person"), work_as(cast.NORA) as work:
        destroy(work, bottle_id=unclaimed.id, witness_id=cast.NORA.id, reason="Not fetched")
    with work_as(cast.NORA) as work:
        destroy(work, bottle_id=unclaimed.id, witness_id=cast.NELL.id, reason="Not fetched")
    first = bottles(work_as, patient_id)[0]
    assert (first.state, first.covers) == (BottleState.DESTROYED, False)
    with work_as(cast.NORA) as work:
        made = prepare(work, patient_id=patient_id, window=1)
    assert made.take_on == (date(2026, 3, 4),)  # the date is free again
    with pytest.raises(Clash, match="is not here"), work_as(cast.NORA) as work:
        destroy(work, bottle_id=unclaimed.id, witness_id=cast.NELL.id, reason="Again")


def test_another_site_sees_and_touches_nothing(work_as: WorkAs, patient_id: UUID) -> None:
    made = all_handed_out(work_as, patient_id)
    bottle = bottles(work_as, patient_id)[0]
    with work_as(cast.OLGA) as work:
        assert bottles_of(work, patient_id=patient_id) == []
    with pytest.raises(NotFound), work_as(cast.OLGA) as work:
        report_lost(work, bottle_id=bottle.id, account="Not her bottle at all.")
    with pytest.raises((NotFound, Refused)), work_as(cast.OLGA) as work:
        take_back(work, patient_id=patient_id, codes=made.codes)


def test_somebody_else_checks_what_one_prepared(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)
    with pytest.raises(Refused, match="Somebody else"), work_as(cast.NORA) as work:
        check(work, patient_id=patient_id)
    with work_as(cast.NELL) as work:
        check(work, patient_id=patient_id)
    with pytest.raises(Clash, match="has been checked"), work_as(cast.NELL) as work:
        check(work, patient_id=patient_id)


def test_without_lockbox_only_the_closed_day_goes_home(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
        a_grant(work, patient_id=patient_id)
        a_schedule(work, patient_id=patient_id, lockbox_seen=False)
        visit = pickup(work, patient_id=patient_id, day=work.service_date)
    assert visit is not None
    assert visit.plan.regular_dates == ()
    assert visit.plan.closure_dates == (date(2026, 3, 8),)
    assert "lockbox" in {reason.code for reason in visit.plan.decision.reasons}


def test_a_schedule_needs_a_weekday_and_a_future(work_as: WorkAs, patient_id: UUID) -> None:
    for wrong in ([], [7], [-1]):
        with pytest.raises(Refused, match="at least one weekday"), work_as(cast.PIA) as work:
            set_schedule(work, patient_id=patient_id, weekdays=wrong)
    with pytest.raises(Refused, match="today or later"), work_as(cast.PIA) as work:
        a_schedule(work, patient_id=patient_id, valid_from=date(2026, 3, 2))


def test_a_label_says_everything(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)
        first, *_ = labels_of(work, bottles=bottles_of(work, patient_id=patient_id))
    assert (first.otp_name, first.amount, first.of) == (
        "Harbor Program, Harbor North",
        "40 mg = 4 mL",
        "Bottle 1 of 6",
    )
    assert (first.take_on, first.dispensed_on) == (date(2026, 3, 4), date(2026, 3, 3))
    assert (first.prescriber, first.medicine) == (
        "Pia Prescriber",
        "Methadone, oral concentrate",
    )


def test_a_bench_too_empty_prepares_nothing(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
        a_grant(work, patient_id=patient_id)
        a_schedule(work, patient_id=patient_id)
    with pytest.raises(Clash, match="holds 0 mL"), work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)
    assert bottles(work_as, patient_id) == []
    with work_as(cast.NORA) as work:
        a_bench(work)
        assert len(prepare(work, patient_id=patient_id, window=1).codes) == 6


def test_the_evening_portion_goes_home_and_is_neither_missed_nor_given_again(
    work_as: WorkAs, clock: Clock
) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id, portions=2)
        a_schedule(work, patient_id=patient_id, weekdays=range(6), later_portions_home=True)
    with work_as(cast.NORA) as work:
        a_bench(work)
        a_bottle(work)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
        made = prepare(work, patient_id=patient_id, window=1)
        assert made.take_on == (work.service_date,)
    with pytest.raises(Refused, match="No bottle is due"), work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)
    with work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=made.codes)
    (bottle,) = bottles(work_as, patient_id)
    assert (bottle.portion, bottle.kind.value, bottle.dose_mg) == (2, "later_portion", Decimal(20))
    with work_as(cast.NORA) as work:
        (row,) = queries.queue(work, day=work.service_date).rows
        assert row.place is Place.DOSED
    with pytest.raises(Refused, match="went home on 03 Mar"), work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1, portion=2)
    clock.now += timedelta(days=1)
    with work_as(cast.NORA) as work:
        assert queries.missed_list(work, day=work.service_date) == []
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
        again = prepare(work, patient_id=patient_id, window=1)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1, portion=2)
    with pytest.raises(Refused, match="Portion 2 of 04 Mar"), work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=again.codes)


def test_a_prepared_bottle_that_is_missing_is_the_clinic_s_loss_a_patient_s_is_not(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        made = prepare(work, patient_id=patient_id, window=1)
    first, second, *_ = bottles(work_as, patient_id)
    with work_as(cast.NORA) as work:
        hand_out(work, patient_id=patient_id, codes=[made.codes[1]])
        report_lost(work, bottle_id=second.id, account="Left on the bus this morning.")
        assert incidents(work) == []
        report_lost(work, bottle_id=first.id, account="Not on the bench at noon.", stolen=True)
        (incident,) = incidents(work)
    assert (incident.kind.value, incident.quantity, incident.notify_dea_by) == (
        "theft",
        -4000,
        date(2026, 3, 4),
    )
    assert made.codes[0] in incident.note
    with pytest.raises(Clash, match="is not out: stolen"), work_as(cast.NORA) as work:
        report_lost(work, bottle_id=first.id, account="Not on the bench at noon.")
    with work_as(cast.NORA) as work:
        assert prepare(work, patient_id=patient_id, window=1).take_on == (MARCH[3],)

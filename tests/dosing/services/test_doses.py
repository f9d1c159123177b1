"""Giving a dose and taking one back, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.core.service_dates import SiteClock
from clinic.data.db import db
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import GivenDose, HoldReason, Place, VoidReason
from clinic.dosing.models import Dose, DoseVoid
from clinic.sites.models import Site
from clinic.stock import queries as stock
from clinic.stock.facts import SAFE, Form, Medication, StockMovementKind, at_window
from clinic.stock.models import StockBottle, StockMovement
from clinic.stock.queries.bottles import CHANGE
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import FIRST_DAY, a_bottle, an_order, in_treatment, ready_to_dose
from tests.programs.builders import an_admission
from tests.stock.builders import in_hand


def give(
    work_as: WorkAs,
    patient_id: UUID,
    *,
    by: cast.Member = cast.NORA,
    now: datetime | None = None,
    site: SiteClock | None = None,
    order_number: int = 1,
    portion: int = 1,
    confirmed: tuple[str, ...] = (),
    is_injection: bool = False,
) -> GivenDose:
    with work_as(by, now=now, site=site) as work:
        return services.give_dose(
            work,
            patient_id=patient_id,
            order_number=order_number,
            window=1,
            portion=portion,
            confirmed=confirmed,
            is_injection=is_injection,
        )


def movements() -> list[tuple[str, int, int]]:
    rows = db.session.execute(
        sa.select(StockMovement.kind, CHANGE.label("change"), StockMovement.balance_after).order_by(
            StockMovement.sequence
        )
    )
    return [(row.kind.value, row.change, row.balance_after) for row in rows]


def test_a_dose_is_recorded_with_everything_the_log_wants_and_drawn_from_the_bottle(
    work_as: WorkAs,
) -> None:
    patient_id = ready_to_dose(work_as)

    given = give(work_as, patient_id)

    dose = db.session.scalars(sa.select(Dose)).one()
    assert (given.dose_mg, given.volume_ml, given.balance_ml) == (
        Decimal(40),
        Decimal(4),
        Decimal(996),
    )
    assert (dose.service_date, dose.time_zone, dose.occurred_at) == (
        FIRST_DAY,
        "America/New_York",
        cast.NOW,
    )
    assert (dose.medication, dose.form, dose.dose_ug) == (
        Medication.METHADONE,
        Form.ORAL_CONCENTRATE,
        40_000,
    )
    assert (dose.volume_ul, dose.concentration_ug_per_ml, dose.window) == (4000, 10_000, 1)
    assert (dose.order_number, dose.portion, dose.series) == (1, 1, 1)
    assert (dose.recorded_by, dose.recorded_by_name) == (cast.NORA.id, "Nora Nurse")
    assert dose.decision == {"verdict": "go", "reasons": [], "confirmed": []}
    assert movements() == [("initial", 1_000_000, 1_000_000), ("dose", -4000, 996_000)]
    leaf = db.session.scalars(sa.select(AuditLeaf).where(AuditLeaf.action == "dose.give")).one()
    assert (leaf.patient_id, leaf.detail["dose_mg"]) == (patient_id, "40")


def test_the_second_dose_is_refused_with_who_and_when(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    give(work_as, patient_id)

    with pytest.raises(Clash, match="40 mg given at 09:00 by Nora Nurse under order 1"):
        give(work_as, patient_id, by=cast.NELL, now=cast.NOW + timedelta(minutes=3))

    assert len(movements()) == 2


def test_going_around_the_rule_meets_the_wall(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    give(work_as, patient_id)
    dose = db.session.execute(sa.select(*Dose.__table__.columns)).mappings().one()

    with pytest.raises(Clash, match="already recorded"), work_as(cast.NELL) as work:
        work.session.execute(sa.insert(Dose), dict(dose) | {"id": work.new_id()})


def test_a_dose_that_would_empty_the_bottle_below_zero_meets_the_wall(work_as: WorkAs) -> None:
    ready_to_dose(work_as)

    with pytest.raises(Clash, match="does not hold enough"), work_as(cast.NORA) as work:
        work.session.execute(sa.update(StockBottle).values(balance=-1))


@pytest.mark.parametrize("member", [cast.FRANK, cast.CARL, cast.PIA, cast.ADA, cast.INGRID])
def test_only_nurses_and_pharmacists_dispense(work_as: WorkAs, member: cast.Member) -> None:
    patient_id = ready_to_dose(work_as)
    with pytest.raises(Forbidden):
        give(work_as, patient_id, by=member)


def test_a_nurse_of_another_site_has_no_order_to_give_under(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    with pytest.raises(Refused, match="No order covers"):
        give(work_as, patient_id, by=cast.OLGA)


def test_an_unknown_patient_is_not_found(work_as: WorkAs) -> None:
    with pytest.raises(NotFound):
        give(work_as, UUID("00000000-0000-7000-8000-00000000dead"))


def test_an_order_that_changed_since_the_page_was_opened_is_a_clash(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    with work_as(cast.PIA) as work:
        an_order(
            work,
            patient_id=patient_id,
            dose_mg=Decimal(45),
            confirmed_reasons=("increase_too_soon",),
        )

    with pytest.raises(Clash, match=r"The order changed to 45 mg \(order 2, by Pia Prescriber\)"):
        give(work_as, patient_id, order_number=1)

    assert give(work_as, patient_id, order_number=2).dose_mg == Decimal(45)


def test_a_question_left_open_refuses_and_answered_lets_the_dose_through(
    work_as: WorkAs,
) -> None:
    patient_id = ready_to_dose(work_as)
    give(work_as, patient_id)
    two_days_later = cast.NOW + timedelta(days=2)

    with pytest.raises(Refused, match="1 missed: assess"):
        give(work_as, patient_id, now=two_days_later)
    give(work_as, patient_id, now=two_days_later, confirmed=("nurse_assessment",))

    last = db.session.scalars(sa.select(Dose).order_by(Dose.service_date.desc())).first()
    assert last is not None
    assert last.decision["verdict"] == "ask"
    assert last.decision["confirmed"] == ["nurse_assessment"]


def test_a_hold_stops_until_a_newer_order(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    with work_as(cast.NORA) as work:
        services.hold(work, patient_id=patient_id, reason=HoldReason.IMPAIRMENT)
    with pytest.raises(Refused, match="On hold since 03 Mar by Nora Nurse"):
        give(work_as, patient_id)

    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)

    assert give(work_as, patient_id, order_number=2).order_number == 2


def test_portions_of_a_split_dose_are_given_once_each(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as, portions=2)

    assert give(work_as, patient_id, portion=1).dose_mg == Decimal(20)
    with pytest.raises(Clash):
        give(work_as, patient_id, portion=1)
    assert give(work_as, patient_id, portion=2).volume_ml == Decimal(2)
    with pytest.raises(Clash):
        give(work_as, patient_id, portion=2)


def a_pack(work: Work, code: str, units: int) -> UUID:
    return in_hand(work, code=code, lot="T-1", amount=Decimal(units))


def test_tablets_come_out_of_the_packs_that_are_open_and_go_back_as_waste(
    work_as: WorkAs,
) -> None:
    patient_id = ready_to_dose(work_as, form=Form.TABLET, dose_mg=Decimal(45))
    with pytest.raises(Refused, match="No methadone, tablet, is open at window 1"):
        give(work_as, patient_id)
    with work_as(cast.NORA) as work:
        a_pack(work, "methadone_tablet_10", 100)
    with pytest.raises(Refused, match=r"45 mg cannot be made up .* 100 tablets of 10 mg"):
        give(work_as, patient_id)
    with work_as(cast.NORA) as work:
        a_pack(work, "methadone_tablet_5", 100)

    given = give(work_as, patient_id)

    assert (given.volume_ml, given.balance_ml) == (None, None)
    with work_as(cast.NORA) as work:
        left = {one.product.strength_mg: one.units for one in stock.packs_at(work, 1)}
    assert left == {Decimal(10): 96, Decimal(5): 99}

    void(work_as, given.dose_id)
    with work_as(cast.NORA) as work:
        shown = {one.product.code: (one.dispensed, one.wasted) for one in stock.bottles(work)}
    assert shown["methadone_tablet_10"] == (Decimal(0), Decimal(4))
    assert shown["methadone_tablet_5"] == (Decimal(0), Decimal(1))


def test_an_injection_is_given_once_for_its_order_and_covers_its_days(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(
            work,
            patient_id=patient_id,
            medication=Medication.BUPRENORPHINE,
            form=Form.INJECTION,
            dose_mg=Decimal(300),
            ends_on=FIRST_DAY + timedelta(days=7),
            confirmed_reasons=("buprenorphine_start",),
        )
    with work_as(cast.NORA) as work:
        in_hand(work, code="buprenorphine_monthly_300", amount=Decimal(1))
    next_day = cast.NOW + timedelta(days=1)
    give(work_as, patient_id, confirmed=("injection",), is_injection=True)

    with pytest.raises(Clash, match="This injection was given on 03 Mar 2026 by Nora Nurse"):
        give(work_as, patient_id, now=next_day, is_injection=True)
    with work_as(cast.NORA, now=next_day) as work:
        (row,) = queries.queue(work, day=work.service_date).rows
    assert row.place is Place.COVERED


def test_a_dose_at_another_site_of_the_organisation_covers_the_day(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    give(work_as, patient_id)
    with work_as(cast.PIA) as work:
        services.stop_order(work, patient_id=patient_id, order_number=1, reason="moves south")
    with work_as(cast.FRANK, site=cast.SOUTH) as work:
        an_admission(work, patient_id=patient_id)
    with work_as(cast.PIA, site=cast.SOUTH) as work:
        an_order(work, patient_id=patient_id)

    with pytest.raises(Clash, match="given at 06:00 by Nora Nurse"):
        give(work_as, patient_id, by=cast.OLGA, site=cast.SOUTH)


class TestServiceDay:
    """The clinic day decides, not the date in UTC and not the wall clock's pass."""

    def test_either_side_of_midnight_are_two_days(self, work_as: WorkAs) -> None:
        patient_id = ready_to_dose(work_as)
        before = datetime(2026, 3, 4, 4, 59, tzinfo=UTC)
        after = datetime(2026, 3, 4, 5, 1, tzinfo=UTC)
        assert give(work_as, patient_id, now=before).service_date == date(2026, 3, 3)
        assert give(work_as, patient_id, now=after).service_date == date(2026, 3, 4)

    def test_a_day_that_starts_at_four_keeps_the_night_to_itself(self, work_as: WorkAs) -> None:
        patient_id = ready_to_dose(work_as)
        late = SiteClock(cast.NORTH.id, cast.ORGANIZATION, "America/New_York", time(4, 0))
        with work_as(cast.ADA) as work:
            work.session.execute(
                sa.update(Site).where(Site.id == cast.NORTH.id).values(day_starts_at=time(4, 0))
            )
        give(work_as, patient_id, site=late, now=datetime(2026, 3, 4, 1, 0, tzinfo=UTC))
        with pytest.raises(Clash):
            give(work_as, patient_id, site=late, now=datetime(2026, 3, 4, 6, 30, tzinfo=UTC))
        fresh = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
        assert give(work_as, patient_id, site=late, now=fresh).service_date == date(2026, 3, 4)

    @pytest.mark.parametrize(
        ("first", "second", "day"),
        [
            # 01:30 comes twice on 1 November 2026 in New York.
            (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC), 1),
            # The hour after 02:00 is missing on 8 March 2026.
            (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), datetime(2026, 3, 8, 7, 1, tzinfo=UTC), 8),
        ],
        ids=["autumn", "spring"],
    )
    def test_a_clock_change_makes_no_second_day(
        self, work_as: WorkAs, first: datetime, second: datetime, day: int
    ) -> None:
        with work_as(cast.FRANK, now=first) as work:
            patient_id = in_treatment(work)
        with work_as(cast.PIA, now=first) as work:
            an_order(work, patient_id=patient_id)
        with work_as(cast.NORA, now=first) as work:
            a_bottle(work)
        sunday = ("closed_day",)

        assert give(work_as, patient_id, now=first, confirmed=sunday).service_date.day == day
        with pytest.raises(Clash):
            give(work_as, patient_id, now=second, confirmed=sunday)


def void(
    work_as: WorkAs,
    dose_id: UUID,
    *,
    reason: VoidReason = VoidReason.SPILLED,
    witness: cast.Member = cast.NELL,
) -> None:
    with work_as(cast.NORA) as work:
        services.void_dose(
            work, dose_id=dose_id, service_date=FIRST_DAY, reason=reason, witness_id=witness.id
        )


def test_a_voided_dose_is_waste_and_may_be_given_again_as_the_next_series(
    work_as: WorkAs,
) -> None:
    patient_id = ready_to_dose(work_as)
    first = give(work_as, patient_id)
    void(work_as, first.dose_id)

    with pytest.raises(Refused, match="Make sure nothing was swallowed"):
        give(work_as, patient_id)
    again = give(work_as, patient_id, confirmed=("redose",))

    taken_back = db.session.scalars(sa.select(DoseVoid)).one()
    assert (taken_back.dose_id, taken_back.witnessed_by) == (first.dose_id, cast.NELL.id)
    assert (again.series, again.balance_ml) == (2, Decimal(992))
    assert movements() == [
        ("initial", 1_000_000, 1_000_000),
        ("dose", -4000, 996_000),
        ("dose_returned", 4000, 1_000_000),
        ("waste", -4000, 996_000),
        ("dose", -4000, 992_000),
    ]


def test_what_went_through_a_bottle_adds_up_to_what_it_holds(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    void(work_as, give(work_as, patient_id).dose_id)
    give(work_as, patient_id, confirmed=("redose",))

    with work_as(cast.NORA) as work:
        (bottle,) = stock.bottles(work)
    assert (bottle.received, bottle.dispensed, bottle.wasted) == (
        Decimal(1000),
        Decimal(4),
        Decimal(4),
    )
    assert bottle.held == Decimal(992)
    assert sum(volume for _, volume, _ in movements()) == 992_000


def test_a_vomited_dose_is_the_prescriber_s_to_decide(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    void(work_as, give(work_as, patient_id).dose_id, reason=VoidReason.VOMITED)
    with pytest.raises(Refused, match="Another dose needs a newer order"):
        give(work_as, patient_id, confirmed=("redose",))

    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
    assert give(work_as, patient_id, order_number=2).series == 2


@pytest.mark.parametrize("witness", [cast.NORA, cast.FRANK, cast.OLGA], ids=lambda m: m.username)
def test_the_witness_is_another_clinician_of_this_site(
    work_as: WorkAs, witness: cast.Member
) -> None:
    given = give(work_as, ready_to_dose(work_as))
    with pytest.raises(Refused):
        void(work_as, given.dose_id, witness=witness)
    assert db.session.scalars(sa.select(DoseVoid)).all() == []


def test_a_dose_is_taken_back_once(work_as: WorkAs) -> None:
    given = give(work_as, ready_to_dose(work_as))
    void(work_as, given.dose_id)
    with pytest.raises(Clash, match="Already voided at 09:00 by Nora Nurse"):
        void(work_as, given.dose_id, witness=cast.PHIL)


def test_a_dose_of_another_site_is_not_found(work_as: WorkAs) -> None:
    given = give(work_as, ready_to_dose(work_as))
    with pytest.raises(NotFound), work_as(cast.OLGA) as work:
        services.void_dose(
            work,
            dose_id=given.dose_id,
            service_date=FIRST_DAY,
            reason=VoidReason.SPILLED,
            witness_id=cast.OLGA.id,
        )


def test_opening_a_bottle_puts_the_one_at_that_window_back_into_the_safe(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    give(work_as, patient_id)
    with work_as(cast.NORA) as work:
        a_bottle(work, lot="LOT-2", volume_ml=Decimal(500))

    with work_as(cast.NORA) as work:
        opened, closed = stock.bottles(work)
    assert (opened.lot, opened.spot) == ("LOT-2", at_window(1))
    assert (closed.lot, closed.held, closed.spot) == ("LOT-1", Decimal(996), SAFE)
    kinds = db.session.scalars(sa.select(StockMovement.kind).order_by(StockMovement.id)).all()
    assert kinds.count(StockMovementKind.CLOSED) == 1


@pytest.mark.parametrize(
    "changes",
    [{"window": 0}, {"volume_ml": Decimal(0)}],
    ids=str,
)
def test_a_bottle_that_cannot_be_is_refused(work_as: WorkAs, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused), work_as(cast.NORA) as work:
        a_bottle(work, **changes)

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditSeal
from clinic.core.decision import Decision, Reason
from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.data.types import new_id
from clinic.stock import queries, services
from clinic.stock.facts import (
    PREPARATION,
    QUARANTINE,
    SAFE,
    SUPPLIER,
    CountMoment,
    CountState,
    Finding,
    IncidentKind,
    IncidentStepKind,
    Spot,
    StockMovementKind,
    StockPlace,
    at_window,
)
from clinic.stock.models import StockCount, StockDayClose, StockMovement
from tests import cast
from tests.conftest import WorkAs
from tests.stock.builders import (
    FILMS,
    METHADONE,
    TABLETS,
    WINDOW_ONE,
    a_delivery,
    count_everything,
    in_hand,
    open_at_window,
)

TODAY = date(2026, 3, 3)
NOTHING = Decision()


@pytest.fixture
def open_bottle(work_as: WorkAs) -> UUID:
    """A litre of methadone, received and open at window 1."""
    with work_as(cast.NORA) as work:
        return open_at_window(work)


def draw(work_as: WorkAs, volume_ul: int, code: str = METHADONE) -> UUID:
    subject_id = new_id()
    with work_as(cast.NORA) as work:
        services.take(work, spot=WINDOW_ONE, code=code, quantity=volume_ul, subject_id=subject_id)
    return subject_id


def held(work_as: WorkAs, code: str = METHADONE) -> dict[str, int]:
    with work_as(cast.NORA) as work:
        return {
            spot.code: amount
            for (product, spot), amount in queries.expected_at(work).items()
            if product == code
        }


class TestReceiving:
    def test_a_delivery_stands_in_the_safe_bottle_by_bottle(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            bottles = a_delivery(work, bottles=3)
            (receipt,) = queries.receipts(work)
        assert len(bottles) == 3
        assert (receipt.order_form, receipt.bottles, receipt.size) == ("222-0001", 3, 1_000_000)
        assert held(work_as) == {"safe": 3_000_000}

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"order_form": ""}, "DEA Form 222"),
            ({"supplier_registration": ""}, "registration number"),
            ({"expires_on": TODAY}, "has expired"),
            ({"bottles": 0}, "1 to 500 bottles"),
            ({"size": Decimal(0)}, "1 to 500 bottles"),
            ({"product": TABLETS, "size": Decimal("0.5")}, "whole number of tablets"),
        ],
        ids=str,
    )
    def test_what_the_paper_must_say(
        self, work_as: WorkAs, changes: dict[str, Any], why: str
    ) -> None:
        with pytest.raises(Refused, match=why), work_as(cast.NORA) as work:
            a_delivery(work, **changes)

    def test_schedule_three_needs_no_222(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            a_delivery(work, product=FILMS, size=Decimal(30), order_form="")
        assert held(work_as, FILMS) == {"safe": 30}

    @pytest.mark.parametrize("member", [cast.PIA, cast.ADA, cast.INGRID, cast.CARL])
    def test_only_those_who_manage_stock_receive(
        self, work_as: WorkAs, member: cast.Member
    ) -> None:
        with pytest.raises(Forbidden), work_as(member) as work:
            a_delivery(work)


class TestBottles:
    def test_opening_puts_the_one_at_the_window_back_with_what_is_left(
        self, work_as: WorkAs, open_bottle: UUID
    ) -> None:
        draw(work_as, 400_000)
        with work_as(cast.NORA) as work:
            fresh = open_at_window(work, lot="LOT-10")
            old = queries.bottle(work, bottle_id=open_bottle)
            new = queries.bottle(work, bottle_id=fresh)
        assert (old.spot, old.held, old.closed_at) == (SAFE, Decimal(600), None)
        assert (new.spot, new.state) == (at_window(1), "open")
        assert held(work_as) == {"safe": 600_000, "window-1": 1_000_000}

    def test_an_empty_bottle_is_closed_for_good(self, work_as: WorkAs, open_bottle: UUID) -> None:
        draw(work_as, 1_000_000)
        with work_as(cast.NORA) as work:
            services.put_back(work, bottle_id=open_bottle)
        with pytest.raises(Clash, match="not in the safe"), work_as(cast.NORA) as work:
            services.open_at(work, bottle_id=open_bottle, window=1)

    def test_a_bottle_is_opened_once(self, work_as: WorkAs, open_bottle: UUID) -> None:
        with pytest.raises(Clash, match="not in the safe: window 1"), work_as(cast.NORA) as work:
            services.open_at(work, bottle_id=open_bottle, window=2)

    def test_an_expired_lot_is_not_opened(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            (bottle_id,) = a_delivery(work, expires_on=TODAY + timedelta(days=1))
        tomorrow = cast.NOW + timedelta(days=1)
        with pytest.raises(Refused, match="expired"), work_as(cast.NORA, now=tomorrow) as work:
            services.open_at(work, bottle_id=bottle_id, window=1)

    def test_what_is_in_quarantine_leaves_only_as_waste(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            (bottle_id,) = a_delivery(work)
            services.quarantine(work, bottle_id=bottle_id, reason="Seal broken")
        with pytest.raises(Refused, match="only as waste"), work_as(cast.NORA) as work:
            services.move(work, bottle_id=bottle_id, goal=PREPARATION)
        with work_as(cast.NORA) as work:
            services.waste(
                work,
                bottle_id=bottle_id,
                quantity=1_000_000,
                witness_id=cast.PHIL.id,
                reason="Seal broken",
            )
            assert queries.bottle(work, bottle_id=bottle_id).state == "closed"

    def test_quarantine_is_not_left_by_the_back_door(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            (bottle_id,) = a_delivery(work)
            services.quarantine(work, bottle_id=bottle_id, reason="Seal broken")
        with pytest.raises(Refused, match="only as waste"), work_as(cast.NORA) as work:
            services.put_back(work, bottle_id=bottle_id)

    def test_a_bottle_goes_to_a_pump_and_back(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            (bottle_id,) = a_delivery(work)
            services.move(work, bottle_id=bottle_id, goal=Spot(StockPlace.PUMP, 2))
        assert held(work_as) == {"pump-2": 1_000_000}
        with work_as(cast.NORA) as work:
            services.put_back(work, bottle_id=bottle_id)
        assert held(work_as) == {"safe": 1_000_000}
        with pytest.raises(Refused, match="within the clinic"), work_as(cast.NORA) as work:
            services.move(work, bottle_id=bottle_id, goal=Spot(StockPlace.PUMP, 0))

    def test_an_expired_lot_goes_out_of_use_only(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            (bottle_id,) = a_delivery(work, expires_on=TODAY + timedelta(days=1))
        tomorrow = cast.NOW + timedelta(days=1)
        with pytest.raises(Refused, match="expired"), work_as(cast.NORA, now=tomorrow) as work:
            services.move(work, bottle_id=bottle_id, goal=PREPARATION)
        with work_as(cast.NORA, now=tomorrow) as work:
            services.quarantine(work, bottle_id=bottle_id, reason="Expired")

    def test_what_was_in_hand_is_said_so_by_two(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            bottle_id = in_hand(work, spot=SAFE)
            (row,) = queries.history(work, bottle_id=bottle_id)
        assert (row.kind, row.by, row.witness) == ("Initial", "Nora Nurse", "Nell Secondnurse")
        assert row.reason == "Initial inventory: in hand before this record"

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"witness_id": cast.NORA.id}, "not the one who records it"),
            ({"witness_id": cast.CARL.id}, "must be a nurse"),
            ({"witness_id": cast.OLGA.id}, "of this site"),
            ({"amount": Decimal(0)}, "holds something"),
            ({"code": TABLETS, "amount": Decimal("0.5")}, "whole tablets"),
            ({"spot": Spot(StockPlace.WINDOW, 0)}, "windows count from 1"),
            ({"spot": SUPPLIER}, "a place of the clinic"),
            ({"expires_on": TODAY}, "expired"),
        ],
        ids=str,
    )
    def test_what_cannot_have_been_in_hand(
        self, work_as: WorkAs, changes: dict[str, Any], why: str
    ) -> None:
        with pytest.raises(Refused, match=why), work_as(cast.NORA) as work:
            in_hand(work, **changes)

    @pytest.mark.parametrize("member", [cast.PIA, cast.ADA, cast.INGRID, cast.CARL])
    def test_nobody_else_makes_stock_out_of_nothing(
        self, work_as: WorkAs, member: cast.Member
    ) -> None:
        with pytest.raises(Forbidden), work_as(member) as work:
            in_hand(work)

    def test_a_bottle_is_not_carried_out_of_the_clinic(
        self, work_as: WorkAs, open_bottle: UUID
    ) -> None:
        with pytest.raises(Refused, match="within the clinic"), work_as(cast.NORA) as work:
            services.move(work, bottle_id=open_bottle, goal=SUPPLIER)

    def test_another_site_s_bottle_does_not_exist(self, work_as: WorkAs, open_bottle: UUID) -> None:
        for verb in (
            lambda work: services.put_back(work, bottle_id=open_bottle),
            lambda work: services.open_at(work, bottle_id=open_bottle, window=1),
            lambda work: queries.bottle(work, bottle_id=open_bottle),
            lambda work: queries.history(work, bottle_id=open_bottle),
        ):
            with pytest.raises(NotFound), work_as(cast.OLGA) as work:
                verb(work)


class TestDraws:
    @pytest.mark.usefixtures("open_bottle")
    def test_more_than_is_open_is_refused_in_words(self, work_as: WorkAs) -> None:
        draw(work_as, 999_000)
        with pytest.raises(Clash, match=r"Window 1 holds 1 mL of Methadone .* this takes 2 mL"):
            draw(work_as, 2000)
        assert held(work_as) == {"window-1": 1000}

    def test_the_preparation_bench_empties_the_soonest_to_expire_first(
        self, work_as: WorkAs
    ) -> None:
        with work_as(cast.NORA) as work:
            (late,) = a_delivery(work, size=Decimal(10))
            (soon,) = a_delivery(work, size=Decimal(10), expires_on=date(2026, 6, 1))
            for bottle_id in (late, soon):
                services.move(work, bottle_id=bottle_id, goal=PREPARATION)
            drawn = services.take(
                work,
                spot=PREPARATION,
                code=METHADONE,
                quantity=15_000,
                subject_id=new_id(),
                kind=StockMovementKind.TAKE_HOME,
            )
        assert [(one.bottle_id, one.quantity) for one in drawn] == [(soon, 10_000), (late, 5000)]

    def test_what_came_back_does_not_come_back_twice(
        self, work_as: WorkAs, open_bottle: UUID
    ) -> None:
        subject_id = draw(work_as, 4000)
        with work_as(cast.NORA) as work:
            (back,) = services.give_back(work, subject_id=subject_id)
            assert (back.bottle_id, back.balance) == (open_bottle, 1_000_000)
            assert services.give_back(work, subject_id=subject_id) == ()
        assert held(work_as) == {"window-1": 1_000_000}

    def test_a_pump_returns_what_it_did_not_pour_and_no_more(
        self, work_as: WorkAs, open_bottle: UUID
    ) -> None:
        draw(work_as, 4000)
        with work_as(cast.NORA) as work:
            balance = services.return_volume(
                work, bottle_id=open_bottle, volume_ul=1500, reason="Pump stopped"
            )
        assert balance == 997_500
        with pytest.raises(Clash, match="more than it came with"), work_as(cast.NORA) as work:
            services.return_volume(work, bottle_id=open_bottle, volume_ul=2501, reason="again")

    def test_a_take_home_brought_back_waits_in_quarantine(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            bottle_id = services.return_take_home(
                work, code=METHADONE, quantity=9000, lot="B-1", subject_id=new_id()
            )
            assert queries.bottle(work, bottle_id=bottle_id).spot == QUARANTINE
            day = queries.stock_day(work, day=TODAY, others=NOTHING)
        assert [one.held for one in day.pending_waste] == [Decimal(9)]

    @pytest.mark.parametrize(
        ("witness", "why"),
        [(cast.NORA, "not the one who records it"), (cast.CARL, "must be a nurse")],
    )
    def test_waste_has_a_second_person(
        self, work_as: WorkAs, open_bottle: UUID, witness: cast.Member, why: str
    ) -> None:
        with pytest.raises(Refused, match=why), work_as(cast.NORA) as work:
            services.waste(
                work,
                bottle_id=open_bottle,
                quantity=1000,
                witness_id=witness.id,
                reason="Dropped",
                kind=StockMovementKind.SPILL,
            )
        assert held(work_as) == {"window-1": 1_000_000}


def count_by(
    work_as: WorkAs, member: cast.Member, amount: str, *, code: str = METHADONE
) -> CountState:
    with work_as(member) as work:
        return services.record_count(
            work,
            spot=WINDOW_ONE,
            code=code,
            amount=Decimal(amount),
            moment=CountMoment.CLOSING,
        )


def again_by(
    work_as: WorkAs, member: cast.Member, amount: str, *, now: datetime = cast.NOW
) -> CountState:
    with work_as(member, now=now) as work:
        first_id = work.session.scalars(
            sa.select(StockCount.id)
            .where(StockCount.second_of_id.is_(None))
            .order_by(StockCount.id.desc())
        ).first()
        assert first_id is not None
        return services.second_count(work, first_id=first_id, amount=Decimal(amount))


@pytest.mark.usefixtures("open_bottle")
class TestCounts:
    """Of 1000 mL, 200 are dispensed: 1 mL off is a log entry, 4 mL ask for a second count."""

    @pytest.fixture(autouse=True)
    def dispensed(self, work_as: WorkAs, open_bottle: UUID) -> None:  # noqa: ARG002
        draw(work_as, 200_000)

    @pytest.mark.parametrize(
        ("amount", "state"),
        [
            ("800", CountState.SETTLED),
            ("799", CountState.SETTLED),
            ("798.999", CountState.NEEDS_SECOND),
            ("804.5", CountState.NEEDS_SECOND),
        ],
    )
    def test_how_far_off_asks_for_a_second_person(
        self, work_as: WorkAs, amount: str, state: CountState
    ) -> None:
        assert count_by(work_as, cast.NORA, amount) is state
        assert held(work_as) == {"window-1": 800_000}

    def test_the_first_counter_is_not_the_second(self, work_as: WorkAs) -> None:
        count_by(work_as, cast.NORA, "797")
        with pytest.raises(Refused, match="another person's"):
            again_by(work_as, cast.NORA, "797")

    def test_two_who_agree_move_the_book_and_nobody_alone(self, work_as: WorkAs) -> None:
        count_by(work_as, cast.NORA, "797")
        assert again_by(work_as, cast.NELL, "797") is CountState.SETTLED
        assert held(work_as) == {"window-1": 797_000}
        with work_as(cast.NORA) as work:
            (row,) = work.session.scalars(
                sa.select(StockMovement).where(StockMovement.kind == StockMovementKind.ADJUSTED)
            )
            assert (row.recorded_by, row.witnessed_by) == (cast.NELL.id, cast.NORA.id)
            assert queries.incidents(work) == []

    def test_two_who_differ_count_again(self, work_as: WorkAs) -> None:
        count_by(work_as, cast.NORA, "797")
        assert again_by(work_as, cast.NELL, "797.5") is CountState.DISAGREES
        assert held(work_as) == {"window-1": 800_000}
        with work_as(cast.NORA) as work:
            (line,) = queries.count_lines(work, day=TODAY, moment=CountMoment.CLOSING)
        assert line.state is CountState.DISAGREES

    def test_nobody_counts_on_until_the_answer_pleases(self, work_as: WorkAs) -> None:
        count_by(work_as, cast.NORA, "797")
        with pytest.raises(Refused, match="waits for a second person"):
            count_by(work_as, cast.NORA, "800")
        again_by(work_as, cast.NELL, "797.5")
        assert count_by(work_as, cast.NORA, "800") is CountState.NEEDS_SECOND, "they had differed"
        assert again_by(work_as, cast.NELL, "800") is CountState.SETTLED
        with pytest.raises(Clash, match="Counted already, by Nora Nurse"):
            count_by(work_as, cast.PHIL, "700")

    def test_what_two_book_is_a_line_of_its_own(self, work_as: WorkAs) -> None:
        count_by(work_as, cast.NORA, "797")
        again_by(work_as, cast.NELL, "797")
        draw(work_as, 4000)
        with work_as(cast.NORA) as work:
            (line,) = queries.stock_day(work, day=TODAY, others=NOTHING).products
        assert (line.start, line.flows.received, line.flows.observed) == (0, 1_000_000, 204_000)
        assert (line.expected, line.counted, line.booked) == (796_000, 793_000, -3000)
        with work_as(cast.NORA, now=cast.NOW + timedelta(days=1)) as work:
            tomorrow = TODAY + timedelta(days=1)
            (line,) = queries.stock_day(work, day=tomorrow, others=NOTHING).products
        assert (line.start, line.flows.net, line.adjusted) == (793_000, 0, 0)

    def test_what_an_earlier_count_booked_is_expected_at_the_end(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            count_everything(work, moment=CountMoment.OPENING, window=Decimal(-3))
        again_by(work_as, cast.NELL, "797")
        count_by(work_as, cast.NORA, "797")
        with work_as(cast.NORA) as work:
            (line,) = queries.stock_day(work, day=TODAY, others=NOTHING).products
        assert (line.start, line.flows.net, line.adjusted) == (0, 800_000, -3000)
        assert (line.expected, line.counted, line.booked) == (797_000, 797_000, 0)

    def test_a_second_count_forgotten_overnight_is_made_good_at_the_opening(
        self, work_as: WorkAs
    ) -> None:
        count_by(work_as, cast.NORA, "797")
        tomorrow = cast.NOW + timedelta(days=1)
        with work_as(cast.NORA, now=tomorrow) as work:
            (line,) = queries.count_lines(work, day=TODAY, moment=CountMoment.CLOSING)
            assert line.state is CountState.NEEDS_SECOND
            count_everything(work, moment=CountMoment.OPENING)
            (line,) = queries.count_lines(work, day=TODAY, moment=CountMoment.CLOSING)
        assert line.state is CountState.SETTLED

    def test_a_second_count_after_midnight_counts_for_its_first(self, work_as: WorkAs) -> None:
        count_by(work_as, cast.NORA, "797")
        again_by(work_as, cast.NELL, "797", now=cast.NOW + timedelta(days=1))
        with work_as(cast.NORA, now=cast.NOW + timedelta(days=1)) as work:
            (line,) = queries.stock_day(work, day=TODAY, others=NOTHING).lines
            (product,) = queries.stock_day(work, day=TODAY, others=NOTHING).products
        assert line.state is CountState.SETTLED
        assert (product.expected, product.counted, product.booked) == (800_000, 797_000, 0)

    def test_a_count_is_seconded_once(self, work_as: WorkAs) -> None:
        count_by(work_as, cast.NORA, "797")
        again_by(work_as, cast.NELL, "797")
        with pytest.raises(Clash, match="second time already"):
            again_by(work_as, cast.PHIL, "797")

    def test_a_large_overage_is_an_incident_like_a_shortage(self, work_as: WorkAs) -> None:
        count_by(work_as, cast.NORA, "805")
        again_by(work_as, cast.NELL, "805")
        assert held(work_as) == {"window-1": 805_000}
        with work_as(cast.NORA) as work:
            (incident,) = queries.incidents(work)
        assert (incident.quantity, incident.is_signed) == (5000, False)
        assert (incident.notify_dea_by, incident.form_106_by) == (
            date(2026, 3, 4),
            date(2026, 4, 17),
        )

    def test_one_missing_film_is_an_incident(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            open_at_window(work, product=FILMS, size=Decimal(30))
        draw(work_as, 3, FILMS)
        assert count_by(work_as, cast.NORA, "26", code=FILMS) is CountState.NEEDS_SECOND
        again_by(work_as, cast.NELL, "26")
        with work_as(cast.NORA) as work:
            (incident,) = queries.incidents(work)
        assert incident.quantity == -1

    @pytest.mark.parametrize("amount", ["-1", "0.0001"])
    def test_an_amount_that_cannot_be_is_refused(self, work_as: WorkAs, amount: str) -> None:
        with pytest.raises(Refused):
            count_by(work_as, cast.NORA, amount)


class TestIncidents:
    @pytest.fixture
    def incident_id(self, work_as: WorkAs) -> UUID:
        with work_as(cast.PHIL) as work:
            a_delivery(work)
            return services.report_loss(
                work,
                spot=SAFE,
                code=METHADONE,
                amount=Decimal(30),
                kind=IncidentKind.THEFT,
                note="The safe stood open",
            )

    def test_a_theft_is_open_until_signed_and_reported(
        self, work_as: WorkAs, incident_id: UUID
    ) -> None:
        with work_as(cast.MEG) as work:
            services.sign_off(
                work, incident_id=incident_id, finding=Finding.THEFT, note="Police told"
            )
            assert queries.incident(work, incident_id=incident_id).is_open
        with work_as(cast.NORA) as work:
            for kind in (IncidentStepKind.DEA_NOTIFIED, IncidentStepKind.FORM_106):
                services.record_report(
                    work, incident_id=incident_id, kind=kind, reference="letter 7"
                )
            assert not queries.incident(work, incident_id=incident_id).is_open
        with pytest.raises(Clash, match="noted already"), work_as(cast.NORA) as work:
            services.record_report(
                work,
                incident_id=incident_id,
                kind=IncidentStepKind.FORM_106,
                reference="letter 8",
            )

    def test_an_explained_one_needs_no_report(self, work_as: WorkAs, incident_id: UUID) -> None:
        with work_as(cast.MEG) as work:
            services.sign_off(
                work, incident_id=incident_id, finding=Finding.EXPLAINED, note="Miscounted"
            )
            assert not queries.incident(work, incident_id=incident_id).is_open

    def test_whoever_found_it_does_not_sign_it(self, work_as: WorkAs, incident_id: UUID) -> None:
        with pytest.raises(Refused, match="cannot sign it off"), work_as(cast.PHIL) as work:
            services.sign_off(work, incident_id=incident_id, finding=Finding.EXPLAINED, note="Mine")

    @pytest.mark.parametrize("member", [cast.NORA, cast.PIA, cast.INGRID])
    def test_only_a_supervisor_signs(
        self, work_as: WorkAs, incident_id: UUID, member: cast.Member
    ) -> None:
        with pytest.raises(Forbidden), work_as(member) as work:
            services.sign_off(work, incident_id=incident_id, finding=Finding.EXPLAINED, note="No")

    def test_another_site_s_incident_does_not_exist(
        self, work_as: WorkAs, incident_id: UUID
    ) -> None:
        with pytest.raises(NotFound), work_as(cast.OLGA) as work:
            services.record_report(
                work,
                incident_id=incident_id,
                kind=IncidentStepKind.FORM_106,
                reference="letter",
            )


@pytest.mark.usefixtures("open_bottle")
class TestDays:
    def close(self, work_as: WorkAs, *, day: date = TODAY, others: Decision = NOTHING) -> UUID:
        with work_as(cast.NORA) as work:
            return services.close_day(work, day=day, witness_id=cast.NELL.id, others=others)

    def test_a_counted_day_closes_once_under_the_seal(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            count_everything(work)
        self.close(work_as)
        with work_as(cast.NORA) as work:
            row = work.session.scalars(sa.select(StockDayClose)).one()
            seals = dict(work.session.execute(sa.select(AuditSeal.sequence, AuditSeal.chain)).all())
        assert seals[row.seal_sequence] == row.seal_chain
        assert len(row.seal_chain) == 64
        with pytest.raises(Refused, match="Closed at 09:00 by Nora Nurse"):
            self.close(work_as)

    def test_what_moves_after_the_closing_is_shown(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            count_everything(work)
        self.close(work_as)
        with work_as(cast.NORA, now=cast.NOW + timedelta(minutes=5)) as work:
            services.take(work, spot=WINDOW_ONE, code=METHADONE, quantity=4000, subject_id=new_id())
            closed = queries.closed_day(work, day=TODAY)
        assert closed is not None
        assert closed.moved_since == 1

    def test_everything_open_is_named_at_once(self, work_as: WorkAs) -> None:
        with work_as(cast.PHIL) as work:
            services.return_take_home(
                work, code=METHADONE, quantity=9000, lot="B-1", subject_id=new_id()
            )
            services.report_loss(
                work,
                spot=SAFE,
                code=METHADONE,
                amount=Decimal(1),
                kind=IncidentKind.LOSS,
                note="A bottle broke",
            )
        unsigned = Decision.of([Reason("unsigned_log", "Nora has not signed.", "law")])
        with pytest.raises(Refused) as refusal:
            self.close(work_as, others=unsigned)
        said = " ".join(refusal.value.reasons)
        assert len(refusal.value.reasons) == 5
        for words in (
            "Not counted at window 1",
            "Not counted at quarantine",
            "supervisor",
            "Waits to be wasted",
            "Nora has not signed",
        ):
            assert words in said

    def test_a_day_ahead_does_not_close(self, work_as: WorkAs) -> None:
        with pytest.raises(Refused, match="has not begun"):
            self.close(work_as, day=TODAY + timedelta(days=1))

    def test_the_day_after_opens_with_the_day_before_still_open(self, work_as: WorkAs) -> None:
        draw(work_as, 4000)
        tomorrow = cast.NOW + timedelta(days=1)
        with work_as(cast.NORA, now=tomorrow) as work:
            assert queries.unclosed_days(work) == [TODAY]
            services.take(work, spot=WINDOW_ONE, code=METHADONE, quantity=4000, subject_id=new_id())
            count_everything(work, moment=CountMoment.OPENING)
            services.close_day(work, day=TODAY, witness_id=cast.NELL.id, others=NOTHING)
            assert queries.unclosed_days(work) == []

    def test_a_count_before_closing_shows_the_whole_day(self, work_as: WorkAs) -> None:
        draw(work_as, 200_000)
        with work_as(cast.NORA) as work:
            count_everything(work, window=Decimal(-1))
            day = queries.stock_day(work, day=TODAY, others=NOTHING)
        (line,) = day.products
        assert (line.start, line.flows.received, line.flows.observed) == (0, 1_000_000, 200_000)
        assert (line.expected, line.counted) == (800_000, 799_000)
        assert line.answer is not None
        assert line.answer.tier.value == "LOG_ONLY"

    def test_the_inventory_needs_two_counts_of_everything(self, work_as: WorkAs) -> None:
        with work_as(cast.NORA) as work:
            count_everything(work)
        with pytest.raises(Refused, match="by two people first"), work_as(cast.NORA) as work:
            services.take_inventory(work, moment=CountMoment.CLOSING, witness_id=cast.NELL.id)
        again_by(work_as, cast.NELL, "1000")
        with work_as(cast.NORA) as work:
            services.take_inventory(work, moment=CountMoment.CLOSING, witness_id=cast.NELL.id)
            (inventory,) = queries.inventories(work)
        assert inventory.next_due_on == date(2028, 3, 3)
        assert [(line.place, line.quantity) for line in inventory.lines] == [
            ("window-1", 1_000_000)
        ]


def test_supplies_say_how_long_they_last_and_what_expires(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        open_at_window(work, expires_on=TODAY + timedelta(days=30))
    for _ in range(7):
        draw(work_as, 100_000)
    with work_as(cast.NORA, now=cast.NOW + timedelta(days=1)) as work:
        (supply,) = queries.supplies(work)
    # 700 mL in the 14 days before: 50 mL a day, 300 mL left.
    assert (supply.a_day, supply.days_left, supply.is_low) == (Decimal("50.0"), 6, False)
    assert len(supply.expiring) == 1

"""Many hands on one balance: real processes on the same database, on both engines."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.facts import AccountKind, TransferKind
from clinic.rewards.models import LedgerTransfer, PrizeDraw, RewardVisit
from clinic.toxicology.models import Specimen
from tests import cast
from tests.conftest import WorkAs
from tests.rewards import racers
from tests.rewards.builders import an_enrolled_patient, the_funder_caps
from tests.rewards.stock import cards

pytestmark = pytest.mark.timeout(180)


def visits(work: Work, patient_id: UUID) -> list[tuple[int, int]]:
    """Number and cents of each visit, in order."""
    rows = work.session.execute(
        sa.select(RewardVisit.number, RewardVisit.amount_cents)
        .where(RewardVisit.patient_id == patient_id)
        .order_by(RewardVisit.number)
    )
    return [(number, cents) for number, cents in rows]


def test_fifty_redemptions_of_one_balance_pay_it_out_once(app: Flask, work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NNN")  # 21.25 buys four times 5.00

    outcomes = racers.race(
        app, [(racers.redeem, (patient_id, 500, f"form {number % 25}")) for number in range(50)]
    )

    assert len(outcomes) == 50
    assert {outcome for outcome in outcomes if outcome != "done"} == {
        "The balance is $1.25; $5.00 is more than that."
    }
    with work_as(cast.CARL) as work:
        keys = work.session.scalars(
            sa.select(LedgerTransfer.memo).where(LedgerTransfer.kind == TransferKind.REDEEM)
        ).all()
        assert len(keys) == len(set(keys)) == 4
        assert queries.card(work, patient_id=patient_id).balance_cents == 125
        assert queries.trial_balance(work).is_balanced


def test_thirty_two_redemptions_of_fifty_dollars_by_ten_and_eight_hands_on_one_card(
    app: Flask, work_as: WorkAs
) -> None:
    with work_as(cast.ADA) as work:
        instrument_id = cards(work, "0042")
    with work_as(cast.CARL) as work:
        spender = an_enrolled_patient(work, visits="NNNNNN")  # 53.75
        services.redeem(work, patient_id=spender, amount_cents=375, memo="before")
        others = [an_enrolled_patient(work, visits="NNN") for _ in range(2)]

    outcomes = racers.race(
        app,
        [(racers.redeem, (spender, 1000, f"form {number}")) for number in range(32)]
        + [(racers.hand_over, (others[number % 2], "0042")) for number in range(8)],
    )

    assert sorted(outcomes) == [
        *["Grocer 0042 has been handed over already."] * 7,
        *["The balance is $0.00; $10.00 is more than that."] * 27,
        *["done"] * 6,
    ]
    with work_as(cast.CARL) as work:
        assert queries.balance_cents(work, patient_id=spender) == 0
        left = [queries.balance_cents(work, patient_id=one) for one in others]
        assert sorted(left) == [1125, 2125]
        assert queries.instrument(work, instrument_id=instrument_id).in_stock == 0
        assert queries.differences(work) == ()
        assert queries.proof(work).faults == ()


def test_a_morning_on_which_everybody_comes_at_once(app: Flask, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        the_funder_caps(work, 8000)
    with work_as(cast.CARL) as work:
        climber = an_enrolled_patient(work)
        capped = an_enrolled_patient(work, visits="N" * 8)  # 75.00 of the year's 80.00
        spender = an_enrolled_patient(work, visits="NNN")  # 21.25, of which 15.00 last
        award = queries.statement(work, patient_id=spender)[2].transfer_id
        newcomers = [an_enrolled_patient(work) for _ in range(5)]

    outcomes = racers.race(
        app,
        [(racers.record_negative, climber)] * 8
        + [(racers.record_negative, capped)] * 6
        + [(racers.record_negative, one) for one in newcomers]
        + [(racers.redeem, (spender, 1000, "form")), (racers.void, (spender, award))] * 4,
    )

    assert len(outcomes) == 27
    with work_as(cast.CARL) as work:
        # results of one patient are visits in a row
        assert visits(work, climber) == [
            (1, 250),
            (2, 375),
            (3, 1500),
            (4, 625),
            (5, 750),
            (6, 1875),
            (7, 1000),
            (8, 1125),
        ]
        # a cap pays what is left of it, once
        assert [cents for _, cents in visits(work, capped)[8:]] == [500, 0, 0, 0, 0, 0]
        # a balance is redeemed or taken back, not both
        after = [line.kind for line in queries.statement(work, patient_id=spender)[3:]]
        left = queries.card(work, patient_id=spender).balance_cents
        assert (after, left) in [([TransferKind.REDEEM], 1125), ([TransferKind.VOID], 625)]
        # first awards share the accounts they open
        assert [visits(work, one) for one in newcomers] == [[(1, 250)]] * 5
        kinds = [account.kind for account in queries.trial_balance(work).accounts]
        assert kinds.count(AccountKind.FUNDING) == 1
        assert queries.trial_balance(work).is_balanced


def test_two_hands_at_the_bowl_draw_once(app: Flask, work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, protocol_code="prize_va", visits="NNNNNNNN")
        visit_id = queries.open_draws(work, patient_id=patient_id)[7].visit_id

    outcomes = racers.race(
        app, [(racers.draw, (patient_id, visit_id, f"word {number}")) for number in range(12)]
    )

    assert sorted(outcomes) == [
        *["The slips of this visit have been drawn already."] * 11,
        "done",
    ]
    with work_as(cast.CARL) as work:
        draw = work.session.scalars(sa.select(PrizeDraw)).one()
        assert queries.card(work, patient_id=patient_id).balance_cents == draw.paid_cents
        assert queries.trial_balance(work).is_balanced


def test_thirty_two_cards_of_one_visit_post_it_once(app: Flask, work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NN")  # 6.25; the third brings 15.00

    outcomes = racers.race(app, [(racers.post_visit, (patient_id, 3))] * 32)

    assert sorted(outcomes) == [
        *[
            (
                "Visit 3 is recorded already, by Carl Counselor: 3rd negative in a row: $5.00, and"
                " $10.00 bonus for 3 in a row."
            )
        ]
        * 31,
        "done",
    ]
    with work_as(cast.CARL) as work:
        assert visits(work, patient_id) == [(1, 250), (2, 375), (3, 1500)]
        statement = queries.statement(work, patient_id=patient_id)
        assert [line.change_cents for line in statement] == [250, 375, 1500]
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Specimen)) == 3
        assert queries.trial_balance(work).is_balanced


def test_a_transfer_is_counted_in_the_close_or_refused(app: Flask, work_as: WorkAs) -> None:
    with work_as(cast.CARL, now=racers.LAST_OF_FEBRUARY) as work:
        patients = [an_enrolled_patient(work, visits="N") for _ in range(5)]

    late = [(racers.redeem_in_february, patient_id) for patient_id in patients]
    outcomes = racers.race(app, [*late[:2], (racers.close_february, None), *late[2:]])

    refused = outcomes.count("The books are closed until 2026-03-01: nothing is dated before that.")
    assert outcomes.count("done") + refused == 6
    with work_as(cast.ADA) as work:
        (closed,) = queries.closed_periods(work)
        assert closed.totals.transfers == 5 + (5 - refused)
        assert closed.totals.redeemed_cents == 100 * (5 - refused)
        assert queries.differences(work) == ()

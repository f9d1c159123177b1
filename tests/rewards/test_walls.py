"""Around the code with plain SQL: what the ledger itself does not let happen, on both engines."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.facts import AccountKind, TransferKind
from clinic.rewards.models import (
    LedgerAccount,
    LedgerTransfer,
    PrizeCommitment,
    PrizeDraw,
    PrizeSeed,
    RewardEnrolment,
    RewardVisit,
)
from tests import cast
from tests.conftest import WorkAs
from tests.rewards.builders import an_enrolled_patient
from tests.toxicology.builders import a_visit


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        return an_enrolled_patient(work, visits="N")


def copied(work: Work, table: type[Any], **changes: Any) -> None:
    """A second row like the first one there is, written past every rule."""
    row = work.session.execute(sa.select(table.__table__)).mappings().first()
    assert row is not None
    values = dict(row) | {"id": new_id()} | changes
    work.session.execute(sa.insert(table.__table__).values(values))


@pytest.mark.usefixtures("patient_id")
def test_a_visit_is_rewarded_once(work_as: WorkAs) -> None:
    with pytest.raises(Clash, match="already been rewarded"), work_as() as work:
        copied(work, LedgerTransfer)
    with pytest.raises(Clash, match="already been rewarded"), work_as() as work:
        copied(work, LedgerTransfer, service_date=date(2026, 4, 1))


@pytest.mark.usefixtures("patient_id")
def test_a_visit_number_is_judged_once(work_as: WorkAs) -> None:
    with work_as() as work:
        other = a_visit(work, "X", patient_id=an_enrolled_patient(work)).specimen_id

    with pytest.raises(Clash, match="recorded this visit a moment ago"), work_as() as work:
        copied(work, RewardVisit, specimen_id=other)


@pytest.mark.usefixtures("patient_id")
def test_a_specimen_is_one_visit(work_as: WorkAs) -> None:
    with pytest.raises(Clash), work_as() as work:
        copied(work, RewardVisit, number=2)


def test_a_patient_s_balance_is_never_negative(work_as: WorkAs, patient_id: UUID) -> None:
    with pytest.raises(Clash, match="does not cover"), work_as() as work:
        work.session.execute(
            sa.update(LedgerAccount)
            .where(LedgerAccount.patient_id == patient_id)
            .values(balance_cents=-1)
        )


@pytest.mark.parametrize("amount_cents", [0, -250])
@pytest.mark.usefixtures("patient_id")
def test_a_transfer_moves_more_than_nothing(work_as: WorkAs, amount_cents: int) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="amount_positive"), work_as() as work:
        copied(
            work,
            LedgerTransfer,
            kind=TransferKind.REDEEM,
            reward_visit_id=None,
            amount_cents=amount_cents,
        )


def test_a_transfer_has_two_sides(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as() as work:
        account = work.session.scalars(
            sa.select(LedgerAccount.id).where(LedgerAccount.patient_id == patient_id)
        ).one()
    redemption = {"kind": TransferKind.REDEEM, "reward_visit_id": None}

    with pytest.raises(sa.exc.IntegrityError, match="two_accounts"), work_as() as work:
        copied(work, LedgerTransfer, from_account_id=account, to_account_id=account, **redemption)
    for side in ("from_account_id", "to_account_id"):
        with pytest.raises(sa.exc.IntegrityError), work_as() as work:
            copied(work, LedgerTransfer, **{side: None}, **redemption)


@pytest.mark.usefixtures("patient_id")
def test_only_a_visit_earns(work_as: WorkAs) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="earned_by_visit"), work_as() as work:
        copied(work, LedgerTransfer, reward_visit_id=None)


@pytest.mark.usefixtures("patient_id")
def test_a_void_names_what_it_reverses(work_as: WorkAs) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="void_names_transfer"), work_as() as work:
        copied(work, LedgerTransfer, kind=TransferKind.VOID, reward_visit_id=None)


def test_an_award_is_voided_once(work_as: WorkAs, patient_id: UUID) -> None:
    void = {"kind": TransferKind.VOID, "reward_visit_id": None}
    with work_as() as work:
        award = queries.statement(work, patient_id=patient_id)[0].transfer_id
        copied(work, LedgerTransfer, reverses_id=award, **void)

    with pytest.raises(Clash, match="voided this award already"), work_as() as work:
        copied(work, LedgerTransfer, reverses_id=award, **void)


@pytest.mark.parametrize("table", [LedgerTransfer, RewardVisit])
@pytest.mark.usefixtures("patient_id")
def test_what_is_recorded_stays(work_as: WorkAs, table: type[LedgerTransfer | RewardVisit]) -> None:
    with pytest.raises(Clash, match="cannot be changed or removed"), work_as() as work:
        work.session.execute(sa.update(table).values(amount_cents=1))
    with pytest.raises(Clash, match="cannot be changed or removed"), work_as() as work:
        work.session.execute(sa.delete(table))


@pytest.mark.usefixtures("patient_id")
def test_a_patient_has_one_open_enrolment(work_as: WorkAs) -> None:
    with pytest.raises(Clash, match="already enrolled"), work_as() as work:
        copied(work, RewardEnrolment)


def test_a_patient_has_one_account_and_only_patients_have_patients_accounts(
    work_as: WorkAs, patient_id: UUID
) -> None:
    account = {
        "site_id": cast.NORTH.id,
        "kind": AccountKind.PATIENT,
        "name": "another",
        "patient_id": patient_id,
        "balance_cents": 0,
        "version": 1,
    }
    for wrong in ({}, {"patient_id": None}, {"kind": AccountKind.REDEEMED}):
        values = account | {"id": new_id()} | wrong
        with pytest.raises((Clash, sa.exc.IntegrityError)), work_as() as work:
            work.session.execute(sa.insert(LedgerAccount).values(values))


def test_the_trial_balance_finds_a_balance_nobody_transferred(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as() as work:
        assert queries.trial_balance(work).is_balanced
        work.session.execute(
            sa.update(LedgerAccount)
            .where(LedgerAccount.patient_id == patient_id)
            .values(balance_cents=350)
        )

        books = queries.trial_balance(work)
        assert not books.is_balanced
        assert books.total_cents == 100
        (wrong,) = books.mismatches
        assert (wrong.balance_cents, wrong.transfers_cents) == (350, 250)


@pytest.fixture
def drawn_visit(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, protocol_code="prize_va", visits="NN")
        first, _ = queries.open_draws(work, patient_id=patient_id)
        services.draw_prizes(work, patient_id=patient_id, visit_id=first.visit_id, choice="7")
        return first.visit_id


@pytest.mark.usefixtures("drawn_visit")
def test_a_visit_is_drawn_once_and_committed_to_once(work_as: WorkAs) -> None:
    with pytest.raises(Clash, match="drawn already"), work_as() as work:
        copied(work, PrizeDraw)
    with pytest.raises(Clash, match="prepared already"), work_as() as work:
        copied(work, PrizeCommitment)
    with pytest.raises((Clash, sa.exc.IntegrityError)), work_as() as work:
        copied(work, PrizeSeed)


@pytest.mark.parametrize("table", [PrizeDraw, PrizeSeed])
@pytest.mark.usefixtures("drawn_visit")
def test_nothing_is_drawn_or_sealed_without_a_commitment(
    work_as: WorkAs, table: type[PrizeDraw | PrizeSeed]
) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="N")
        (visit,) = queries.card(work, patient_id=patient_id).visits

    with pytest.raises(sa.exc.IntegrityError), work_as() as work:
        copied(work, table, reward_visit_id=visit.id)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (PrizeCommitment, {"commitment": "0" * 64}),
        (PrizeSeed, {"seed": "0" * 64}),
        (PrizeDraw, {"choice": "8"}),
    ],
)
@pytest.mark.usefixtures("drawn_visit")
def test_no_part_of_a_draw_is_changed_or_removed(
    work_as: WorkAs,
    table: type[PrizeCommitment | PrizeSeed | PrizeDraw],
    change: dict[str, str],
) -> None:
    with pytest.raises(Clash, match="cannot be changed or removed"), work_as() as work:
        work.session.execute(sa.update(table).values(change))
    with pytest.raises(Clash, match="cannot be changed or removed"), work_as() as work:
        work.session.execute(sa.delete(table))


@pytest.mark.parametrize(
    ("change", "wall"),
    [
        ({"paid_cents": 10001, "total_cents": 10000}, "paid"),
        ({"paid_cents": -1}, "paid"),
        ({"choice": ""}, "choice"),
        ({"seed": "00"}, "seed"),
    ],
)
def test_a_draw_is_whole(work_as: WorkAs, change: dict[str, Any], wall: str) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, protocol_code="prize_va", visits="NN")
        first, second = queries.open_draws(work, patient_id=patient_id)
        services.draw_prizes(work, patient_id=patient_id, visit_id=first.visit_id, choice="7")

    with pytest.raises(sa.exc.IntegrityError, match=f"ck_prize_draw_{wall}"), work_as() as work:
        copied(work, PrizeDraw, reward_visit_id=second.visit_id, **change)

"""From a negative test to slips on the table: committed, chosen, drawn once, paid within caps."""

from __future__ import annotations

import hashlib
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.programs.facts import Discharged, DischargeReason
from clinic.rewards import queries, services
from clinic.rewards.facts import VA_BOWL
from clinic.rewards.models import LedgerTransfer, PrizeCommitment, PrizeDraw, PrizeSeed, RewardVisit
from clinic.rewards.rules.fair_draw import receipt_of
from clinic.rewards.rules.receipts import disagreements
from clinic.rewards.services import draws
from clinic.sites import services as sites
from tests import cast
from tests.conftest import WorkAs
from tests.patients.builders import a_patient
from tests.rewards.builders import an_enrolled_patient
from tests.rewards.receipts import COMMITMENT, SEED
from tests.toxicology.builders import a_visit


def at_the_bowl(work: Work, visits: str) -> UUID:
    return an_enrolled_patient(work, protocol_code="prize_va", visits=visits)


def last_visit(work: Work, patient_id: UUID) -> UUID:
    return queries.open_draws(work, patient_id=patient_id)[-1].visit_id


def a_word_that_brings(work: Work, cents: int, *, visit_id: UUID) -> str:
    """Known only to who knows the seed: the first number with which one draw brings so much."""
    seed = work.session.scalars(
        sa.select(PrizeSeed.seed).where(PrizeSeed.reward_visit_id == visit_id)
    ).one()
    return next(
        str(number)
        for number in range(100_000)
        if receipt_of(
            bytes.fromhex(seed), choice=str(number), visit_id=visit_id, draws=1, bowl=VA_BOWL
        ).total_cents
        == cents
    )


@pytest.mark.parametrize(
    ("visits", "waiting"),
    [
        ("NNNPNN", [1, 2, 3, 1, 2]),
        ("NNXN", [1, 2, 3]),
        ("NMRN", [1, 1]),
        ("NNNNNNNNNN", [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]),
        ("P", []),
    ],
)
def test_negatives_in_a_row_earn_one_draw_more_each(
    work: Work, visits: str, waiting: list[int]
) -> None:
    patient_id = at_the_bowl(work, visits)

    assert [one.draws for one in queries.open_draws(work, patient_id=patient_id)] == waiting
    assert queries.card(work, patient_id=patient_id).draws_waiting == sum(waiting)
    assert work.session.scalar(sa.select(sa.func.sum(RewardVisit.amount_cents))) == 0


def test_a_whole_course_without_a_slip_earns_164_draws(work: Work) -> None:
    card = queries.card(work, patient_id=at_the_bowl(work, "N" * 24))

    assert card.draws_waiting == 164
    assert not card.is_open


def test_the_person_at_the_desk_hears_of_the_draws(work: Work) -> None:
    patient_id = at_the_bowl(work, "NNN")

    told = a_visit(work, "N", patient_id=patient_id).told
    card = queries.card(work, patient_id=patient_id)

    assert told == ("4th negative in a row: 4 draws.", "Balance $0.00.")
    assert card.next_visit is not None
    assert (card.next_visit.draws, card.next_visit.brings) == (5, "5 draws")


def test_a_voucher_visit_has_no_draws(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="N")
    (visit,) = queries.card(work, patient_id=patient_id).visits

    assert queries.open_draws(work, patient_id=patient_id) == ()
    with pytest.raises(NotFound):
        services.draw_prizes(work, patient_id=patient_id, visit_id=visit.id, choice="7")


def test_the_seed_is_fixed_with_the_award_and_told_with_the_draw(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draws, "new_seed", lambda: SEED)
    patient_id = at_the_bowl(work, "N")
    (waiting,) = queries.open_draws(work, patient_id=patient_id)

    assert waiting.commitment == COMMITMENT
    assert SEED.hex() not in repr(waiting)
    services.draw_prizes(work, patient_id=patient_id, visit_id=waiting.visit_id, choice="7")

    drawn = queries.drawn(work, patient_id=patient_id, visit_id=waiting.visit_id)
    assert drawn is not None
    assert (drawn.receipt.commitment, drawn.receipt.seed) == (COMMITMENT, SEED.hex())


def test_every_visit_has_a_secret_of_its_own(work: Work) -> None:
    at_the_bowl(work, "NNNNN")

    seeds = work.session.scalars(sa.select(PrizeSeed.seed)).all()
    commitments = work.session.scalars(sa.select(PrizeCommitment.commitment)).all()
    assert len(set(seeds)) == 5
    assert {hashlib.sha256(bytes.fromhex(seed)).hexdigest() for seed in seeds} == set(commitments)


def test_what_was_recorded_can_be_drawn_again_from_its_receipt(work: Work) -> None:
    patient_id = at_the_bowl(work, "NNNN")
    visit_id = last_visit(work, patient_id)

    prizes = services.draw_prizes(
        work, patient_id=patient_id, visit_id=visit_id, choice="  blue heron "
    )

    drawn = queries.drawn(work, patient_id=patient_id, visit_id=visit_id)
    assert drawn is not None
    assert disagreements(drawn.receipt.to_json()) == ()
    assert drawn.receipt.choice == "blue heron"
    assert len(drawn.receipt.slips) == 4
    assert drawn.sentence == prizes.sentence
    assert drawn.receipt.total_cents == prizes.total_cents == prizes.paid_cents
    assert [one.draws for one in queries.open_draws(work, patient_id=patient_id)] == [1, 2, 3]


def test_a_large_slip_is_paid_from_the_funding_to_the_patient(work: Work) -> None:
    patient_id = at_the_bowl(work, "N")
    visit_id = last_visit(work, patient_id)
    word = a_word_that_brings(work, 2000, visit_id=visit_id)

    prizes = services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice=word)

    assert prizes.sentence == "Drew 1 large: $20.00."
    assert (prizes.paid_cents, prizes.balance_cents) == (2000, 2000)
    card = queries.card(work, patient_id=patient_id)
    assert card.balance_cents == 2000
    assert [visit.amount_cents for visit in card.visits] == [2000]
    assert [(line.text, line.change_cents) for line in card.lines] == [
        ("1st negative in a row: 1 draw.", 2000)
    ]
    assert queries.trial_balance(work).is_balanced
    leaf = work.session.scalars(
        sa.select(AuditLeaf).where(AuditLeaf.action == "rewards.draw")
    ).one()
    assert leaf.patient_id == patient_id


def test_a_good_job_moves_no_money(work: Work) -> None:
    patient_id = at_the_bowl(work, "N")
    visit_id = last_visit(work, patient_id)
    word = a_word_that_brings(work, 0, visit_id=visit_id)

    prizes = services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice=word)

    assert (prizes.sentence, prizes.balance_cents) == ("Drew 1 good job: $0.00.", 0)
    assert work.session.scalars(sa.select(LedgerTransfer)).all() == []
    assert queries.card(work, patient_id=patient_id).draws_waiting == 0


def test_the_funder_s_cap_pays_the_remainder_of_what_is_drawn_and_then_nothing(work: Work) -> None:
    sites.choose_setting(
        work,
        setting="rewards.yearly_cap_cents",
        value=7500,
        starts_on=date(2026, 1, 1),
        source="test: a funder that pays 75.00 a year",
    )
    patient_id = at_the_bowl(work, "NPN")
    first, second = queries.open_draws(work, patient_id=patient_id)
    jumbo = a_word_that_brings(work, 10000, visit_id=first.visit_id)
    small = a_word_that_brings(work, 100, visit_id=second.visit_id)

    told = services.draw_prizes(work, patient_id=patient_id, visit_id=first.visit_id, choice=jumbo)
    after = services.draw_prizes(
        work, patient_id=patient_id, visit_id=second.visit_id, choice=small
    )

    assert (told.total_cents, told.paid_cents, told.balance_cents) == (10000, 7500, 7500)
    assert told.sentence == (
        "Drew 1 jumbo: $100.00. Paid $75.00: all that the funder's yearly cap of $75.00 leaves."
    )
    assert (after.total_cents, after.paid_cents, after.balance_cents) == (100, 0, 7500)
    assert after.sentence == (
        "Drew 1 small: $1.00. Nothing is paid: the funder's yearly cap of $75.00 is used up."
    )


def test_a_visit_is_drawn_once_whatever_word_comes_next(work: Work) -> None:
    patient_id = at_the_bowl(work, "N")
    visit_id = last_visit(work, patient_id)
    services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice="7")

    with pytest.raises(Clash, match="drawn already"):
        services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice="8")
    assert work.session.scalars(sa.select(PrizeDraw.choice)).all() == ["7"]


@pytest.mark.parametrize("choice", ["", "   ", "x" * 81])
def test_the_patient_has_to_choose(work: Work, choice: str) -> None:
    patient_id = at_the_bowl(work, "N")

    with pytest.raises(Refused, match="chooses a word"):
        services.draw_prizes(
            work, patient_id=patient_id, visit_id=last_visit(work, patient_id), choice=choice
        )


def test_nobody_draws_another_patient_s_or_another_site_s_slips(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        visit_id = last_visit(work, patient_id := at_the_bowl(work, "N"))
        stranger = a_patient(work)

        with pytest.raises(NotFound):
            services.draw_prizes(work, patient_id=stranger, visit_id=visit_id, choice="7")
        work.site = cast.SOUTH
        with pytest.raises(NotFound):
            services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice="7")
        assert queries.open_draws(work, patient_id=patient_id) == ()


def test_draws_outlive_the_enrolment_that_earned_them(work: Work) -> None:
    patient_id = at_the_bowl(work, "NN")
    episode = programs.open_episode(work, patient_id=patient_id)
    assert episode is not None
    services.close_enrolments(
        work,
        Discharged(
            episode_id=episode.id,
            patient_id=patient_id,
            service_date=work.service_date,
            reason=DischargeReason.COMPLETED,
        ),
    )

    assert queries.card(work, patient_id=patient_id).draws_waiting == 3
    services.draw_prizes(
        work, patient_id=patient_id, visit_id=last_visit(work, patient_id), choice="7"
    )
    assert queries.card(work, patient_id=patient_id).draws_waiting == 1


def test_a_paid_draw_is_voided_by_a_second_person(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = at_the_bowl(work, "N")
        visit_id = last_visit(work, patient_id)
        word = a_word_that_brings(work, 100, visit_id=visit_id)
        services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice=word)
        (line,) = queries.statement(work, patient_id=patient_id)

    with work_as(cast.CARL) as work:
        left = services.void_award(
            work,
            patient_id=patient_id,
            transfer_id=line.transfer_id,
            reason="cup of another",
            approved_by=cast.ADA.id,
        )
        assert left == 0
        with pytest.raises(Clash):
            services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice="again")

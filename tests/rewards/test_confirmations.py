"""The cup first, the laboratory later: confirmed, taken back, or paid after all."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.facts import AwardState, ReversalCause, RewardCard, TransferKind
from clinic.rewards.models import LedgerReversal, LedgerTransfer, RewardConfirmation
from clinic.sites import services as sites
from clinic.toxicology import services as toxicology
from clinic.toxicology.facts import Analyte, Reading, RecordedResult
from tests import cast, rows
from tests.conftest import SignIn, WorkAs
from tests.rewards.builders import an_enrolled_patient
from tests.toxicology.builders import a_visit


def card(work: Work, patient_id: UUID) -> RewardCard:
    return queries.card(work, patient_id=patient_id)


def sent(work: Work, patient_id: UUID, letter: str = "N") -> UUID:
    """A visit by its letter whose specimen is at the laboratory; the specimen."""
    specimen_id = a_visit(work, letter, patient_id=patient_id).specimen_id
    toxicology.send_to_laboratory(
        work, patient_id=patient_id, specimen_id=specimen_id, laboratory="Harbor Laboratory"
    )
    return specimen_id


def confirm(work: Work, patient_id: UUID, specimen_id: UUID, reading: Reading) -> RecordedResult:
    return toxicology.record_confirmation(
        work,
        patient_id=patient_id,
        specimen_id=specimen_id,
        readings={Analyte.COCAINE: reading},
        report="R-1",
    )


def test_an_award_is_pending_until_the_laboratory_agrees(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="N")
    specimen_id = sent(work, patient_id)

    assert [one.state for one in card(work, patient_id).visits] == [
        AwardState.POSTED,
        AwardState.PENDING,
    ]
    told = confirm(work, patient_id, specimen_id, Reading.NEGATIVE).told

    assert told == ("Visit 2: the laboratory agrees.", "Balance $6.25.")
    assert card(work, patient_id).visits[1].state is AwardState.CONFIRMED


def test_a_contradicted_award_goes_back_and_later_visits_follow(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="NN")
    specimen_id = sent(work, patient_id)  # the third: 5.00 and 10.00 bonus
    assert card(work, patient_id).next_visit.amount_cents == 625  # type: ignore[union-attr]

    told = confirm(work, patient_id, specimen_id, Reading.POSITIVE).told

    found = card(work, patient_id)
    assert told == (
        "Visit 3: the laboratory contradicts the cup. $15.00 went back.",
        "Balance $6.25.",
    )
    assert (found.visits[2].outcome.value, found.visits[2].amount_cents) == ("P", 0)
    assert (found.in_a_row, found.balance_cents) == (0, 625)
    assert found.last_sentence == told[0]
    assert found.next_visit is not None
    assert found.next_visit.amount_cents == 250
    assert [line.kind for line in found.lines][-1] is TransferKind.VOID
    reversal = work.session.scalars(sa.select(LedgerReversal)).one()
    assert (reversal.cause, reversal.recorded_by) == (ReversalCause.LABORATORY, cast.ADA.id)
    assert queries.trial_balance(work).is_balanced


def test_what_is_spent_is_not_claimed_back(work: Work) -> None:
    patient_id = an_enrolled_patient(work)
    specimen_id = sent(work, patient_id)
    services.redeem(work, patient_id=patient_id, amount_cents=200, memo="Bus ticket")

    told = confirm(work, patient_id, specimen_id, Reading.POSITIVE).told

    assert told == (
        "Visit 1: the laboratory contradicts the cup. $2.50 is spent and stays with the patient.",
        "Balance $0.50.",
    )
    assert card(work, patient_id).visits[0].state is AwardState.KEPT
    assert card(work, patient_id).in_a_row == 0


def test_visits_judged_in_between_stay_paid_and_are_shown(work_as: WorkAs) -> None:
    with work_as(cast.ADA, now=cast.NOW - timedelta(days=3)) as work:
        patient_id = an_enrolled_patient(work)
        specimen_id = sent(work, patient_id)
    with work_as(cast.ADA, now=cast.NOW - timedelta(days=1)) as work:
        a_visit(work, "N", patient_id=patient_id)  # 3.75: the cup of visit 1 still counts
    with work_as(cast.ADA) as work:
        confirm(work, patient_id, specimen_id, Reading.POSITIVE)
    with work_as(cast.ADA, now=cast.NOW + timedelta(days=1)) as work:
        a_visit(work, "N", patient_id=patient_id)

        assert [
            (one.number, one.amount_cents, one.in_good_faith_of)
            for one in card(work, patient_id).visits
        ] == [(1, 0, ()), (2, 375, (1,)), (3, 375, ())]
        (found,) = queries.fidelity(
            work, first_on=date(2026, 1, 1), until_on=date(2026, 4, 1)
        ).in_good_faith
        assert (found.number, found.trusted, found.paid_cents) == (2, 1, 375)


def test_what_people_voided_before_the_laboratory_spoke_is_no_difference(work: Work) -> None:
    patient_id = an_enrolled_patient(work)
    specimen_id = sent(work, patient_id)
    (award,) = queries.statement(work, patient_id=patient_id)
    services.void_award(
        work,
        patient_id=patient_id,
        transfer_id=award.transfer_id,
        reason="typed for somebody else",
        approved_by=cast.CARL.id,
    )

    told = confirm(work, patient_id, specimen_id, Reading.POSITIVE).told

    assert told[0] == "Visit 1: the laboratory contradicts the cup. Nothing was paid."
    assert queries.differences(work) == ()


def test_a_cup_that_was_wrong_to_the_patient_s_cost_is_paid_after_all(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="N")
    specimen_id = sent(work, patient_id, "P")
    assert card(work, patient_id).balance_cents == 250

    told = confirm(work, patient_id, specimen_id, Reading.NEGATIVE).told

    assert told[0] == (
        "Visit 2: the laboratory contradicts the cup, to the patient's good. $3.75 earned now."
    )
    found = card(work, patient_id)
    assert (found.balance_cents, found.in_a_row) == (625, 2)
    assert found.visits[1].amount_cents == 375


def test_undrawn_slips_of_a_contradicted_visit_are_gone(work: Work) -> None:
    patient_id = an_enrolled_patient(work, protocol_code="prize_va", visits="N")
    specimen_id = sent(work, patient_id)

    confirm(work, patient_id, specimen_id, Reading.POSITIVE)

    assert [one.visit_number for one in queries.open_draws(work, patient_id=patient_id)] == [1]
    assert queries.draws_waiting(work) == {patient_id: 1}


def test_drawn_prizes_of_a_contradicted_visit_go_back(work: Work) -> None:
    patient_id = an_enrolled_patient(work, protocol_code="prize_va", visits="NNNNNNN")
    specimen_id = sent(work, patient_id)
    visit_id = queries.open_draws(work, patient_id=patient_id)[-1].visit_id
    drawn = services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice="7")

    confirm(work, patient_id, specimen_id, Reading.POSITIVE)

    assert card(work, patient_id).balance_cents == drawn.balance_cents - drawn.paid_cents
    assert card(work, patient_id).visits[-1].amount_cents == 0
    assert queries.trial_balance(work).is_balanced


def test_the_laboratory_speaks_once(work: Work) -> None:
    patient_id = an_enrolled_patient(work)
    specimen_id = sent(work, patient_id)
    confirm(work, patient_id, specimen_id, Reading.NEGATIVE)

    with pytest.raises(Clash, match="recorded already"):
        confirm(work, patient_id, specimen_id, Reading.POSITIVE)


def test_another_analyte_of_the_laboratory_changes_nothing(work: Work) -> None:
    patient_id = an_enrolled_patient(work)
    specimen_id = sent(work, patient_id)

    toxicology.record_confirmation(
        work,
        patient_id=patient_id,
        specimen_id=specimen_id,
        readings={Analyte.FENTANYL: Reading.POSITIVE},
    )

    assert card(work, patient_id).visits[0].state is AwardState.CONFIRMED
    assert card(work, patient_id).balance_cents == 250


def waiting_site(work: Work) -> None:
    sites.choose_setting(
        work,
        setting="rewards.pays_at_once",
        value=False,
        starts_on=date(2026, 1, 1),
        source="site policy: after the laboratory",
    )


def test_a_site_may_wait_for_the_laboratory(work: Work) -> None:
    waiting_site(work)
    patient_id = an_enrolled_patient(work)

    visit = a_visit(work, "N", patient_id=patient_id)
    assert visit.told == (
        "1st negative in a row: $2.50.",
        "Nothing is paid before the laboratory has confirmed the test.",
        "Balance $0.00.",
    )
    assert card(work, patient_id).visits[0].state is AwardState.HELD
    told = confirm(work, patient_id, visit.specimen_id, Reading.NEGATIVE).told

    assert told == ("Visit 1: the laboratory agrees. $2.50 earned now.", "Balance $2.50.")


def test_a_held_award_that_is_contradicted_was_never_paid(work: Work) -> None:
    waiting_site(work)
    patient_id = an_enrolled_patient(work)
    visit = a_visit(work, "N", patient_id=patient_id)

    told = confirm(work, patient_id, visit.specimen_id, Reading.POSITIVE).told

    assert told[0] == "Visit 1: the laboratory contradicts the cup. Nothing was paid."
    assert work.session.scalars(sa.select(LedgerTransfer)).all() == []


def test_held_draws_wait_with_the_rest(work: Work) -> None:
    waiting_site(work)
    patient_id = an_enrolled_patient(work, protocol_code="prize_va")
    visit = a_visit(work, "N", patient_id=patient_id)
    assert queries.open_draws(work, patient_id=patient_id) == ()

    told = confirm(work, patient_id, visit.specimen_id, Reading.NEGATIVE).told

    assert told[0] == "Visit 1: the laboratory agrees. 1 draw earned now."
    assert [one.draws for one in queries.open_draws(work, patient_id=patient_id)] == [1]


# around the code


def test_a_visit_has_one_verdict(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work)
        confirm(work, patient_id, sent(work, patient_id), Reading.NEGATIVE)
        row = dict(work.session.execute(sa.select(RewardConfirmation.__table__)).mappings().one())

    with pytest.raises(Clash, match="word on this visit"), work_as(cast.CARL) as work:
        work.session.execute(sa.insert(RewardConfirmation), row | {"id": work.new_id()})


def test_a_reversed_visit_keeps_no_cent(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="N")
        visit_id = card(work, patient_id).visits[0].id

    with pytest.raises(Exception, match="reversed_pays_nothing"), work_as(cast.CARL) as work:
        rows.insert(
            work.session,
            "reward_confirmation",
            site_id=cast.NORTH.id,
            reward_visit_id=visit_id,
            recorded_by=cast.CARL.id,
            verdict="reversed",
            outcome="P",
            amount_cents=1,
        )


# the pages


def test_the_laboratory_s_result_is_recorded_from_the_card(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work)
        specimen_id = a_visit(work, "N", patient_id=patient_id).specimen_id
    client = sign_in(cast.CARL)
    tests = f"/patients/{patient_id}/tests/{specimen_id}"

    sending = client.post(
        f"{tests}/laboratory",
        data={"laboratory": "Harbor Laboratory", "idempotency_key": "s"},
        follow_redirects=True,
    )
    assert "Sent to Harbor Laboratory." in sending.text
    assert "Laboratory pending" in client.get(f"/patients/{patient_id}/rewards").text
    assert "sent to Harbor Laboratory" in client.get(f"{tests}/confirmation").text
    answer = client.post(
        f"{tests}/confirmation",
        data={"reading_cocaine": "positive", "report": "R-7", "idempotency_key": "c"},
        follow_redirects=True,
    )

    assert "contradicts the cup. $2.50 went back. Balance $0.00." in answer.text
    assert "Reversed" in client.get(f"/patients/{patient_id}/rewards").text


@pytest.mark.parametrize(
    "data", [{}, {"reading_cocaine": "invalid"}, {"reading_cocaine": "x"}, {"report": "r" * 201}]
)
def test_a_broken_laboratory_form_records_nothing(
    sign_in: SignIn, work_as: WorkAs, data: dict[str, str]
) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work)
        specimen_id = sent(work, patient_id)

    answer = sign_in(cast.CARL).post(
        f"/patients/{patient_id}/tests/{specimen_id}/confirmation",
        data={"idempotency_key": "c"} | data,
    )

    assert answer.status_code == 422


def test_there_is_nothing_to_send_of_a_missed_test(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work)
        specimen_id = a_visit(work, "M", patient_id=patient_id).specimen_id

    answer = sign_in(cast.CARL).get(f"/patients/{patient_id}/tests/{specimen_id}/confirmation")

    assert answer.status_code == 404

"""The card, the statement and the program's overview, read back."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import event

from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.facts import TransferKind, VisitOutcome
from clinic.rewards.models import RewardVisit
from tests import cast
from tests.conftest import WorkAs
from tests.patients.builders import a_patient
from tests.rewards.builders import an_enrolled_patient, the_funder_caps


def test_the_card_of_a_patient_who_climbs_slips_and_climbs_again(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="NNNNPNX")

    card = queries.card(work, patient_id=patient_id)

    assert card.is_open
    assert (card.in_a_row, card.longest_in_a_row) == (1, 4)
    assert card.balance_cents == 250 + 375 + 1500 + 625 + 250
    assert card.last_sentence == "Excused: nothing earned today, and nothing lost."
    assert card.next_visit is not None
    assert (card.next_visit.number, card.next_visit.amount_cents) == (8, 375)
    assert [point.level_cents for point in card.path[:9]] == [
        250, 375, 500, 625, 0, 250, 0, 375, 500,
    ]  # fmt: skip
    assert [point.outcome for point in card.path[6:8]] == [VisitOutcome.EXCUSED, None]
    assert len(card.path) == 36


def test_the_next_amount_knows_the_bonus_and_the_cap(work: Work) -> None:
    third = queries.card(work, patient_id=an_enrolled_patient(work, visits="NN")).next_visit
    the_funder_caps(work, 4000)
    last = queries.card(work, patient_id=an_enrolled_patient(work, visits="NNNNN")).next_visit

    assert third is not None
    assert third.amount_cents == 1500
    assert last is not None
    assert last.amount_cents == 500  # 18.75, of which the year's 40.00 leaves 5.00


def test_the_card_of_somebody_never_enrolled_is_empty(work: Work) -> None:
    card = queries.card(work, patient_id=a_patient(work))

    assert (card.enrolment, card.balance_cents, card.lines, card.next_visit) == (None, 0, (), None)
    assert not card.is_open


def test_the_statement_carries_the_balance_forward(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="NPN")
    services.redeem(work, patient_id=patient_id, amount_cents=300, memo="Gift card: 0042")

    lines = queries.statement(work, patient_id=patient_id)

    assert [(line.kind, line.text, line.change_cents, line.balance_cents) for line in lines] == [
        (TransferKind.EARN, "1st negative in a row: $2.50.", 250, 250),
        (TransferKind.EARN, "1st negative in a row: $2.50.", 250, 500),
        (TransferKind.REDEEM, "Gift card: 0042", -300, 200),
    ]


def test_each_visit_keeps_the_terms_it_was_paid_by(work: Work) -> None:
    an_enrolled_patient(work, visits="NNN")

    terms = work.session.scalars(sa.select(RewardVisit.terms).order_by(RewardVisit.number)).all()

    assert (terms[2]["protocol"], terms[2]["protocol_version"]) == ("higgins", 1)
    assert (terms[2]["award_cents"], terms[2]["bonus_cents"]) == (500, 1000)
    assert terms[2]["caps"][-1] == {
        "name": "the funder's yearly cap",
        "limit_cents": 75000,
        "paid_to_date_cents": 625,
    }


def test_the_overview_adds_up_who_earns_and_who_is_owed(work_as: WorkAs) -> None:
    with work_as(cast.CARL, now=cast.NOW - timedelta(days=5)) as work:  # 26 February
        earlier = an_enrolled_patient(work, visits="N")
    with work_as(cast.ADA) as work:
        the_funder_caps(work, 4000)
    with work_as(cast.CARL) as work:
        an_enrolled_patient(work, protocol_code="calaim_recovery_incentives", visits="N")
        an_enrolled_patient(work)
        near = an_enrolled_patient(work, visits="NNNNN")  # 35.00
        services.redeem(work, patient_id=near, amount_cents=2500, memo="Goods: bicycle")

        overview = queries.overview(work)

    lines = {one.patient_id: one for one in overview.patients}
    assert overview.enrolled == 4
    assert overview.liability_cents == 250 + 1000 + 0 + 1000
    assert overview.paid_this_month_cents == 1000 + 3500
    assert overview.near_caps == 1
    assert overview.books.is_balanced
    assert (lines[earlier].paid_this_month_cents, lines[earlier].paid_this_year_cents) == (0, 250)
    assert (lines[near].in_a_row, lines[near].visits_done, lines[near].is_near_cap) == (
        5,
        5,
        True,
    )
    assert lines[near].cap_name == "The funder's yearly cap"
    assert lines[near].cap_used == "$35.00 of $40.00"
    tightest = [one.tightest.cap.limit_cents for one in overview.patients if one.tightest]
    assert sorted(tightest) == [4000, 4000, 4000, 4000]


def test_other_sites_see_nothing_of_it(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        an_enrolled_patient(work, visits="N")
    with work_as(cast.OLGA) as work:
        overview = queries.overview(work)

    assert (overview.patients, overview.books.accounts) == ((), 0)


def statements_of(work: Work) -> int:
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(work.session.get_bind(), "before_cursor_execute", note)
    queries.overview(work)
    event.remove(work.session.get_bind(), "before_cursor_execute", note)
    return len(seen)


def test_the_overview_s_statements_do_not_grow_with_the_patients(work: Work) -> None:
    an_enrolled_patient(work, visits="N")
    with_one = statements_of(work)
    for _ in range(4):
        an_enrolled_patient(work, visits="NN")

    assert statements_of(work) == with_one <= 20

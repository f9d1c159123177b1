"""From result to reward to redemption: amounts typed by hand from the protocols' own tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.programs.facts import CareState, Discharged, DischargeReason
from clinic.rewards import queries, services
from clinic.rewards.facts import TransferKind
from clinic.rewards.models import RewardVisit
from clinic.rewards.services import ledger
from clinic.sites import services as sites
from clinic.toxicology.facts import Analyte, Reading, ResultRecorded
from clinic.toxicology.models import Result, Specimen
from tests import cast
from tests.conftest import Clock, WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import a_referral, an_admission
from tests.rewards.builders import an_enrolled_patient, the_funder_caps
from tests.toxicology.builders import COCAINE_POSITIVE, NEGATIVE, a_result, a_visit


def paid(work: Work, patient_id: UUID) -> list[int]:
    """Cents of every visit of the patient, in order."""
    return list(
        work.session.scalars(
            sa.select(RewardVisit.amount_cents)
            .where(RewardVisit.patient_id == patient_id)
            .order_by(RewardVisit.number)
        )
    )


def balance(work: Work, patient_id: UUID) -> int:
    return queries.card(work, patient_id=patient_id).balance_cents


def count(table: type[Specimen | Result | RewardVisit]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("protocol_code", "visits", "cents"),
    [
        ("higgins", "NNXNPN", [250, 375, 0, 1500, 0, 250]),
        (
            # the third negative after the slip pays the 11.50 paid before it
            "calaim_recovery_incentives",
            "NNNMNNN",
            [1000, 1000, 1150, 0, 1000, 1000, 1150],
        ),
    ],
)
def test_a_history_of_results_earns_what_the_protocol_says(
    work: Work, protocol_code: str, visits: str, cents: list[int]
) -> None:
    patient_id = an_enrolled_patient(work, protocol_code=protocol_code, visits=visits)

    assert paid(work, patient_id) == cents
    assert balance(work, patient_id) == sum(cents)
    assert queries.trial_balance(work).is_balanced


def test_the_person_at_the_desk_hears_why_and_the_new_balance(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="NNN")

    recorded = a_visit(work, "N", patient_id=patient_id)

    assert recorded.told == ("4th negative in a row: $6.25.", "Balance $27.50.")


def test_a_slip_says_how_to_come_back(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="N")

    assert a_visit(work, "P", patient_id=patient_id).told == (
        "Positive: nothing earned today; the next negative pays $2.50.",
        "Balance $2.50.",
    )
    assert a_visit(work, "R", patient_id=patient_id).told[0].startswith("A refused test counts as")


def test_only_the_stimulants_count(work: Work) -> None:
    patient_id = an_enrolled_patient(work)
    other = NEGATIVE | {
        Analyte.OPIATES: Reading.POSITIVE,
        Analyte.METHADONE: Reading.POSITIVE,
        Analyte.EDDP: Reading.POSITIVE,
    }

    a_result(work, patient_id=patient_id, readings=other)
    a_result(work, patient_id=patient_id, readings=COCAINE_POSITIVE)

    assert paid(work, patient_id) == [250, 0]


def test_a_test_that_read_no_stimulant_is_no_visit(work: Work) -> None:
    patient_id = an_enrolled_patient(work)

    recorded = a_result(work, patient_id=patient_id, readings={Analyte.OPIATES: Reading.NEGATIVE})

    assert recorded.told == ()
    assert paid(work, patient_id) == []


def test_without_enrolment_a_result_earns_nothing(work: Work) -> None:
    patient_id = a_patient(work)

    assert a_result(work, patient_id=patient_id).told == ()
    assert balance(work, patient_id) == 0


def test_another_site_s_result_is_not_rewarded_here(work: Work) -> None:
    patient_id = an_enrolled_patient(work)
    work.site = cast.SOUTH

    assert a_result(work, patient_id=patient_id).told == ()


def test_result_and_award_stand_or_fall_together(
    work_as: WorkAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work)

    def fail(*_arguments: object, **_facts: object) -> None:
        raise LookupError("the ledger is out of order")

    monkeypatch.setattr(ledger, "move", fail)
    with pytest.raises(LookupError), work_as(cast.CARL) as work:
        a_result(work, patient_id=patient_id)

    assert (count(Specimen), count(Result), count(RewardVisit)) == (0, 0, 0)


def test_hearing_of_the_same_specimen_again_changes_nothing(work: Work) -> None:
    patient_id = an_enrolled_patient(work)
    recorded = a_result(work, patient_id=patient_id)
    again = ResultRecorded(
        specimen_id=recorded.specimen_id,
        patient_id=patient_id,
        service_date=work.service_date,
        outcome=work.session.get_one(Specimen, recorded.specimen_id).outcome,
        readings=tuple(NEGATIVE.items()),
    )

    services.award_for_result(work, again)

    assert again.told == []
    assert paid(work, patient_id) == [250]


def test_thirty_six_negatives_earn_the_published_total_and_end_the_protocol(work: Work) -> None:
    sites.choose_setting(
        work,
        setting="rewards.yearly_cap_cents",
        value=100000,
        starts_on=date(2026, 1, 1),
        source="test: a funder that pays the whole schedule",
    )
    patient_id = an_enrolled_patient(work, visits="N" * 36)

    card = queries.card(work, patient_id=patient_id)
    assert card.balance_cents == 99750
    assert not card.is_open
    assert card.next_visit is None
    assert a_visit(work, "N", patient_id=patient_id).told == ()


def test_the_funder_s_yearly_cap_pays_the_remainder_and_then_nothing(work: Work) -> None:
    the_funder_caps(work, 2500)
    patient_id = an_enrolled_patient(work, visits="NNN")  # 21.25; the fourth would pay 6.25

    told = a_visit(work, "N", patient_id=patient_id).told
    assert told == (
        (
            "4th negative in a row: $6.25. Paid $3.75: all that the funder's yearly cap of"
            " $25.00 leaves."
        ),
        "Balance $25.00.",
    )
    assert a_visit(work, "N", patient_id=patient_id).told == (
        (
            "5th negative in a row: $7.50. Nothing is paid: the funder's yearly cap of $25.00"
            " is used up."
        ),
        "Balance $25.00.",
    )
    assert [line.kind for line in queries.statement(work, patient_id=patient_id)][-1] is (
        TransferKind.EARN
    )


def test_near_the_cap_the_sentence_says_what_is_left(work: Work) -> None:
    the_funder_caps(work, 3000)
    patient_id = an_enrolled_patient(work, visits="NNN")  # 21.25; 80 % is 24.00

    told = a_visit(work, "N", patient_id=patient_id).told[0]

    assert told == "4th negative in a row: $6.25. $2.50 left under the funder's yearly cap."


def test_a_new_year_opens_the_yearly_cap_again(work_as: WorkAs, clock: Clock) -> None:
    with work_as(cast.ADA) as work:
        the_funder_caps(work, 2500)
        patient_id = an_enrolled_patient(work, visits="NNNNN")  # 25.00 of 35.00
    clock.now = datetime(2027, 1, 4, 15, 0, tzinfo=UTC)

    with work_as(cast.ADA) as work:
        told = a_visit(work, "N", patient_id=patient_id).told

    assert told[0].startswith("6th negative in a row: $8.75, and $10.00 bonus")
    assert told[1] == "Balance $43.75."


def test_enrolment_needs_an_open_episode_a_free_patient_and_an_offered_protocol(
    work: Work,
) -> None:
    stranger, enrolled = a_patient(work), an_enrolled_patient(work)

    with pytest.raises(Refused, match="open episode"):
        services.enrol(work, patient_id=stranger, protocol_code="higgins")
    with pytest.raises(Refused, match="already enrolled"):
        services.enrol(work, patient_id=enrolled, protocol_code="higgins")
    for code in ("", "opioid_negative"):
        with pytest.raises(Refused, match="not offered"):
            services.enrol(work, patient_id=enrolled, protocol_code=code)


def test_california_s_protocol_is_for_outpatients(work: Work) -> None:
    patient_id = a_patient(work)
    an_admission(work, patient_id=patient_id, to_state=CareState.RESIDENTIAL_HIGH, planned_days=30)

    with pytest.raises(Refused, match="outpatients"):
        services.enrol(work, patient_id=patient_id, protocol_code="calaim_recovery_incentives")
    services.enrol(work, patient_id=patient_id, protocol_code="higgins")
    assert queries.open_enrolment(work, patient_id=patient_id) is not None


def test_the_version_is_pinned_at_enrolment(work: Work) -> None:
    patient_id = a_patient(work)
    a_referral(work, patient_id=patient_id)

    services.enrol(work, patient_id=patient_id, protocol_code="higgins")

    enrolment = queries.open_enrolment(work, patient_id=patient_id)
    assert enrolment is not None
    assert (enrolment.protocol.name, enrolment.protocol.version) == ("higgins", 1)


def test_redeeming_takes_from_the_balance_and_never_below_zero(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="NNN")  # 21.25

    first = services.redeem(work, patient_id=patient_id, amount_cents=2000, memo="Gift card: 1")
    assert first.balance_cents == 125
    with pytest.raises(Refused, match=r"balance is \$1.25; \$1.26 is more"):
        services.redeem(work, patient_id=patient_id, amount_cents=126, memo="Gift card: 2")
    for amount_cents in (0, -500):
        with pytest.raises(Refused, match="more than zero"):
            services.redeem(work, patient_id=patient_id, amount_cents=amount_cents, memo="Goods")
    with pytest.raises(Refused, match="handed over"):
        services.redeem(work, patient_id=patient_id, amount_cents=100, memo=" ")
    assert balance(work, patient_id) == 125
    assert queries.trial_balance(work).is_balanced


def test_a_patient_of_another_organisation_is_not_found(work: Work) -> None:
    with pytest.raises(NotFound):
        services.redeem(work, patient_id=cast.PAT.id, amount_cents=100, memo="Goods: soap")


def earned(work: Work, patient_id: UUID) -> UUID:
    return queries.statement(work, patient_id=patient_id)[0].transfer_id


def void(work: Work, patient_id: UUID, award: UUID, *, reason: str = "wrong cup") -> int:
    return services.void_award(
        work,
        patient_id=patient_id,
        transfer_id=award,
        reason=reason,
        approved_by=cast.ADA.id,
    )


def test_a_second_person_voids_an_award_and_the_money_goes_back(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NN")
        award = earned(work, patient_id)
        with pytest.raises(Refused, match="Say why"):
            void(work, patient_id, award, reason=" ")
        left = void(work, patient_id, award)
        assert left == 375
        lines = queries.statement(work, patient_id=patient_id)
        assert [(line.kind, line.change_cents, line.is_voided) for line in lines] == [
            (TransferKind.EARN, 250, True),
            (TransferKind.EARN, 375, False),
            (TransferKind.VOID, -250, False),
        ]
        assert queries.trial_balance(work).is_balanced
    with pytest.raises(Clash, match="already"), work_as(cast.CARL) as work:
        void(work, patient_id, award, reason="again")


def test_a_spent_award_cannot_be_voided(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="N")
        services.redeem(work, patient_id=patient_id, amount_cents=100, memo="Goods: soap")
        award = earned(work, patient_id)

    with pytest.raises(Refused, match="is spent"), work_as(cast.CARL) as work:
        void(work, patient_id, award)


def test_a_voided_award_frees_the_cap(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NN")
        void(work, patient_id, earned(work, patient_id))
        caps = queries.card(work, patient_id=patient_id).caps

    assert [standing.cap.paid_to_date_cents for standing in caps] == [375, 375]


def test_discharge_ends_earning_and_not_redeeming(work: Work) -> None:
    patient_id = an_enrolled_patient(work, visits="N")
    episode = queries.open_enrolment(work, patient_id=patient_id)
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

    assert a_visit(work, "N", patient_id=patient_id).told == ()
    left = services.redeem(work, patient_id=patient_id, amount_cents=250, memo="Goods: soap")
    assert left.balance_cents == 0

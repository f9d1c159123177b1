"""Who pays for a patient: one at a time, its past kept, errors taken back and not removed."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, NotFound, Refused
from clinic.patients import queries, services
from clinic.patients.facts import PayerKind
from clinic.patients.models import Coverage
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient

MARCH_1, MARCH_2, MARCH_3 = (date(2026, 3, day) for day in (1, 2, 3))


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.FRANK) as work:
        return a_patient(work, family_name="Ash")


@pytest.mark.parametrize(
    ("payer", "code"),
    [
        (PayerKind.SELF_PAY, 1),
        (PayerKind.PRIVATE_INSURANCE, 2),
        (PayerKind.MEDICARE, 3),
        (PayerKind.MEDICAID, 4),
        (PayerKind.OTHER_GOVERNMENT, 5),
        (PayerKind.NO_CHARGE, 6),
        (PayerKind.OTHER, 7),
    ],
)
def test_the_codes_of_teds(payer: PayerKind, code: int) -> None:
    assert payer.teds_code == code


def record(work_as: WorkAs, patient_id: UUID, payer: PayerKind, on: date) -> UUID:
    with work_as(cast.FRANK) as work:
        return services.record_coverage(work, patient_id=patient_id, payer=payer, starts_on=on)


def test_a_new_payer_ends_the_one_before(work_as: WorkAs, patient_id: UUID) -> None:
    record(work_as, patient_id, PayerKind.MEDICAID, MARCH_1)
    record(work_as, patient_id, PayerKind.SELF_PAY, MARCH_3)

    with work_as(cast.FRANK) as work:
        found = queries.coverages(work, patient_id=patient_id)
    assert [(one.payer, one.starts_on, one.ends_on) for one in found] == [
        (PayerKind.SELF_PAY, MARCH_3, None),
        (PayerKind.MEDICAID, MARCH_1, MARCH_3),
    ]


def test_a_payer_before_one_on_record_is_refused_by_the_wall(
    work_as: WorkAs, patient_id: UUID
) -> None:
    record(work_as, patient_id, PayerKind.MEDICAID, MARCH_2)

    with pytest.raises(Clash, match="Another payer"):
        record(work_as, patient_id, PayerKind.SELF_PAY, MARCH_1)


def test_taken_back_it_stays_on_record_and_leaves_room(work_as: WorkAs, patient_id: UUID) -> None:
    wrong = record(work_as, patient_id, PayerKind.MEDICAID, MARCH_2)
    with work_as(cast.FRANK) as work:
        services.void_coverage(work, patient_id=patient_id, coverage_id=wrong)
    record(work_as, patient_id, PayerKind.SELF_PAY, MARCH_1)

    with work_as(cast.FRANK) as work:
        assert len(queries.coverages(work, patient_id=patient_id)) == 2
    with pytest.raises(Refused), work_as(cast.FRANK) as work:
        services.void_coverage(work, patient_id=patient_id, coverage_id=wrong)


def test_it_ends_after_it_began_and_once(work_as: WorkAs, patient_id: UUID) -> None:
    coverage_id = record(work_as, patient_id, PayerKind.MEDICAID, MARCH_2)

    def end(on: date) -> None:
        with work_as(cast.FRANK) as work:
            services.end_coverage(work, patient_id=patient_id, coverage_id=coverage_id, ends_on=on)

    for too_early_or_late in (MARCH_2, date(2026, 3, 4)):
        with pytest.raises(Refused):
            end(too_early_or_late)
    end(MARCH_3)
    with pytest.raises(Refused):
        end(MARCH_3)


def test_a_day_to_come_is_refused(work_as: WorkAs, patient_id: UUID) -> None:
    with pytest.raises(Refused):
        record(work_as, patient_id, PayerKind.MEDICAID, date(2026, 3, 4))


def test_another_patients_coverage_is_not_found(work_as: WorkAs, patient_id: UUID) -> None:
    coverage_id = record(work_as, patient_id, PayerKind.MEDICAID, MARCH_1)
    with work_as(cast.FRANK) as work:
        other = a_patient(work, family_name="Birch")
    with pytest.raises(NotFound), work_as(cast.FRANK) as work:
        services.void_coverage(work, patient_id=other, coverage_id=coverage_id)


def test_an_end_says_when_it_became_known(work_as: WorkAs, patient_id: UUID) -> None:
    record(work_as, patient_id, PayerKind.MEDICAID, MARCH_1)

    with pytest.raises(Clash), work_as(cast.FRANK) as work:
        work.session.execute(sa.update(Coverage).values(ends_on=MARCH_2))


def test_the_page_of_the_chart(sign_in: SignIn, patient_id: UUID) -> None:
    client = sign_in(cast.FRANK)
    address = f"/patients/{patient_id}/coverage"

    saved = client.post(address, data={"payer": "medicaid", "starts_on": "2026-03-02"})
    broken = client.post(address, data={"payer": "barter", "starts_on": "soon"})

    assert (saved.status_code, broken.status_code) == (303, 422)
    assert "Medicaid" in sign_in(cast.NORA).get(address).text
    refused = sign_in(cast.INGRID).post(address, data={"payer": "medicaid"})
    assert refused.status_code == 403

"""A site's own protocols: versions, who may start on which, and the medical director's word."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.rewards import queries, services
from clinic.rewards.facts import (
    OPIOID_SAFETY_NOTE,
    PRIZE_CTN_OPIOID_BONUS,
    PROTOCOLS,
    ProtocolStatus,
)
from clinic.rewards.models import RewardEnrolmentOverride, RewardTargetOverride
from tests import cast
from tests.conftest import WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission
from tests.rewards.builders import an_enrolled_patient
from tests.rewards.protocols import OPIOIDS, OURS, a_draft, an_active_protocol
from tests.toxicology.builders import a_visit


def offered(work_as: WorkAs) -> list[str]:
    with work_as(cast.CARL) as work:
        return [one.name for one in queries.offered_protocols(work)]


def override(work_as: WorkAs, *, name: str = OPIOIDS.name) -> UUID:
    with work_as(cast.MEG) as work:
        return services.override_target(
            work, name=name, version=1, reason="weighed", is_note_confirmed=True
        )


def test_a_draft_comes_back_as_it_was_typed_and_is_not_offered(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        assert a_draft(work) == 1

    with work_as(cast.ADA) as work:
        found = queries.site_protocol(work, name="our_vouchers", version=1)
        assert found.protocol == OURS
        assert (found.status, found.why) == (ProtocolStatus.DRAFT, "for our patients")
        assert queries.protocol_of(work, name="our_vouchers", version=1) == OURS
    assert "our_vouchers" not in offered(work_as)


def test_the_published_ones_are_offered_but_for_the_one_that_pays_for_opioids(
    work_as: WorkAs,
) -> None:
    assert offered(work_as) == [name for name in PROTOCOLS if name != "prize_ctn_opioid_bonus"]


def test_a_running_patient_stays_and_a_new_one_starts_on_the_new_version(work_as: WorkAs) -> None:
    better = replace(OURS, first_cents=500)
    with work_as(cast.CARL) as work:
        an_active_protocol(work)
        running = an_enrolled_patient(work, protocol_code="our_vouchers", visits="N")
        assert an_active_protocol(work, better, based_on=1) == 2
        new = an_enrolled_patient(work, protocol_code="our_vouchers", visits="N")
        a_visit(work, "N", patient_id=running)

    with work_as(cast.CARL) as work:
        assert queries.card(work, patient_id=running).balance_cents == 250 + 375
        assert queries.card(work, patient_id=new).balance_cents == 500
        enrolments = [
            queries.latest_enrolment(work, patient_id=one).protocol.version  # type: ignore[union-attr]
            for one in (running, new)
        ]
        assert enrolments == [1, 2]
        assert queries.site_protocol(work, name="our_vouchers", version=1).enrolled == 1
        assert {line.protocol for line in queries.overview(work).patients} == {"Our vouchers"}


def test_a_retired_version_is_offered_to_nobody_and_may_come_back(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        an_active_protocol(work)
    assert "our_vouchers" in offered(work_as)
    with work_as(cast.ADA) as work:
        services.retire_protocol(work, name="our_vouchers", version=1, reason="over")
    assert "our_vouchers" not in offered(work_as)
    with pytest.raises(Clash, match="not active"), work_as(cast.ADA) as work:
        services.retire_protocol(work, name="our_vouchers", version=1, reason="over")
    with work_as(cast.ADA) as work:
        services.activate_protocol(work, name="our_vouchers", version=1, reason="again")
    assert "our_vouchers" in offered(work_as)


def test_what_stops_a_new_version(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_draft(work)
    for based_on in (0, 2):
        with pytest.raises(Clash, match="There is a version 1"), work_as(cast.ADA) as work:
            a_draft(work, based_on=based_on)
    with pytest.raises(Refused, match="Say what"), work_as(cast.ADA) as work:
        services.draft_protocol(work, protocol=OURS, why=" ", based_on=1)


def test_a_faulty_definition_is_never_kept(work_as: WorkAs) -> None:
    with pytest.raises(Refused, match="1 to 104 visits"), work_as(cast.ADA) as work:
        a_draft(work, replace(OURS, scheduled_visits=500))
    with pytest.raises(Refused, match="published protocol's name"), work_as(cast.ADA) as work:
        a_draft(work, replace(OURS, name="higgins"))


def test_a_published_protocol_is_not_switched(work_as: WorkAs) -> None:
    with pytest.raises(Refused, match="always as it was published"), work_as(cast.ADA) as work:
        services.retire_protocol(work, name="higgins", version=1, reason="no")
    with pytest.raises(NotFound), work_as(cast.ADA) as work:
        services.activate_protocol(work, name="nobodys", version=1, reason="no")


def test_another_sites_protocol_is_not_there(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        an_active_protocol(work)
    with work_as(cast.OLGA) as work:
        assert "our_vouchers" not in {one.name for one in queries.offered_protocols(work)}
        with pytest.raises(NotFound):
            queries.protocol_of(work, name="our_vouchers", version=1)


def test_opioid_targets_wait_for_the_medical_director(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_draft(work, OPIOIDS)
    with pytest.raises(Refused, match="medical director"), work_as(cast.ADA) as work:
        services.activate_protocol(work, name=OPIOIDS.name, version=1, reason="please")
    with pytest.raises(Forbidden), work_as(cast.ADA) as work:
        services.override_target(
            work, name=OPIOIDS.name, version=1, reason="please", is_note_confirmed=True
        )
    for reason, is_note_confirmed in (("weighed", False), (" ", True)):
        with pytest.raises(Refused), work_as(cast.MEG) as work:
            services.override_target(
                work,
                name=OPIOIDS.name,
                version=1,
                reason=reason,
                is_note_confirmed=is_note_confirmed,
            )
    override(work_as)
    with work_as(cast.ADA) as work:
        services.activate_protocol(work, name=OPIOIDS.name, version=1, reason="decided")
    assert OPIOIDS.name in offered(work_as)
    with work_as(cast.MEG) as work:
        row = work.session.scalars(sa.select(RewardTargetOverride)).one()
        assert (row.safety_note, row.reason) == (OPIOID_SAFETY_NOTE, "weighed")
        assert (row.recorded_by, row.decided_on) == (cast.MEG.id, work.service_date)
        verbs = set(work.session.scalars(sa.select(AuditLeaf.action)))
        assert {"rewards.protocol.override", "rewards.protocol.activate"} <= verbs


def test_a_revoked_override_ends_the_offer_and_nobody_is_moved(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_draft(work, OPIOIDS)
    override_id = override(work_as)
    with work_as(cast.ADA) as work:
        services.activate_protocol(work, name=OPIOIDS.name, version=1, reason="decided")
        running = an_enrolled_patient(work, protocol_code=OPIOIDS.name)
        stands_on = work.session.scalars(sa.select(RewardEnrolmentOverride.override_id)).all()
        assert stands_on == [override_id]
    with pytest.raises(Forbidden), work_as(cast.ADA) as work:
        services.revoke_override(work, override_id=override_id, reason="no")
    with work_as(cast.MEG) as work:
        services.revoke_override(work, override_id=override_id, reason="an overdose")

    assert OPIOIDS.name not in offered(work_as)
    with work_as(cast.MEG) as work:
        found = queries.site_protocol(work, name=OPIOIDS.name, version=1)
        assert (found.status, found.override) == (ProtocolStatus.RETIRED, None)
        assert queries.open_enrolment(work, patient_id=running) is not None
    with pytest.raises(NotFound), work_as(cast.MEG) as work:
        services.revoke_override(work, override_id=override_id, reason="twice")


def test_enrolling_in_the_published_opioid_bonus_is_refused_with_the_reason(
    work_as: WorkAs,
) -> None:
    name = PRIZE_CTN_OPIOID_BONUS.name
    with work_as(cast.CARL) as work:
        patient_id = a_patient(work)
        an_admission(work, patient_id=patient_id)
    with pytest.raises(Refused, match="opioid-negative samples"), work_as(cast.CARL) as work:
        services.enrol(work, patient_id=patient_id, protocol_code=name)
    override(work_as, name=name)
    with work_as(cast.CARL) as work:
        services.enrol(work, patient_id=patient_id, protocol_code=name)
    with work_as(cast.CARL) as work:
        enrolled = queries.open_enrolment(work, patient_id=patient_id)
        assert enrolled is not None
        assert enrolled.protocol == PRIZE_CTN_OPIOID_BONUS


def test_an_override_is_for_what_needs_one_and_stands_once(work_as: WorkAs) -> None:
    with pytest.raises(Refused, match="does not pay for opioid"):
        override(work_as, name="higgins")
    override(work_as, name="prize_ctn_opioid_bonus")
    with pytest.raises(Clash, match="stands already"):
        override(work_as, name="prize_ctn_opioid_bonus")

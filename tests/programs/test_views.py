"""The chart's first page, the waitlist, and the forms that refer and move, through the browser."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from clinic.programs import queries
from clinic.programs.facts import CareState
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import a_referral, an_admission


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.FRANK) as work:
        return a_patient(work, family_name="Núñez", given_names="María")


@pytest.fixture
def episode_id(work_as: WorkAs, patient_id: UUID) -> UUID:
    with work_as(cast.PIA) as work:
        return an_admission(work, patient_id=patient_id)


def state(work_as: WorkAs, episode_id: UUID) -> CareState:
    with work_as(cast.PIA) as work:
        return queries.episode(work, episode_id=episode_id).state


def send(client: FlaskClient, address: str, **data: str) -> tuple[int, str]:
    """Open a move's page and send its form with what it carries."""
    shown = client.get(address).text
    sequence = re.search(r'name="expected_sequence"[^>]*value="(\d+)"', shown)
    assert sequence is not None
    answer = client.post(address, data={"expected_sequence": sequence[1]} | data)
    return answer.status_code, answer.text


def test_a_chart_without_an_episode_offers_the_referral(sign_in: SignIn, patient_id: UUID) -> None:
    shown = sign_in(cast.FRANK).get(f"/patients/{patient_id}")

    assert shown.status_code == 200
    assert "Not referred yet" in shown.text
    assert f"/patients/{patient_id}/refer" in shown.text
    actions = db.session.scalars(
        sa.select(AuditLeaf.action).where(AuditLeaf.patient_id == patient_id)
    ).all()
    assert "chart.view" in actions


def test_from_referral_to_discharge_in_the_browser(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    desk = sign_in(cast.FRANK)
    chart = f"/patients/{patient_id}"
    referred = desk.post(
        f"{chart}/refer", data={"referral_source": "court", "requested_at": "2026-03-01T09:00"}
    )
    assert (referred.status_code, referred.location) == (303, chart)
    with work_as(cast.PIA) as work:
        here = queries.open_episode(work, patient_id=patient_id)
    assert here is not None
    move = f"/episodes/{here.id}/move"

    assert send(desk, f"{move}/opioid_treatment", note="Meets criteria.")[0] == 303
    assert send(desk, f"{move}/residential_high", note="Housing.", planned_days="30")[0] == 303
    assert "30 days planned. Housing." in desk.get(chart).text
    assert (
        send(desk, f"{move}/discharged", note="Plan met.", discharge_reason="completed")[0] == 303
    )

    shown = desk.get(chart).text
    assert "The last one ended on 03 Mar 2026: completed." in shown
    assert "Readmit" in shown


@pytest.mark.parametrize(
    ("target", "data", "says"),
    [
        ("outpatient", {"note": ""}, "This field is required."),
        ("outpatient", {"note": "x", "occurred_at": "2026-03-01T09:00"}, "later than that"),
        ("outpatient", {"note": "x", "occurred_at": "2026-03-03T09:01"}, "once it has happened"),
        ("residential_high", {"note": "x", "planned_days": "29"}, "Plan 30 to 90 days."),
        ("residential_high", {"note": "x"}, "This field is required."),
        ("discharged", {"note": "x", "discharge_reason": ""}, "This field is required."),
        ("waitlist", {"note": "x"}, "does not lead to"),
        ("opioid_treatment", {"note": "x"}, "already in"),
    ],
)
def test_a_move_that_cannot_be_says_why_on_its_own_page(
    sign_in: SignIn,
    work_as: WorkAs,
    episode_id: UUID,
    *,
    target: str,
    data: dict[str, str],
    says: str,
) -> None:
    status, text = send(sign_in(cast.PIA), f"/episodes/{episode_id}/move/{target}", **data)

    assert status == 422
    assert says in text
    assert state(work_as, episode_id) is CareState.OPIOID_TREATMENT


def test_a_form_shown_before_somebody_elses_move_is_a_clash(
    sign_in: SignIn, work_as: WorkAs, episode_id: UUID
) -> None:
    address = f"/episodes/{episode_id}/move"
    first, second = sign_in(cast.PIA), sign_in(cast.FRANK)
    first.post(f"{address}/outpatient", data={"expected_sequence": "2", "note": "Step down."})

    late = second.post(
        f"{address}/intensive_outpatient", data={"expected_sequence": "2", "note": "Step down."}
    )

    assert late.status_code == 409
    assert "Somebody moved this patient a moment ago." in late.text
    assert state(work_as, episode_id) is CareState.OUTPATIENT


def test_a_second_referral_is_a_clash(sign_in: SignIn, patient_id: UUID) -> None:
    desk = sign_in(cast.FRANK)
    desk.post(f"/patients/{patient_id}/refer", data={"referral_source": "self"})

    again = desk.post(f"/patients/{patient_id}/refer", data={"referral_source": "self"})

    assert again.status_code == 409
    assert "already has an open episode" in again.text


@pytest.mark.parametrize("target", ["nowhere", "None", "DISCHARGED"])
def test_a_state_that_is_none_is_not_found(sign_in: SignIn, episode_id: UUID, target: str) -> None:
    assert sign_in(cast.PIA).get(f"/episodes/{episode_id}/move/{target}").status_code == 404


def test_an_episode_of_another_site_looks_like_none(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.PIA, site=cast.SOUTH) as work:
        south = an_admission(work)
    pia = sign_in(cast.PIA)

    elsewhere = pia.get(f"/episodes/{south}/move/outpatient")
    never = pia.get(f"/episodes/{uuid4()}/move/outpatient")

    assert elsewhere.status_code == never.status_code == 404
    assert elsewhere.text == never.text


@pytest.mark.parametrize(
    ("member", "sees"),
    [(cast.FRANK, True), (cast.PIA, True), (cast.NORA, False), (cast.INGRID, False)],
)
def test_only_who_may_move_sees_the_moves(
    sign_in: SignIn, patient_id: UUID, episode_id: UUID, member: cast.Member, *, sees: bool
) -> None:
    someone = sign_in(member)
    move = f"/episodes/{episode_id}/move/outpatient"

    assert (move in someone.get(f"/patients/{patient_id}").text) is sees
    assert someone.get(move).status_code == (200 if sees else 403)
    if not sees:
        assert someone.post(move).status_code == 403


@pytest.mark.parametrize(
    ("member", "path", "status"),
    [
        (cast.PAT, "/waitlist", 403),
        (cast.INGRID, "/waitlist", 200),
        (cast.ADA, "/waitlist", 200),
    ],
)
def test_who_may_see_the_waitlist(
    sign_in: SignIn, member: cast.Member, path: str, status: int
) -> None:
    assert sign_in(member).get(path).status_code == status


def test_the_waitlist_shows_who_goes_first_and_exports(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        plain = a_patient(work, family_name="Aaronson")
        a_referral(work, patient_id=plain, requested_at=cast.NOW - timedelta(days=20))
        injects = a_patient(work, family_name="Zimmer")
        a_referral(
            work, patient_id=injects, requested_at=cast.NOW - timedelta(days=16), injects=True
        )
    desk = sign_in(cast.FRANK)

    shown = desk.get("/waitlist").text
    assert shown.index("Zimmer") < shown.index("Aaronson")
    assert "Overdue" in shown
    exported = desk.get("/waitlist?format=csv").text
    assert "Injects,Inquiry,16,01 Mar 2026,—,Overdue" in exported


def test_admitting_somebody_past_a_priority_says_so(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        a_referral(work, pregnant=True)
        plain = a_referral(work)

    shown = sign_in(cast.FRANK).get(f"/episodes/{plain}/move/opioid_treatment").text

    assert "1 person waits with a higher priority for admission." in shown


def test_a_page_takes_as_many_statements_for_a_long_list_as_for_a_short_one(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    desk = sign_in(cast.FRANK)
    counted: list[int] = []
    statements: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for more in (1, 12):
        with work_as(cast.FRANK) as work:
            for _ in range(more):
                a_referral(work)
        statements.clear()
        desk.get("/waitlist")
        counted.append(len(statements))

    assert counted[0] == counted[1]

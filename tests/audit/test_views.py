from __future__ import annotations

from clinic.audit import services
from tests import cast
from tests.conftest import SignIn, WorkAs


def test_the_log_shows_who_did_what_and_exports_it(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        services.record(work, action="chart.view", subject="=cmd()|'/c calc'!A0")
    client = sign_in(cast.INGRID)

    assert "Nora Nurse" in client.get("/audit").text
    lines = client.get("/audit?format=csv").text.splitlines()
    assert lines[0] == "When,Who,Did,To,Detail"
    assert any("chart.view,'=cmd()|" in line for line in lines)


def test_what_people_typed_runs_nowhere(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        services.record(work, action="chart.view", subject="<script>alert(1)</script>{{ 7*7 }}")
    page = sign_in(cast.INGRID).get("/audit").text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page


def test_a_page_further_back_than_time_is_no_error(sign_in: SignIn) -> None:
    client = sign_in(cast.INGRID)
    for before in ("yesterday", "2026-03-01", "'; DROP TABLE audit_leaf; --", "0001-01-01T00:00Z"):
        assert client.get("/audit", query_string={"before": before}).status_code == 200


def test_verifying_shows_the_anchor_to_write_down(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        services.seal(work)
    page = sign_in(cast.INGRID).get("/audit/verify").text
    assert "The audit verifies" in page
    assert "Anchor" in page


def test_looking_at_the_log_does_not_change_it(sign_in: SignIn) -> None:
    client = sign_in(cast.INGRID)
    before = client.get("/audit?format=csv").text
    assert client.get("/audit?format=csv").text == before

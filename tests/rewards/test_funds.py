"""Who pays: sources, their caps and budgets, the site's cap, the tax review, fidelity."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.models import FundedEnrolment, FundingSource
from clinic.sites import services as sites
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission
from tests.rewards.builders import an_enrolled_patient
from tests.rewards.stock import a_source
from tests.toxicology.builders import a_visit


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement the database is asked meanwhile."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def caps(work: Work, patient_id: UUID) -> list[tuple[str, int, int]]:
    return [
        (one.cap.name, one.cap.limit_cents, one.cap.paid_to_date_cents)
        for one in queries.card(work, patient_id=patient_id).caps
    ]


def choose(work: Work, setting: str, value: int | bool) -> None:
    sites.choose_setting(
        work,
        setting=f"rewards.{setting}",
        value=value,
        starts_on=work.service_date,
        source="rewards committee",
    )


def test_a_named_source_pays_from_its_own_account_and_is_kept(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        grant_id = a_source(work, pays_for="higgins", year_cap_cents=1000)
        before = an_enrolled_patient(work, protocol_code="prize_va")
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NN")  # 6.25
        assert caps(work, patient_id)[1] == ("the yearly cap of State grant", 1000, 625)
        told = a_visit(work, "N", patient_id=patient_id).told[0]  # 15.00
        assert told.endswith("Paid $3.75: all that the yearly cap of State grant of $10.00 leaves.")
        told = a_visit(work, "N", patient_id=patient_id).told[0]
        assert told.endswith("Nothing is paid: the yearly cap of State grant of $10.00 is used up.")
        pinned = work.session.scalars(sa.select(FundedEnrolment.funding_source_id)).all()
        assert pinned == [grant_id]
        (grant,) = queries.budgets(work, calendar_year=2026)
        assert (grant.name, grant.spent_cents, grant.by_month_cents) == (
            "State grant",
            1000,
            (0, 0, 1000),
        )
        assert caps(work, before)[0][0] == "the funder's yearly cap"
        assert queries.trial_balance(work).is_balanced


def test_who_was_paid_before_a_source_was_named_stays_with_the_site_s_account(
    work_as: WorkAs,
) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="N")
    with work_as(cast.ADA) as work:
        a_source(work)
    with work_as(cast.CARL) as work:
        a_visit(work, "N", patient_id=patient_id)
        spent = {one.name: one.spent_cents for one in queries.budgets(work, calendar_year=2026)}
    assert spent == {"State grant": 0, "No source named": 625}


@pytest.mark.parametrize(
    ("source_cap", "site_cap", "binding", "paid"),
    [
        (900, 700, "the site's yearly cap", [250, 375, 75]),
        (700, 900, "the yearly cap of State grant", [250, 375, 75]),
        (700, 700, "the yearly cap of State grant", [250, 375, 75]),  # the first listed is named
        (99900, 62500, None, [250, 375, 1500]),
    ],
)
def test_the_first_cap_that_binds_pays_the_remainder(
    work_as: WorkAs, source_cap: int, site_cap: int, binding: str | None, paid: list[int]
) -> None:
    with work_as(cast.ADA) as work:
        a_source(work, year_cap_cents=source_cap)
        choose(work, "site_yearly_cap_cents", site_cap)
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NNN")
        visits = queries.card(work, patient_id=patient_id).visits
    assert [visit.amount_cents for visit in visits] == paid
    assert (binding or "bonus") in visits[-1].sentence


def test_the_site_is_warned_at_four_fifths_of_the_cap_that_is_nearest(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        choose(work, "site_yearly_cap_cents", 2600)
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NNN")  # 21.25 of 26.00: 81 %
        assert (
            queries.card(work, patient_id=patient_id)
            .visits[-1]
            .sentence.endswith("$4.75 left under the site's yearly cap.")
        )


def test_a_spent_budget_warns_or_stops_as_the_site_has_chosen(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        services.set_budget(work, source_id=a_source(work), calendar_year=2026, amount_cents=500)
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="N")  # 2.50
        assert queries.card(work, patient_id=patient_id).budget_warning == ""
        a_visit(work, "N", patient_id=patient_id)  # 3.75: the budget only warns
        card = queries.card(work, patient_id=patient_id)
        assert card.balance_cents == 625
        assert card.budget_warning == (
            "The 2026 budget of State grant is spent ($5.00). Awards are paid all the same:"
            " tell whoever keeps the funds."
        )
    with work_as(cast.ADA) as work:
        (source,) = queries.sources(work)
        services.set_budget(work, source_id=source.id, calendar_year=2026, amount_cents=1000)
        choose(work, "stops_when_budget_is_spent", True)
    with work_as(cast.CARL) as work:
        another = an_enrolled_patient(work, visits="NN")  # 2.50, then 1.25 of 3.75
        visits = queries.card(work, patient_id=another).visits
        assert [visit.amount_cents for visit in visits] == [250, 125]
        assert visits[-1].sentence.endswith(
            "Paid $1.25: all that the 2026 budget of State grant of $10.00 leaves."
        )
        names = [one.cap_name for one in queries.overview(work).patients]
        assert names == ["The 2026 budget of State grant"] * 2
        assert queries.trial_balance(work).is_balanced


def test_who_pays_is_chosen_at_enrolment_where_several_may(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_source(work, pays_for="higgins")
        county = a_source(work, name="County", year_cap_cents=300)
        other = a_source(work, name="Other", pays_for="prize_va")
    with work_as(cast.CARL) as work:
        patient_id = a_patient(work)
        an_admission(work, patient_id=patient_id)
        with pytest.raises(Refused, match="does not pay for"):
            services.enrol(
                work, patient_id=patient_id, protocol_code="higgins", funding_source_id=other
            )
    with work_as(cast.CARL) as work:
        patient_id = a_patient(work)
        an_admission(work, patient_id=patient_id)
        services.enrol(
            work, patient_id=patient_id, protocol_code="higgins", funding_source_id=county
        )
        assert caps(work, patient_id)[1] == ("the yearly cap of County", 300, 0)
        a_visit(work, "N", patient_id=patient_id)
        a_visit(work, "N", patient_id=patient_id)
        near = [one for one in queries.overview(work).patients if one.is_near_cap]
        assert [(one.cap_name, one.cap_used) for one in near] == [
            ("The yearly cap of County", "$3.00 of $3.00")
        ]


def test_sources_are_named_once_and_by_whoever_manages_funds(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        source_id = a_source(work)
        services.set_budget(work, source_id=source_id, calendar_year=2026, amount_cents=5000)
        services.set_budget(work, source_id=source_id, calendar_year=2026, amount_cents=6000)
        (grant,) = queries.budgets(work, calendar_year=2026)
        assert grant.budget_cents == 6000
    with pytest.raises(Clash, match="of this name already"), work_as(cast.ADA) as work:
        a_source(work)
    with pytest.raises(Refused, match="end after"), work_as(cast.ADA) as work:
        a_source(work, name="Other", ends_on=date(2026, 1, 1))
    with pytest.raises(Forbidden), work_as(cast.CARL) as work:
        a_source(work, name="Other")
    with pytest.raises(NotFound), work_as(cast.ADA, site=cast.SOUTH) as work:
        services.set_budget(work, source_id=source_id, calendar_year=2026, amount_cents=1)


def test_the_tax_review_lists_who_is_at_or_near_the_threshold(
    sign_in: SignIn, work_as: WorkAs
) -> None:
    with work_as(cast.CARL) as work:
        an_enrolled_patient(work, visits="N" * 5)  # 35.00
        an_enrolled_patient(work, visits="N")
    with work_as(cast.ADA) as work:
        choose(work, "set_cents", 3500)
    client = sign_in(cast.ADA)

    lines = client.get("/rewards/tax?year=2026&format=csv").text.splitlines()
    assert len(lines) == 3  # head, one patient, notice
    assert lines[1].endswith(",$35.00,$35.00,1099-MISC review")
    assert "Nobody is near" in client.get("/rewards/tax?year=2025").text
    for year in ("", "x", "99999", "²⁰²⁶", "-1"):
        assert client.get(f"/rewards/tax?year={year}").status_code == 200


def test_a_year_whose_threshold_is_not_set_says_so(sign_in: SignIn) -> None:
    assert "threshold of 2027 is not set" in sign_in(cast.ADA).get("/rewards/tax?year=2027").text


def test_who_pays_is_named_and_budgeted_on_its_page(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    form = {
        "idempotency_key": "k1",
        "name": "State grant",
        "kind": "grant",
        "pays_for": "",
        "year_cap": "750",
        "terms": "TI-1",
        "starts_on": "2026-01-01",
        "ends_on": "",
    }
    for wrong in ({"year_cap": "lots"}, {"starts_on": "soon"}, {"pays_for": "unknown"}):
        assert client.post("/rewards/funds", data=form | wrong).status_code == 422
    for _ in range(2):
        answer = client.post("/rewards/funds", data=form, follow_redirects=True)
        assert "State grant pays from 2026-01-01." in answer.text
    with client.application.app_context():
        source_id = db.session.scalars(sa.select(FundingSource.id)).one()
    budget = {"idempotency_key": "k2", "calendar_year": "2026", "amount": "1,000"}
    address = f"/rewards/funds/{source_id}/budget"
    assert client.post(address, data=budget | {"amount": "-1"}).status_code == 422
    client.post(address, data=budget)
    lines = client.get("/rewards/funds?format=csv").text.splitlines()
    assert lines[1] == 'State grant,every other,$750.00,"$1,000.00",$0.00,0.0,$0.00,'


def test_fidelity_shows_delays_misses_and_who_did_what(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NPN")
        award = queries.statement(work, patient_id=patient_id)[0].transfer_id
        services.void_award(
            work,
            patient_id=patient_id,
            transfer_id=award,
            reason="wrong cup",
            approved_by=cast.ADA.id,
        )
        services.redeem(work, patient_id=patient_id, amount_cents=100, memo="Goods: soap")
    with work_as(cast.ADA) as work:
        found = queries.fidelity(
            work,
            first_on=work.service_date - timedelta(days=90),
            until_on=work.service_date + timedelta(days=1),
        )
    (carl,) = [one for one in found.staff if one.name == "Carl Counselor"]
    assert (carl.tests, carl.negatives, carl.voided) == (3, 2, 1)
    assert (carl.redemptions, carl.own_redeemed, carl.awarded_cents) == (1, 1, 500)
    assert carl.others_percent is None
    assert carl.flags == ()
    assert (found.awards, found.voids) == (2, 1)
    assert found.delays.rewards == found.delays.in_time == 2
    assert found.missed == ()
    client = sign_in(cast.MEG)
    assert "Fidelity of rewards" in client.get("/rewards/fidelity").text
    for table in ("staff", "missed", "caps", "budgets", "draws", "delays"):
        answer = client.get(f"/rewards/fidelity?format=csv&table={table}")
        assert answer.mimetype == "text/csv"
    assert client.get("/rewards/fidelity?from=2026-03-01").status_code == 200


def test_a_negative_test_nobody_judged_is_a_missed_reward(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="N")
        unheard = replace(work, reactions={})
        for letter in "NPX":
            a_visit(unheard, letter, patient_id=patient_id)
        never_enrolled = a_patient(work)
        a_visit(unheard, "N", patient_id=never_enrolled)
    with work_as(cast.MEG) as work:
        found = queries.fidelity(
            work, first_on=work.service_date, until_on=work.service_date + timedelta(days=1)
        )
    (missed,) = found.missed
    assert (missed.patient_id, missed.recorded_by) == (patient_id, "Carl Counselor")


def test_the_page_costs_the_same_statements_however_many_are_rewarded(work_as: WorkAs) -> None:
    counts = []
    for _ in range(2):
        with work_as(cast.CARL) as work:
            an_enrolled_patient(work, visits="NN")
        with work_as(cast.ADA) as work:
            with counted() as said:
                queries.fidelity(
                    work,
                    first_on=work.service_date,
                    until_on=work.service_date + timedelta(days=1),
                )
                queries.trial_balance(work)
            counts.append(len(said))
    assert counts[0] == counts[1] > 5


def test_only_supervisors_see_the_money_behind(sign_in: SignIn) -> None:
    for member, pages in (
        (cast.CARL, {"/rewards/stock": 200, "/rewards/books": 403, "/rewards/fidelity": 403}),
        (cast.INGRID, {"/rewards/funds": 200, "/rewards/books": 200, "/rewards/tax": 200}),
    ):
        client = sign_in(member)
        assert {page: client.get(page).status_code for page in pages} == pages


def test_yesterday_s_year_starts_the_caps_anew(work_as: WorkAs) -> None:
    new_year = datetime(2027, 1, 1, 14, 0, tzinfo=UTC)
    with work_as(cast.ADA) as work:
        a_source(work, year_cap_cents=600)
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work, visits="NN")
        assert caps(work, patient_id)[1][2] == 600
    with work_as(cast.CARL, now=new_year) as work:
        assert caps(work, patient_id)[1][2] == 0

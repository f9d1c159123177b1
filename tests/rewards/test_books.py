"""Months that close for good, nights that find what differs, and proof against the audit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.core.errors import Clash, Declined, Forbidden, Refused
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.commands import rewards_group
from clinic.rewards.facts import FindingKind
from clinic.rewards.models import LedgerAccount, LedgerTransfer, RewardItem
from clinic.rewards.rules.ledger import TRANSFER_PARTS
from tasks.timetable import DAILY
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.rewards.builders import an_enrolled_patient
from tests.rewards.stock import SIGNED, cards
from tests.toxicology.builders import a_visit

MARCH = date(2026, 3, 1)
APRIL = datetime(2026, 4, 1, 14, 0, tzinfo=UTC)


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        return an_enrolled_patient(work, visits="NNN")  # 21.25


def close(work: Work, first_on: date = MARCH) -> None:
    services.close_period(work, first_on=first_on)


def test_a_month_closes_once_when_it_is_over_and_in_order(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with pytest.raises(Refused, match="March 2026 is not over"), work_as(cast.ADA) as work:
        close(work)
    with work_as(cast.CARL) as work:
        services.redeem(work, patient_id=patient_id, amount_cents=500, memo="Goods: soap")
    with pytest.raises(Forbidden), work_as(cast.CARL, now=APRIL) as work:
        close(work)
    with work_as(cast.ADA, now=APRIL) as work:
        with pytest.raises(Clash, match="next month to close is March"):
            close(work, date(2026, 4, 1))
        close(work)
        (closed,) = queries.closed_periods(work)
        found = closed.totals
        assert (found.transfers, found.earned_cents, found.redeemed_cents) == (4, 2125, 500)
        assert (found.liability_cents, found.trial_balance_cents) == (1625, 0)
        with pytest.raises(Clash, match="next month to close is April"):
            close(work)
        with pytest.raises(Refused, match="April 2026 is not over"):
            close(work, date(2026, 4, 1))


@pytest.mark.usefixtures("patient_id")
def test_nothing_is_dated_into_a_closed_month(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.ADA, now=APRIL) as work:
        close(work)

    late = datetime(2026, 4, 1, 3, 59, tzinfo=UTC)  # 31 March, 23:59 in New York
    with pytest.raises(Clash, match="closed until 2026-04-01"), work_as(cast.CARL, now=late) as w:
        a_visit(w, "N", patient_id=patient_id)
    midnight = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
    with work_as(cast.CARL, now=midnight) as work:
        a_visit(work, "N", patient_id=patient_id)


def test_without_a_transfer_there_is_nothing_to_close(work_as: WorkAs) -> None:
    with pytest.raises(Refused, match="no month to close"), work_as(cast.ADA, now=APRIL) as work:
        close(work)


def test_books_that_do_not_balance_do_not_close(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.ADA) as work:
        _steal(work, patient_id)
    with pytest.raises(Refused, match="do not balance"), work_as(cast.ADA, now=APRIL) as work:
        close(work)


def test_a_night_writes_down_what_differs_once_and_mends_nothing(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.ADA) as work:
        assert services.reconcile(work, work.service_date) == ()
        assert queries.findings(work) == ()
        _steal(work, patient_id)
        for _ in range(2):
            services.reconcile(work, work.service_date)
        found = {
            one.finding.kind: (one.finding.expected_cents, one.finding.found_cents)
            for one in queries.findings(work)
        }
        assert found == {
            FindingKind.ACCOUNT: (2125, 2225),
            FindingKind.TRIAL_BALANCE: (0, 100),
        }
        assert len(queries.findings(work)) == 2
        assert queries.balance_cents(work, patient_id=patient_id) == 2225


def test_a_transfer_slipped_into_a_closed_month_is_found(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.ADA, now=APRIL) as work:
        close(work)
        assert queries.differences(work) == ()
        _slip_in(work, patient_id)
        kinds = [one.kind for one in queries.differences(work)]
    assert FindingKind.CLOSED_PERIOD in kinds
    assert FindingKind.ACCOUNT in kinds


def test_a_card_that_left_without_a_hand_over_is_found(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        cards(work, "0042")
        work.session.execute(sa.update(RewardItem).values(remaining_cents=0))
        (one,) = queries.differences(work)
    assert (one.kind, one.expected_cents, one.found_cents) == (FindingKind.STOCK, 0, -1000)


def test_every_transfer_agrees_with_its_audit_leaf(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.ADA) as work:
        cards(work, "0042")
    with work_as(cast.CARL) as work:
        services.hand_over(work, patient_id=patient_id, serial="0042", signature=SIGNED)
        found = queries.proof(work)
        assert (found.transfers, found.faults) == (5, ())
        _slip_in(work, patient_id)
        (fault,) = queries.proof(work).faults
        assert fault.what == "the audit knows nothing of it"


def test_the_command_says_whether_the_ledger_is_what_was_recorded(
    work_as: WorkAs, patient_id: UUID
) -> None:
    fine = CliRunner().invoke(rewards_group, ["verify-ledger"])
    assert (fine.exit_code, fine.output.strip()) == (0, "All 3 transfers agree with the audit.")
    with work_as(cast.ADA) as work:
        _slip_in(work, patient_id)
    wrong = CliRunner().invoke(rewards_group, ["verify-ledger", "--json"])
    assert wrong.exit_code == 1
    assert '"the audit knows nothing of it"' in wrong.output


def test_the_night_s_check_is_on_the_timetable() -> None:
    assert services.reconcile in {job.verb for job in DAILY}


def test_a_supervisor_sees_the_difference_and_closes_the_month(
    sign_in: SignIn, work_as: WorkAs, clock: object, patient_id: UUID
) -> None:
    client = sign_in(cast.ADA)
    assert "March 2026 can be closed from" in client.get("/rewards/books").text
    clock.now = APRIL  # type: ignore[attr-defined]
    client = sign_in(cast.ADA)
    form = {"idempotency_key": "k1", "first_on": "2026-03-01"}
    for _ in range(2):
        answer = client.post("/rewards/books", data=form, follow_redirects=True)
        assert "March 2026 is closed." in answer.text
    assert client.post("/rewards/books", data=form | {"first_on": "x"}).status_code == 422
    with work_as(cast.ADA, now=APRIL) as work:
        _steal(work, patient_id)
        services.reconcile(work, work.service_date)
    assert "found differences" in client.get("/rewards").text
    assert "Trial balance: all accounts, expected $0.00, found $1.00" in (
        client.get("/rewards/books").text
    )
    assert client.get("/rewards/books?format=csv").text.startswith("Account,Name,Balance")


STEPS = st.lists(
    st.sampled_from(["earn", "earn", "slip", "redeem", "card", "void", "return", "close"]),
    max_size=14,
)


@pytest.mark.timeout(120)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_is_done_the_books_balance(work_as: WorkAs, steps: list[str]) -> None:
    with work_as(cast.CARL) as work:
        patient_id = an_enrolled_patient(work)
    with work_as(cast.ADA) as work:
        if not queries.instruments(work):
            cards(work, *(f"{number}" for number in range(200)))
    for step in steps:
        try:
            with work_as(cast.ADA if step == "close" else cast.CARL) as work:
                _take(work, step, patient_id)
        except Declined:
            continue
    with work_as(cast.ADA) as work:
        assert queries.trial_balance(work).is_balanced
        assert queries.differences(work) == ()
        assert queries.proof(work).faults == ()
        lines = queries.statement(work, patient_id=patient_id)
        assert all(line.balance_cents >= 0 for line in lines)
        assert queries.balance_cents(work, patient_id=patient_id) == sum(
            line.change_cents for line in lines
        )


def _take(work: Work, step: str, patient_id: UUID) -> None:
    standing = [
        line.transfer_id
        for line in queries.statement(work, patient_id=patient_id)
        if not line.is_voided and line.kind.value == {"void": "earn", "return": "redeem"}.get(step)
    ]
    if step in {"earn", "slip"}:
        a_visit(work, "N" if step == "earn" else "P", patient_id=patient_id)
    elif step == "redeem":
        services.redeem(work, patient_id=patient_id, amount_cents=300, memo="Goods: soap")
    elif step == "card":
        serial = next(
            one.serial
            for one in queries.items(work, of=queries.instruments(work)[0])
            if one.remaining_cents
        )
        services.hand_over(work, patient_id=patient_id, serial=serial, signature=SIGNED)
    elif step == "close":
        close(work)
    elif standing:
        verb = services.void_award if step == "void" else services.take_back
        verb(
            work,
            patient_id=patient_id,
            transfer_id=standing[-1],
            reason="changed mind",
            approved_by=cast.ADA.id,
        )


def _steal(work: Work, patient_id: UUID) -> None:
    """A dollar more, past every rule."""
    work.session.execute(
        sa.update(LedgerAccount)
        .where(LedgerAccount.patient_id == patient_id)
        .values(balance_cents=LedgerAccount.balance_cents + 100)
    )


def _slip_in(work: Work, patient_id: UUID) -> None:
    """One transfer more like the patient's first, in March, past every rule."""
    first = queries.statement(work, patient_id=patient_id)[0].transfer_id
    columns = [getattr(LedgerTransfer, part) for part in TRANSFER_PARTS]
    row = work.session.execute(
        sa.select(*columns, LedgerTransfer.time_zone).where(LedgerTransfer.id == first)
    ).mappings()
    values = dict(row.one()) | {"id": new_id(), "kind": "redeem", "reward_visit_id": None}
    work.session.execute(sa.insert(LedgerTransfer).values(values))

"""Digests of transfers, who may take one back, and the months of the books."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from clinic.rewards.rules.ledger import may_reverse, month_of, period_digest, transfer_digest

CARL, ADA, NORA = (UUID(int=number) for number in (1, 2, 3))
TRANSFER: dict[str, object] = {
    "id": UUID(int=9),
    "site_id": UUID(int=8),
    "service_date": date(2026, 3, 3),
    "occurred_at": datetime(2026, 3, 3, 14, 0, tzinfo=UTC),
    "kind": "earn",
    "from_account_id": UUID(int=5),
    "to_account_id": UUID(int=6),
    "amount_cents": 250,
    "reward_visit_id": UUID(int=7),
    "reverses_id": None,
    "memo": "Visit 1",
    "recorded_at": datetime(2026, 3, 3, 14, 0, tzinfo=UTC),
    "recorded_by": CARL,
    "recorded_by_name": "Carl Counselor",
}


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("amount_cents", 251),
        ("to_account_id", UUID(int=60)),
        ("service_date", date(2026, 3, 2)),
        ("recorded_by_name", "Cara Counselor"),
        ("memo", "Visit 2"),
        ("occurred_at", datetime(2026, 3, 3, 14, 0, 1, tzinfo=UTC)),
    ],
)
def test_any_change_of_a_transfer_changes_its_digest(part: str, changed: object) -> None:
    assert transfer_digest(TRANSFER | {part: changed}) != transfer_digest(TRANSFER)


def test_a_digest_does_not_depend_on_the_zone_an_instant_is_written_in() -> None:
    elsewhere = datetime(2026, 3, 3, 9, 0, tzinfo=timezone(timedelta(hours=-5)))

    assert transfer_digest(TRANSFER | {"occurred_at": elsewhere}) == transfer_digest(TRANSFER)


def test_a_month_s_digest_does_not_depend_on_order() -> None:
    assert period_digest(["b", "a"]) == period_digest(["a", "b"])
    assert period_digest(["a"]) != period_digest(["a", "b"])


@pytest.mark.parametrize(
    ("day", "first_on", "until_on", "label"),
    [
        (date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 1), "January 2026"),
        (date(2026, 12, 1), date(2026, 12, 1), date(2027, 1, 1), "December 2026"),
        (date(2028, 2, 29), date(2028, 2, 1), date(2028, 3, 1), "February 2028"),
    ],
)
def test_the_month_of_a_day(day: date, first_on: date, until_on: date, label: str) -> None:
    month = month_of(day)

    assert (month.first_on, month.until_on, month.label) == (first_on, until_on, label)


@pytest.mark.parametrize(
    ("asked_by", "approved_by", "recorded_by", "may", "covered", "codes"),
    [
        (CARL, ADA, CARL, True, 1000, []),
        (CARL, ADA, NORA, True, None, []),
        (CARL, CARL, NORA, True, 1000, ["same_person"]),
        (CARL, ADA, ADA, True, 1000, ["approves_own"]),
        (CARL, CARL, CARL, True, 1000, ["same_person", "approves_own"]),
        (CARL, NORA, CARL, False, 1000, ["may_not_approve"]),
        (CARL, ADA, CARL, True, 999, ["spent"]),
    ],
)
def test_two_people_take_a_transfer_back(
    *,
    asked_by: UUID,
    approved_by: UUID,
    recorded_by: UUID,
    may: bool,
    covered: int | None,
    codes: list[str],
) -> None:
    decision = may_reverse(
        asked_by=asked_by,
        approved_by=approved_by,
        recorded_by=recorded_by,
        approver_may=may,
        amount_cents=1000,
        covered_cents=covered,
    )

    assert [reason.code for reason in decision.stops] == codes

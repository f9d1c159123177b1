"""What a transfer says, as one digest, who may take one back, and which month comes next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from clinic.core.decision import Decision, Reason
from clinic.core.money import dollars
from clinic.rewards.facts import Period

_SEPARATION = "clinical-rules 3.5: nobody both requests and approves a void; site policy"
TRANSFER_PARTS = (
    "id",
    "site_id",
    "service_date",
    "occurred_at",
    "kind",
    "from_account_id",
    "to_account_id",
    "amount_cents",
    "reward_visit_id",
    "reverses_id",
    "memo",
    "recorded_at",
    "recorded_by",
    "recorded_by_name",
)
"""Every column of a transfer that an edit could change."""


def transfer_digest(transfer: Mapping[str, object]) -> str:
    """SHA-256 over every part of a transfer: any edit of any of them shows."""
    parts = {part: transfer[part] for part in TRANSFER_PARTS}
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=_text)
    return hashlib.sha256(text.encode()).hexdigest()


def period_digest(digests: Iterable[str]) -> str:
    """SHA-256 over the digests of a month's transfers, in whatever order they come."""
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


def month_of(day: date) -> Period:
    """The calendar month a day is in."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1))


def may_reverse(
    *,
    asked_by: UUID | None,
    approved_by: UUID,
    recorded_by: UUID | None,
    approver_may: bool,
    amount_cents: int,
    covered_cents: int | None = None,
) -> Decision:
    """Whether two people may take a transfer back.

    ``covered_cents`` is the balance it would be taken from; None where nothing can run short.
    Source: each reason names its own.
    """
    reasons = []
    if approved_by == asked_by:
        reasons.append(
            Reason(
                "same_person",
                "Somebody else has to approve this: it takes two people.",
                _SEPARATION,
            )
        )
    if approved_by == recorded_by:
        reasons.append(
            Reason(
                "approves_own",
                "Whoever recorded it cannot approve taking it back.",
                _SEPARATION,
            )
        )
    if not approver_may:
        reasons.append(
            Reason(
                "may_not_approve",
                "The second person may not void rewards at this site.",
                _SEPARATION,
            )
        )
    if covered_cents is not None and covered_cents < amount_cents:
        reasons.append(
            Reason(
                "spent",
                f"The award of {dollars(amount_cents)} is spent: the balance is"
                f" {dollars(covered_cents)}.",
                "site policy: a patient's balance is never negative",
            )
        )
    return Decision.of(reasons)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value)

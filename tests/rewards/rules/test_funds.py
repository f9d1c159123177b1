"""Which source pays, what may be handed over, where a budget leads."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from clinic.rewards.facts import FunderKind, FundingSource, RedemptionTerms
from clinic.rewards.rules.funds import forecast, may_hand_over, source_for

TODAY = date(2026, 3, 3)


def source(
    name: str,
    *,
    pays_for: str | None = None,
    starts_on: date = date(2026, 1, 1),
    ends_on: date | None = None,
) -> FundingSource:
    return FundingSource(
        id=UUID(int=1),
        name=name,
        kind=FunderKind.GRANT,
        account_id=UUID(int=2),
        pays_for=pays_for,
        year_cap_cents=None,
        terms="",
        starts_on=starts_on,
        ends_on=ends_on,
    )


GENERAL = source("general")
FOR_HIGGINS = source("higgins", pays_for="higgins")
OVER = source("over", pays_for="higgins", ends_on=TODAY)
AHEAD = source("ahead", pays_for="higgins", starts_on=date(2026, 3, 4))
OLDER = source("older", starts_on=date(2025, 1, 1))


@pytest.mark.parametrize(
    ("sources", "protocol", "pays"),
    [
        ([], "higgins", None),
        ([GENERAL], "higgins", "general"),
        ([GENERAL, FOR_HIGGINS], "higgins", "higgins"),
        ([GENERAL, FOR_HIGGINS], "prize_va", "general"),
        ([FOR_HIGGINS], "prize_va", None),
        ([GENERAL, OVER], "higgins", "general"),
        ([AHEAD], "higgins", None),
        ([GENERAL, OLDER], "higgins", "older"),
    ],
)
def test_the_source_that_names_the_protocol_pays_before_a_general_one(
    sources: list[FundingSource], protocol: str, pays: str | None
) -> None:
    found = source_for(protocol, sources=sources, on=TODAY)

    assert (found and found.name) == pays


@pytest.mark.parametrize(
    ("amount", "balance", "remaining", "second", "codes"),
    [
        (1000, 1000, 1000, False, []),
        (1000, 1000, None, False, []),
        (0, 1000, None, False, ["amount"]),
        (-5, 1000, None, False, ["amount"]),
        (1001, 1000, None, False, ["balance"]),
        (1000, 1000, 999, False, ["card"]),
        (1000, 1000, 0, False, ["card"]),
        (4999, 5000, None, False, []),
        (5000, 5000, None, False, ["second_person"]),
        (5000, 5000, None, True, []),
        (9000, 5000, 6000, False, ["card", "balance", "second_person"]),
    ],
)
def test_what_may_be_handed_over(
    amount: int, balance: int, remaining: int | None, second: bool, codes: list[str]
) -> None:
    decision = may_hand_over(
        amount_cents=amount,
        balance_cents=balance,
        remaining_cents=remaining,
        second_person=second,
        terms=RedemptionTerms(),
    )

    assert [reason.code for reason in decision.stops] == codes


@pytest.mark.parametrize(
    ("spent", "on", "cents"),
    [
        (0, date(2026, 6, 30), 0),
        (100, date(2026, 1, 1), 36500),  # one day of 365
        (18100, date(2026, 6, 30), 36500),  # 181 days: 1.00 a day
        (36500, date(2026, 12, 31), 36500),
        (36500, date(2027, 2, 1), 36500),  # the year is over: nothing more is expected
    ],
)
def test_a_forecast_goes_on_as_the_year_went(spent: int, on: date, cents: int) -> None:
    assert forecast(spent, first_on=date(2026, 1, 1), on=on, until_on=date(2027, 1, 1)) == cents

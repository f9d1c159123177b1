from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rewards.facts import (
    CALAIM_RECOVERY_INCENTIVES,
    HIGGINS,
    PRIZE_VA,
    Bar,
    FunderTerms,
    History,
    PastVisit,
    Protocol,
    VisitOutcome,
)
from clinic.rewards.rules.schedules import awards_for
from clinic.rewards.rules.simulation import bar_width_cents, losses, simulate

LETTERS = st.text(alphabet="NPMX", max_size=40)


def history(letters: str, *, code: str = "1", on: date | None = None) -> History:
    return History(code, tuple(PastVisit(VisitOutcome(letter), on) for letter in letters))


def test_three_histories_by_hand() -> None:
    found = simulate(
        HIGGINS,
        histories=[history("NNN"), history("NNPN", code="2"), history("", code="3")],
    )

    assert [one.paid_cents for one in found.patients] == [2125, 875, 0]
    assert (found.total_cents, found.mean_cents, found.median_cents, found.p90_cents) == (
        3000,
        1000,
        875,
        2125,
    )
    assert (found.visits, found.met, found.cap_hits) == (7, 6, 0)
    assert [bar.patients for bar in found.bars] == [1, 1, 0, 0, 1]
    assert found.bars[1] == Bar(from_cents=500, to_cents=1000, patients=1)


def test_nobody_at_all() -> None:
    found = simulate(HIGGINS, histories=[])

    assert (found.total_cents, found.median_cents, found.bars) == (0, 0, ())


def test_a_history_ends_with_the_protocols_last_visit() -> None:
    (one,) = simulate(CALAIM_RECOVERY_INCENTIVES, histories=[history("N" * 50)]).patients

    assert (one.visits, one.paid_cents) == (36, 59900)


def test_the_funders_cap_stops_one_and_starts_again_with_the_year() -> None:
    terms = FunderTerms(yearly_cap_cents=1000)
    this_year = history("NNN", on=date(2026, 3, 2))
    over_new_year = History(
        "2",
        tuple(
            PastVisit(VisitOutcome.NEGATIVE, day)
            for day in (date(2026, 12, 29), date(2026, 12, 31), date(2027, 1, 2))
        ),
    )
    found = simulate(HIGGINS, histories=[this_year, over_new_year], funder=terms)

    assert [(one.earned_cents, one.paid_cents) for one in found.patients] == [
        (2125, 1000),
        (2125, 1625),
    ]
    assert found.patients[0].binding_cap == "the funder's yearly cap"
    assert found.cap_hits == 2


def test_the_tighter_cap_is_named_whichever_it_is() -> None:
    tight = replace(HIGGINS, yearly_cap_cents=500)
    (one,) = simulate(tight, histories=[history("NNN")]).patients

    assert (one.paid_cents, one.binding_cap) == (500, "the protocol's yearly cap")


@pytest.mark.parametrize(
    ("protocol", "letters", "expected"),
    [
        (HIGGINS, "NNN", ()),
        (HIGGINS, "PPP", ()),  # there was no level to lose
        (HIGGINS, "NPN", (1,)),
        (HIGGINS, "NNNP", (None,)),
        (HIGGINS, "NNNPNNN", (3,)),
        (HIGGINS, "N" * 10 + "P" + "N" * 6, (6,)),
        (HIGGINS, "NNNPNPNNN", (5,)),  # a slip on the way back is the same loss
        (HIGGINS, "NPNP", (1, None)),
        (CALAIM_RECOVERY_INCENTIVES, "NNNNNNPNNN", (3,)),
        (PRIZE_VA, "NNNXPNNN", (3,)),
    ],
)
def test_visits_until_a_lost_level_is_paid_again(
    protocol: Protocol, letters: str, expected: tuple[int | None, ...]
) -> None:
    outcomes = [VisitOutcome(letter) for letter in letters]
    assert losses(protocol, awards=awards_for(protocol, outcomes=outcomes)) == expected


def test_the_same_seed_draws_the_same_slips_and_another_draws_others() -> None:
    histories = [history("N" * 24, code=str(number)) for number in range(20)]
    first = simulate(PRIZE_VA, histories=histories, seed=7)

    assert simulate(PRIZE_VA, histories=histories, seed=7) == first
    assert simulate(PRIZE_VA, histories=histories, seed=8).total_cents != first.total_cents
    # 20 patients, 164 draws each at $2.218: about $7,275; five deviations of $88.26 x root of 20.
    assert first.draws == 3280
    assert abs(first.total_cents - 727504) < 5 * 39472


@settings(max_examples=40)
@given(st.lists(LETTERS, max_size=5), st.sampled_from([HIGGINS, CALAIM_RECOVERY_INCENTIVES]))
def test_a_simulation_pays_what_the_protocol_pays(everybody: list[str], protocol: Protocol) -> None:
    found = simulate(
        protocol,
        histories=[history(letters, code=str(n)) for n, letters in enumerate(everybody)],
        funder=FunderTerms(yearly_cap_cents=10**9),
    )
    by_hand = [
        sum(
            award.total_cents
            for award in awards_for(
                protocol,
                outcomes=[VisitOutcome(one) for one in letters[: protocol.scheduled_visits]],
            )
        )
        for letters in everybody
    ]

    assert [one.paid_cents for one in found.patients] == by_hand
    assert sum(bar.patients for bar in found.bars) == len(everybody)


@pytest.mark.parametrize(
    ("most_cents", "width_cents"),
    [(0, 100), (999, 100), (1000, 200), (2125, 500), (99750, 10000), (100000, 20000)],
)
def test_ten_bars_of_a_round_width(most_cents: int, width_cents: int) -> None:
    assert bar_width_cents(most_cents) == width_cents

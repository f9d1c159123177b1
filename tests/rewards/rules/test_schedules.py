from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Refused
from clinic.rewards.facts import (
    ATTENDANCE,
    CALAIM_RECOVERY_INCENTIVES,
    GOALS,
    HIGGINS,
    MEDICATION_ADHERENCE,
    PRIZE_CTN,
    PRIZE_CTN_OPIOID_BONUS,
    PRIZE_VA,
    PROTOCOLS,
    EscalatingProtocol,
    Protocol,
    SecondSlip,
    SlipTerms,
    VisitOutcome,
)
from clinic.rewards.rules.schedules import award_for, awards_for, next_if_negative

CALAIM = CALAIM_RECOVERY_INCENTIVES
ALL_NEGATIVE_HIGGINS = "N" * 36


def outcomes(letters: str) -> list[VisitOutcome]:
    return [VisitOutcome(letter) for letter in letters]


def paid(protocol: Protocol, letters: str) -> list[int]:
    return [award.total_cents for award in awards_for(protocol, outcomes=outcomes(letters))]


@pytest.mark.parametrize(
    ("letters", "payments"),
    [
        ("", ""),
        ("P", "0"),
        ("NNN", "250 375 1500"),
        ("NNPNNN", "250 375 0 250 375 1500"),
        (
            "NNNNNNNNNNPNNNNNNN",
            "250 375 1500 625 750 1875 1000 1125 2250 1375 0 250 375 1500 625 750 2375 1500",
        ),
        ("NNXNMN", "250 375 0 1500 0 250"),
        # A second slip before the sixth negative keeps the higher saved amount.
        (
            "NNNNNNNNPNNNMNNNNNN",
            "250 375 1500 625 750 1875 1000 1125 0 250 375 1500 0 250 375 1500 625 750 2125",
        ),
        # What was saved is below the normal next amount.
        ("NNNNPNNNXNNN", "250 375 1500 625 0 250 375 1500 0 625 750 1875"),
        ("XXN", "0 0 250"),
    ],
)
def test_higgins_pays_by_negatives_in_a_row(letters: str, payments: str) -> None:
    assert paid(HIGGINS, letters) == [int(cents) for cents in payments.split()]


def test_36_negatives_earn_997_dollars_and_50_cents() -> None:
    awards = awards_for(HIGGINS, outcomes=outcomes(ALL_NEGATIVE_HIGGINS))
    assert sum(award.amount_cents for award in awards) == 87750
    assert sum(award.bonus_cents for award in awards) == 12000
    assert awards[-1].total_cents == 5625


@pytest.mark.parametrize(
    ("letters", "payments"),
    [
        ("NNNN", "1000 1000 1150 1150"),
        (
            "NNNNNNPNNNN",
            "1000 1000 1150 1150 1300 1300 0 1000 1000 1300 1450",
        ),
        (
            "NNNNNNPNNPNNNN",
            "1000 1000 1150 1150 1300 1300 0 1000 1000 0 1000 1000 1300 1450",
        ),
        ("NPNNN", "1000 0 1000 1000 1150"),
    ],
)
def test_calaim_climbs_every_second_negative_and_recovers_on_the_third(
    letters: str, payments: str
) -> None:
    assert paid(CALAIM, letters) == [int(cents) for cents in payments.split()]


def test_calaim_pays_599_dollars_at_most() -> None:
    payments = paid(CALAIM, "N" * 36)
    assert (sum(payments[:24]), sum(payments[24:]), sum(payments)) == (43800, 16100, 59900)


def test_the_last_twelve_weeks_of_calaim_pay_each_visit_by_itself() -> None:
    payments = paid(CALAIM, "X" * 24 + "PNNNNNNNNNNM")
    assert payments[24:] == [0, *[1500] * 5, *[1000] * 5, 0]


@pytest.mark.parametrize(
    ("letters", "draws"),
    [
        ("NNNPNN", [1, 2, 3, 0, 1, 2]),
        ("NNNXNNMN", [1, 2, 3, 0, 4, 5, 0, 1]),
        ("N" * 10, [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]),
    ],
)
def test_the_bowl_gives_one_draw_more_for_each_negative_in_a_row(
    letters: str, draws: list[int]
) -> None:
    awards = awards_for(PRIZE_VA, outcomes=outcomes(letters))
    assert [award.draws for award in awards] == draws
    assert all(award.total_cents == 0 for award in awards)


def test_a_site_may_cap_the_draws_lower() -> None:
    awards = awards_for(replace(PRIZE_VA, draw_cap=2), outcomes=outcomes("NNNN"))
    assert [award.draws for award in awards] == [1, 2, 2, 2]


@pytest.mark.parametrize(
    ("protocol", "letters", "sentence"),
    [
        (HIGGINS, "NNNN", "4th negative in a row: $6.25."),
        (
            HIGGINS,
            "NNN",
            "3rd negative in a row: $5.00, and $10.00 bonus for 3 in a row.",
        ),
        (
            HIGGINS,
            "N" * 10 + "P" + "N" * 6,
            (
                "6th negative in a row: $13.75, the level before the slip, and $10.00 bonus for 3"
                " in a row."
            ),
        ),
        (
            HIGGINS,
            "N" * 10 + "P",
            (
                "Positive: nothing earned today; the next negative pays $2.50, and the 6th in a"
                " row $13.75 again."
            ),
        ),
        (HIGGINS, "M", "Missed: nothing earned today; the next negative pays $2.50."),
        (HIGGINS, "NX", "Excused: nothing earned today, and nothing lost."),
        (CALAIM, "X" * 24 + "N", "Negative at visit 25: $15.00."),
        (
            CALAIM,
            "X" * 24 + "P",
            "Positive: nothing earned today; each visit counts by itself.",
        ),
        (PRIZE_VA, "N", "1st negative in a row: 1 draw."),
        (PRIZE_VA, "N" * 11, "11th negative in a row: 8 draws."),
        (PRIZE_VA, "NM", "Missed: nothing earned today; the next negative earns 1 draw."),
    ],
)
def test_the_patient_hears_why(protocol: Protocol, letters: str, sentence: str) -> None:
    assert award_for(protocol, outcomes=outcomes(letters)).sentence == sentence


def test_the_next_amount_includes_the_bonus() -> None:
    following = next_if_negative(HIGGINS, outcomes=outcomes("NN"))
    assert following is not None
    assert following.visit_number == 3
    assert following.total_cents == 1500


def test_after_the_last_visit_there_is_no_next() -> None:
    assert next_if_negative(PRIZE_VA, outcomes=outcomes("N" * 24)) is None


def test_a_visit_too_many_and_no_visit_are_refused() -> None:
    with pytest.raises(Refused, match="24 visits"):
        awards_for(PRIZE_VA, outcomes=outcomes("N" * 25))
    with pytest.raises(Refused, match="no visit"):
        award_for(HIGGINS, outcomes=[])


@pytest.mark.parametrize(
    ("protocol", "visits", "cents", "draws"),
    [
        (HIGGINS, 36, 99750, 0),
        (CALAIM, 36, 59900, 0),
        (PRIZE_VA, 24, 0, 164),
        (PRIZE_CTN, 24, 0, 156),
        (PRIZE_CTN_OPIOID_BONUS, 24, 0, 204),
        (ATTENDANCE, 24, 18000, 0),
        (MEDICATION_ADHERENCE, 12, 15000, 0),
        (GOALS, 12, 18000, 0),
    ],
)
def test_the_published_totals(protocol: Protocol, visits: int, cents: int, draws: int) -> None:
    awards = awards_for(
        protocol, outcomes=outcomes("N" * visits), bonus_visits=range(1, visits + 1)
    )
    assert protocol.scheduled_visits == visits
    assert sum(award.total_cents for award in awards) == cents
    assert sum(award.draws for award in awards) == draws


def test_the_ctn_bowl_gives_as_many_draws_as_weeks_and_two_more_for_the_bonus() -> None:
    awards = awards_for(
        PRIZE_CTN_OPIOID_BONUS, outcomes=outcomes("NNNNNPN"), bonus_visits=(1, 4, 6)
    )
    assert [award.draws for award in awards] == [3, 1, 2, 4, 3, 0, 1]
    assert awards[3].sentence == (
        "4th negative in a row: 2 draws, and 2 draws more: negative for opioids and cannabis too."
    )


SHORT = EscalatingProtocol(
    name="short",
    version=1,
    title="Short",
    scheduled_visits=12,
    first_cents=100,
    step_cents=100,
    negatives_per_step=1,
    recovers_on_negative=2,
    source="a test",
)


@pytest.mark.parametrize(
    ("changes", "letters", "payments"),
    [
        ({}, "NNNPNNN", [100, 200, 300, 0, 100, 300, 400]),
        ({"recovers_on_negative": 0}, "NNNPNNN", [100, 200, 300, 0, 100, 200, 300]),
        # A second slip before the level is regained.
        ({}, "NNNPNPNN", [100, 200, 300, 0, 100, 0, 100, 300]),
        (
            {"slips": SlipTerms(second_slip=SecondSlip.KEEPS_LATEST)},
            "NNNPNPNN",
            [100, 200, 300, 0, 100, 0, 100, 200],
        ),
        # Absences that set nothing back, and excuses that do.
        ({"slips": SlipTerms(missed_resets=False)}, "NNMN", [100, 200, 0, 300]),
        ({"slips": SlipTerms(positive_resets=False)}, "NNPMN", [100, 200, 0, 0, 100]),
        ({"slips": SlipTerms(excused_resets=True)}, "NNXN", [100, 200, 0, 100]),
    ],
)
def test_what_a_slip_costs_is_a_parameter(
    changes: dict[str, object], letters: str, payments: list[int]
) -> None:
    assert paid(replace(SHORT, **changes), letters) == payments  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("protocol", "letters", "sentence"),
    [
        (ATTENDANCE, "NN", "2nd kept visit in a row: $5.00."),
        (
            ATTENDANCE,
            "NNNNNNNNM",
            (
                "Missed: nothing earned today; the next kept visit pays $5.00, and the 3rd in a"
                " row $6.00 again."
            ),
        ),
        (MEDICATION_ADHERENCE, "N", "1st visit with medication taken in a row: $10.00."),
        (GOALS, "NP", "Not reached: nothing earned today, and nothing lost."),
        (
            replace(SHORT, slips=SlipTerms(excused_resets=True)),
            "X",
            "Excused: nothing earned today; the next negative pays $1.00.",
        ),
    ],
)
def test_each_target_has_its_own_words(protocol: Protocol, letters: str, sentence: str) -> None:
    assert award_for(protocol, outcomes=outcomes(letters)).sentence == sentence


LETTERS = st.text(alphabet="NPMX", max_size=36)
PUBLISHED = st.sampled_from(sorted(PROTOCOLS.values(), key=lambda protocol: protocol.name))
SITES_OWN = st.builds(
    EscalatingProtocol,
    name=st.just("own"),
    version=st.just(1),
    title=st.just("Own"),
    scheduled_visits=st.just(36),
    first_cents=st.integers(0, 2000),
    step_cents=st.integers(0, 500),
    negatives_per_step=st.integers(1, 5),
    recovers_on_negative=st.integers(0, 8),
    source=st.just("a test"),
    bonus_cents=st.integers(0, 2000),
    bonus_every=st.integers(0, 5),
    slips=st.builds(
        SlipTerms,
        positive_resets=st.booleans(),
        missed_resets=st.booleans(),
        excused_resets=st.booleans(),
        second_slip=st.sampled_from(SecondSlip),
    ),
)


def worth(protocol: Protocol, letters: str) -> tuple[int, int]:
    awards = awards_for(protocol, outcomes=outcomes(letters[: protocol.scheduled_visits]))
    return sum(award.total_cents for award in awards), sum(award.draws for award in awards)


@given(PUBLISHED | SITES_OWN, LETTERS)
def test_nothing_brings_more_than_the_maximum(protocol: Protocol, letters: str) -> None:
    most = worth(protocol, "N" * protocol.scheduled_visits)
    cents, draws = worth(protocol, letters)
    assert 0 <= cents <= most[0]
    assert 0 <= draws <= most[1]


@given(PUBLISHED | SITES_OWN, LETTERS, st.integers(0, 35), st.sampled_from("PMX"))
def test_a_miss_never_earns_more_than_a_negative_would_have(
    protocol: Protocol, letters: str, at: int, miss: str
) -> None:
    met = (letters[:at] + "N" + letters[at + 1 :])[:36]
    missed = (letters[:at] + miss + letters[at + 1 :])[:36]
    for better, worse in zip(worth(protocol, met), worth(protocol, missed), strict=True):
        assert worse <= better


@given(LETTERS)
def test_no_history_earns_more_than_all_negative(letters: str) -> None:
    assert sum(paid(HIGGINS, letters)) <= 99750
    assert sum(paid(CALAIM, letters)) <= 59900


@given(LETTERS)
def test_an_award_depends_on_the_past_alone(letters: str) -> None:
    everything = awards_for(HIGGINS, outcomes=outcomes(letters))
    for count in range(1, len(letters) + 1):
        assert award_for(HIGGINS, outcomes=outcomes(letters[:count])) == everything[count - 1]


@given(LETTERS, st.integers(0, 36))
def test_an_excused_visit_changes_nothing_after_it(letters: str, at: int) -> None:
    with_excuse = (letters[:at] + "X" + letters[at:])[:36]
    kept = [award for award in paid(HIGGINS, with_excuse) if award]
    assert kept == [award for award in paid(HIGGINS, letters) if award][: len(kept)]


@given(LETTERS)
def test_a_missed_visit_is_a_positive_one(letters: str) -> None:
    assert paid(HIGGINS, letters.replace("M", "P")) == paid(HIGGINS, letters)

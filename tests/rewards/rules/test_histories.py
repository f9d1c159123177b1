"""Files of results: what is read, and which line is said to be wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from clinic.core.errors import Refused
from clinic.rewards.facts import (
    CALAIM_RECOVERY_INCENTIVES,
    HIGGINS,
    PRIZE_CTN,
    PRIZE_CTN_OPIOID_BONUS,
    PRIZE_VA,
    History,
    PastVisit,
    Protocol,
    VisitOutcome,
)
from clinic.rewards.rules.histories import (
    TRIAL_COLUMNS,
    histories_from_csv,
    histories_from_trial,
    text_of,
)
from clinic.rewards.rules.simulation import simulate

HEAD = "patient,visit,result\n"
NEGATIVE, POSITIVE, MISSED, EXCUSED = VisitOutcome


def test_visits_are_put_in_order_by_date_or_number() -> None:
    text = "Patient,Visit,Result,Bonus\n7,2026-03-05,m,\n\n7,2026-03-02,N,yes\n8,2,P,no\n8,1,X,\n"

    assert histories_from_csv(text) == (
        History(
            "7",
            (
                PastVisit(NEGATIVE, date(2026, 3, 2), earns_bonus_draws=True),
                PastVisit(MISSED, date(2026, 3, 5)),
            ),
        ),
        History("8", (PastVisit(EXCUSED), PastVisit(POSITIVE))),
    )


def test_a_file_with_a_header_alone_holds_nobody() -> None:
    assert histories_from_csv(HEAD) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The first line must read patient,visit,result or patient,visit,result,bonus."),
        ("who,when\n", "The first line must read"),
        (HEAD + "7,1,Q\n", "Line 2: result is 'Q'; it is one of N, P, M, X."),
        (HEAD + "7,1,N\n7,1,P\n", "Line 3: patient 7 has this visit twice."),
        (HEAD + "7,2026-02-30,N\n", "Line 2: visit is '2026-02-30'; it is a date such as"),
        (HEAD + "7,soon,N\n", "Line 2: visit is 'soon'; it is a date such as 2026-03-02, or a"),
        (HEAD + "7,1\n", "Line 2: it has 2 values, not 3."),
        (HEAD + ",1,N\n", "Line 2: patient is a code of 1 to 40 characters."),
        (HEAD + "7" * 41 + ",1,N\n", "Line 2: patient is a code of 1 to 40 characters."),
        ("patient,visit,result,bonus\n7,1,N,maybe\n", "Line 2: bonus is 'maybe'; it is yes, no"),
        (HEAD + '"7,1,N\n', "cannot be read as CSV"),
        (HEAD + "7,1,\x00\n", "Line 2: result is '\\x00'"),
        (HEAD + "7,1," + "N" * 200_000, "Line 2 cannot be read as CSV."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        histories_from_csv(text)

    assert reason in refused.value.reasons[0]


def test_ten_faults_are_enough() -> None:
    with pytest.raises(Refused) as refused:
        histories_from_csv(HEAD + "7,1,Q\n" * 500)

    assert len(refused.value.reasons) == 10


def test_a_file_too_long_too_big_or_of_no_text_is_refused() -> None:
    with pytest.raises(Refused, match="more than 200,000 lines"):
        histories_from_csv(HEAD + "\n" * 200_001)
    with pytest.raises(Refused, match="bigger than 10 MB"):
        text_of(b"x" * 10_000_001)
    with pytest.raises(Refused, match="not text in UTF-8"):
        text_of(b"\xff\xfe\x00")
    assert text_of(b"\xef\xbb\xbfpatient") == "patient"


TRIAL = {
    "participants.csv": "who,project\n1,30\n2,30\n3,27\n",
    "uds_collected.csv": "who,was_temp_ok,when\n1,1,14\n1,1,7\n1,0,21\n2,99,7\n2,1,\n",
    "uds_positive.csv": "who,what,when\n1,Opioid,7\n1,Cocaine,14\n2,Benzodiazepine,7\n",
    "visits.csv": (
        "who,visit,what,when,reasons\n1,W3,no visit,21,no_show\n1,W4,no visit,28,no_note;no_show\n"
        "1,W5,no visit,35,illness\n1,W6,visit,42,\n1,W7,no visit,,no_show\n"
    ),
}


def test_the_trials_files_become_stimulant_tests() -> None:
    assert histories_from_trial(TRIAL) == (
        History(
            "1",
            (
                PastVisit(NEGATIVE),  # opioids cost nothing but the bonus
                PastVisit(POSITIVE),
                PastVisit(EXCUSED),  # the sample of the day counts, and it was too cold
                PastVisit(MISSED),
                PastVisit(EXCUSED),
            ),
        ),
        History("2", (PastVisit(NEGATIVE, earns_bonus_draws=True),)),
        History("3", ()),
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"visits.csv": None}, "The folder has no visits.csv."),
        ({"uds_positive.csv": "who,when\n1,7\n"}, "uds_positive.csv is not of the CTN-0094 form"),
        ({"uds_collected.csv": "who,was_temp_ok,when\n1,1,soon\n"}, "'soon' is not a study day"),
    ],
)
def test_a_folder_that_is_not_the_trials(changes: dict[str, str | None], reason: str) -> None:
    files = {name: text for name, text in (TRIAL | changes).items() if text is not None}
    with pytest.raises(Refused, match=reason):
        histories_from_trial(files)


@pytest.fixture(scope="module")
def trial(shared_data: Path) -> tuple[History, ...]:
    folder = shared_data / "ctn0094"
    return histories_from_trial({name: (folder / name).read_text() for name in TRIAL_COLUMNS})


def test_the_300_real_histories(trial: tuple[History, ...]) -> None:
    letters = "".join(visit.outcome.value for one in trial for visit in one.visits)

    assert len(trial) == 300
    assert {letter: letters.count(letter) for letter in "NPMX"} == {
        "N": 3220,
        "P": 1578,
        "M": 4,
        "X": 5,
    }


class Outcome(NamedTuple):
    """What a protocol comes to on the real histories, with seed 1."""

    visits: int
    draws: int
    total_cents: int
    median_cents: int
    p90_cents: int
    losses: int
    regained: int


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (HIGGINS, Outcome(4807, 0, 4696375, 5375, 51750, 220, 126)),
        (CALAIM_RECOVERY_INCENTIVES, Outcome(4807, 0, 4880200, 8600, 45300, 240, 157)),
        (PRIZE_VA, Outcome(4627, 16106, 3600100, 3900, 36600, 214, 121)),
        (PRIZE_CTN, Outcome(4627, 13173, 2925100, 2400, 32900, 224, 133)),
        (PRIZE_CTN_OPIOID_BONUS, Outcome(4627, 16707, 3736800, 3100, 41000, 224, 131)),
    ],
)
def test_the_real_histories_under_each_protocol(
    trial: tuple[History, ...], protocol: Protocol, expected: Outcome
) -> None:
    found = simulate(protocol, histories=trial, seed=1)

    assert Outcome(*(getattr(found, name) for name in Outcome._fields)) == expected
    assert found.cap_hits == 0

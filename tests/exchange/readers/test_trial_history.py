"""Trial histories: eight tables into one history a person, or one refusal."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from clinic.exchange.facts.reading import ReadLimits, ReadRefused
from clinic.exchange.facts.records import MedicationClass
from clinic.exchange.facts.trial import (
    SameDayDoses,
    TrialDose,
    TrialHistory,
    TrialStay,
    TrialUrine,
    TrialVisit,
    TrialWithdrawal,
    VisitState,
)
from clinic.exchange.readers.trial_history import read_folder
from clinic.exchange.rules import find_in_trial

MONDAY = date(2024, 1, 1)
TABLES = {
    "participants": (
        "who,project,site_masked,age,is_hispanic,is_male\n9,27,A,44,No,Yes\n10,51,B,,No,No\n"
    ),
    "randomization": (
        "who,treatment,which,when\n9,Methadone,1,2\n10,Inpatient NR-NTX,1,5\n9,Methadone,2,2\n"
    ),
    "dosing": "who,amount,when\n9,30,3\n9,32.5,2\n9,10,3\n10,1,5\n",
    "visits": (
        "who,visit,what,when,reasons\n"
        "9,WK0,visit,0,\n"
        "9,WK1,no visit,,no_note;no_show\n"
        "9,WK2,MISSING,,no_note\n"
        "9,BASELINE,,-3,\n"
        "9,END,final,90,no_note\n"
    ),
    "uds_collected": "who,was_temp_ok,when\n9,1,0\n9,0,7\n9,99,\n",
    "uds_positive": "who,what,when\n9,Opioid,0\n9,Cocaine,0\n",
    "withdrawal": "who,withdrawal,when\n9,2,1\n",
    "detox": "who,what,when\n10,admission,-4\n10,discharge,5\n10,admission,30\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, table in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(table, encoding="utf-8")
    return tmp_path


def test_a_history_of_one_person(folder: Path) -> None:
    methadone, other = read_folder(folder, day_zero=MONDAY).people
    assert (methadone.who, methadone.site, methadone.age, methadone.is_male) == ("9", "A", 44, True)
    assert (methadone.arm, methadone.second_arm) == ("Methadone", "Methadone")
    assert methadone.randomized_day == 2
    assert methadone.doses == (
        TrialDose(2, Decimal("32.5"), MedicationClass.METHADONE),
        TrialDose(3, Decimal(30), MedicationClass.METHADONE),
        TrialDose(3, Decimal(10), MedicationClass.METHADONE),
    )
    assert methadone.visits == (
        TrialVisit("WK0", VisitState.VISIT, 0),
        TrialVisit("WK1", VisitState.NO_VISIT, None, ("no_note", "no_show")),
        TrialVisit("WK2", VisitState.MISSING, None, ("no_note",)),
        TrialVisit("BASELINE", VisitState.BLANK, -3),
        TrialVisit("END", VisitState.FINAL, 90, ("no_note",)),
    )
    assert methadone.urine == (
        TrialUrine(0, is_temperature_ok=True, positives=frozenset({"Opioid", "Cocaine"})),
        TrialUrine(7, is_temperature_ok=False),
        TrialUrine(None, is_temperature_ok=None),
    )
    assert methadone.withdrawal == (TrialWithdrawal(1, 2),)
    assert other.age is None
    assert other.detox == (TrialStay(-4, 5), TrialStay(30, None))


def test_an_injection_is_not_a_milligram(folder: Path) -> None:
    person = read_folder(folder, day_zero=MONDAY).people[1]
    assert person.doses[0].amount == 1
    assert person.doses[0].dose_mg is None
    assert person.doses[0].medication is MedicationClass.NALTREXONE


def test_day_zero_is_a_monday_of_the_site(folder: Path) -> None:
    history = read_folder(folder, day_zero=MONDAY, day_zero_by_site={"B": date(2024, 2, 5)})
    first, second = history.people
    assert first.date_of(7) == date(2024, 1, 8)
    assert first.date_of(-1) == date(2023, 12, 31)
    assert second.date_of(0) == date(2024, 2, 5)
    with pytest.raises(ValueError, match="Monday"):
        read_folder(folder, day_zero=date(2024, 1, 2))


@pytest.mark.parametrize(
    ("table", "text", "line", "reason"),
    [
        ("visits", None, "", "cannot be opened: No such file or directory"),
        ("dosing", "", "line 1", "lacks the column who, amount, when"),
        ("dosing", "who,amount\n", "line 1", "lacks the column when"),
        ("dosing", "who,amount,when,who\n", "line 1", "names a column twice"),
        ("dosing", "who,amount,when\n9,30\n", "line 2", "has 2 cells where the header has 3"),
        ("dosing", "who,amount,when\n9,30,\n", "line 2", "when '' is not a study day"),
        ("dosing", "who,amount,when\n9,-30,1\n", "line 2", "amount '-30' is not an amount"),
        ("dosing", "who,amount,when\n9,3O,1\n", "line 2", "amount '3O' is not an amount"),
        ("dosing", "who,amount,when\n9,30,99999\n", "line 2", "when '99999' is not a study day"),
        (
            "dosing",
            "who,amount,when\n\n7,30,1\n",
            "line 3",
            "participant 7 is not in participants.csv",
        ),
        (
            "dosing",
            'who,amount,when\n9,"30,1\n',
            "line 2",
            "is not a readable table: unexpected end of data",
        ),
        (
            "randomization",
            "who,treatment,which,when\n9,Placebo,1,1\n",
            "line 2",
            (
                "treatment 'Placebo' is not one of 'Methadone', 'Inpatient BUP', "
                "'Inpatient NR-NTX', 'Outpatient BUP', 'Outpatient BUP + SMM', "
                "'Outpatient BUP + EMM'"
            ),
        ),
        (
            "randomization",
            "who,treatment,which,when\n9,Methadone,1,1\n9,Methadone,1,1\n",
            "line 3",
            "randomization 1 of participant 9 is here twice",
        ),
        (
            "randomization",
            "who,treatment,which,when\n9,Methadone,1,1\n",
            "line 5",
            "participant 10 has a dose but no treatment arm",
        ),
        (
            "visits",
            "who,visit,what,when,reasons\n9,WK0,came,1,\n",
            "line 2",
            "what 'came' is not one of 'visit', 'no visit', 'MISSING', '', 'final'",
        ),
        (
            "uds_positive",
            "who,what,when\n9,Opioid,1\n",
            "line 2",
            "a positive of participant 9 without a collected sample",
        ),
        (
            "participants",
            "who,project,site_masked,age,is_male\n9,27,A,44,Yes\n9,27,A,44,Yes\n",
            "line 3",
            "participant 9 is here twice",
        ),
        (
            "detox",
            "who,what,when\n10,discharge,5\n",
            "line 2",
            "participant 10 is discharged without an admission",
        ),
    ],
)
def test_a_broken_table_refuses_the_whole_set(
    folder: Path, table: str, text: str | None, line: str, reason: str
) -> None:
    path = folder / f"{table}.csv"
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ReadRefused) as refused:
        read_folder(folder, day_zero=MONDAY)
    assert (refused.value.place, refused.value.reason) == (line, reason)


def test_a_table_in_windows_1252_is_named(folder: Path) -> None:
    (folder / "visits.csv").write_bytes(b"who,visit,what,when,reasons\n9,A\xf1o,visit,1,\n")
    with pytest.raises(ReadRefused, match="line 2: is not UTF-8 but looks like Windows-1252"):
        read_folder(folder, day_zero=MONDAY)


def test_a_table_without_end_is_refused(folder: Path) -> None:
    with pytest.raises(ReadRefused, match="has over 4 rows"):
        read_folder(folder, day_zero=MONDAY, limits=ReadLimits(rows_per_table=4))


@pytest.fixture(scope="module")
def real(shared_data: Path) -> TrialHistory:
    began = time.perf_counter()
    history = read_folder(shared_data / "ctn0094", day_zero=MONDAY)
    assert time.perf_counter() - began < 5
    return history


def test_real_doses_count_as_published(real: TrialHistory) -> None:
    found = find_in_trial(real, high_dose_mg=Decimal(120), gap_days=5)
    assert len(real.people) == 300
    assert sum(bool(person.doses) for person in real.people) == 273
    assert (found.dose_rows, found.person_days, found.extra_dose_rows) == (30_012, 30_010, 2)
    assert found.same_day == (
        SameDayDoses("1270", 28, (Decimal(4), Decimal(12))),
        SameDayDoses("2115", 23, (Decimal(4), Decimal(6))),
    )
    assert len(found.high_doses) == 2_181
    assert max(dose.dose_mg for dose in found.high_doses) == 230
    assert len(found.gaps) == 42
    assert len({gap.who for gap in found.gaps}) == 29
    assert found.methadone_total_mg == 1_577_272
    assert found.methadone_attendance.percent == Decimal("89.76")


def test_real_doses_at_other_limits(real: TrialHistory) -> None:
    found = find_in_trial(real, high_dose_mg=Decimal(200), gap_days=3)
    assert len(found.high_doses) == 68
    assert len(found.gaps) == 98


def test_real_visits_count_as_published(real: TrialHistory) -> None:
    found = find_in_trial(real, high_dose_mg=Decimal(120), gap_days=5)
    assert found.visits_by_state == {
        VisitState.VISIT: 5_190,
        VisitState.NO_VISIT: 710,
        VisitState.MISSING: 520,
        VisitState.BLANK: 71,
        VisitState.FINAL: 3,
    }
    assert found.undated_visits == 1_220
    assert found.show_rate.percent == Decimal("87.97")
    no_shows = sum("no_show" in visit.reasons for who in real.people for visit in who.visits)
    assert no_shows == 264


def test_real_urine_and_withdrawal_count_as_published(real: TrialHistory) -> None:
    found = find_in_trial(real, high_dose_mg=Decimal(120), gap_days=5)
    assert found.urine_collected == 4_804
    assert sum(found.urine_positives.values()) == 5_544
    assert found.urine_positives == {
        "Opioid": 1_810,
        "Cocaine": 1_392,
        "Thc": 1_090,
        "Benzodiazepine": 571,
        "Amphetamine": 285,
        "Methadone": 252,
        "Buprenorphine": 104,
        "Alcohol": 17,
        "Sedatives": 16,
        "Mdma/Hallucinogen": 7,
    }
    bands = [each.band for person in real.people for each in person.withdrawal]
    assert [bands.count(band) for band in range(4)] == [385, 485, 191, 73]
    assert sum(len(person.detox) for person in real.people) == 62
    assert sum(bool(person.arm) for person in real.people) == 290

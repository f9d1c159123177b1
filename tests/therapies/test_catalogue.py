"""Every treatment of the program is in the catalogue, whole, sourced and consistent."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from clinic.core.decision import Effect
from clinic.core.errors import NotFound
from clinic.therapies import catalogue
from clinic.therapies.catalogue import CATALOGUE, load, modality
from clinic.therapies.facts import (
    AfterPhase,
    Between,
    LegalBasis,
    Measure,
    Modality,
    Moment,
    Owner,
    Pregnancy,
    ScreenQuestion,
    Skill,
    Standing,
    StartFacts,
    Weekday,
    Weekly,
)
from clinic.therapies.rules.cadence import session_dates
from clinic.therapies.rules.gates import judge

PROGRAM = {
    "detox",
    "methadone",
    "buprenorphine",
    "naltrexone",
    "cbt",
    "contingency_management",
    "motivational_interviewing",
    "inpatient_rehabilitation",
    "outpatient_rehabilitation",
    "telemedicine",
    "digital_therapeutics",
    "tms",
    "ketamine_assisted",
    "gene_therapy",
    "virtual_reality",
    "psychedelic_assisted",
    "mbsr",
    "nutrition",
    "acupuncture",
    "exercise",
}
MONDAY = date(2026, 4, 6)

every_entry = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE.keys())


def parts(part: object) -> Iterator[object]:
    """The part itself and everything inside it."""
    yield part
    if isinstance(part, tuple):
        for item in part:
            yield from parts(item)
    elif is_dataclass(part):
        for each in fields(part):
            yield from parts(getattr(part, each.name))


def is_number(part: object) -> bool:
    return isinstance(part, (int, float, Decimal)) and not isinstance(part, (bool, Weekday))


def unsourced_numbers(part: object, *, source: str = "") -> Iterator[str]:
    if isinstance(part, tuple):
        for item in part:
            yield from unsourced_numbers(item, source=source)
    elif is_dataclass(part):
        source = getattr(part, "source", source)
        for each in fields(part):
            yield from unsourced_numbers(getattr(part, each.name), source=source)
    elif is_number(part) and len(source.strip()) < 5:
        yield f"{part} has no source"


def test_all_twenty_treatments_of_the_program_are_there() -> None:
    assert set(CATALOGUE) >= PROGRAM
    assert len(PROGRAM) == 20


def test_the_catalogue_follows_the_care_pathway() -> None:
    codes = list(CATALOGUE)
    assert codes[0] == "detox"
    assert codes.index("methadone") < codes.index("cbt") < codes.index("tms")
    assert codes[-1] == "psychedelic_assisted"


def test_reading_it_again_gives_the_same_order() -> None:
    assert list(load()) == list(CATALOGUE)


def test_names_are_unique() -> None:
    names = [entry.name for entry in CATALOGUE.values()]
    assert len(names) == len(set(names))


def test_an_unknown_code_is_not_found() -> None:
    assert modality("cbt").name == "Cognitive behavioral therapy"
    with pytest.raises(NotFound, match="bloodletting"):
        modality("bloodletting")


@every_entry
def test_codes_and_sentences_are_filled(entry: Modality) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*", entry.code)
    texts = [entry.name, entry.summary, entry.evidence.why, entry.indication.text]
    assert all(text.strip() for text in texts)
    assert entry.summary.endswith(".")
    assert entry.completion.text
    assert entry.staff
    assert entry.outcome_instrument


@every_entry
def test_every_number_and_statement_has_a_source(entry: Modality) -> None:
    assert list(unsourced_numbers(entry)) == []
    assert all(len(source) >= 5 for source in entry.sources)


def test_a_number_without_a_source_would_be_found() -> None:
    assert list(unsourced_numbers(Measure("cows", Moment.DURING, "", (30,)))) == [
        "30 has no source"
    ]


@every_entry
def test_phases_are_named_once_and_refer_to_earlier_ones(entry: Modality) -> None:
    seen: list[str] = []
    for phase in entry.phases:
        referred = [part for part in parts(phase) if isinstance(part, (AfterPhase, Between))]
        assert {each.phase for each in referred} <= set(seen)
        seen.append(phase.name)
    assert len(seen) == len(set(seen))


@every_entry
def test_a_course_without_closures_fits_its_stated_duration(entry: Modality) -> None:
    planned = session_dates(entry.phases, start=MONDAY)
    assert len(planned) == entry.total_sessions
    if planned and entry.duration.days_at_most is not None:
        assert (planned[-1].on - planned[0].on).days < entry.duration.days_at_most


@every_entry
def test_duration_runs_forward(entry: Modality) -> None:
    most = entry.duration.days_at_most
    assert most is None or entry.duration.days_at_least <= most


@every_entry
def test_what_is_scheduled_has_consent_and_a_setting(entry: Modality) -> None:
    assert entry.consents
    assert bool(entry.settings) is entry.may_be_scheduled


@every_entry
def test_sessions_are_compared_by_craving_before_and_after(entry: Modality) -> None:
    if entry.owned_by is Owner.THERAPIES and entry.may_be_scheduled:
        moments = {each.moment for each in entry.measures if each.instrument == "craving_0_10"}
        assert moments >= {Moment.BEFORE, Moment.AFTER}


@every_entry
def test_every_gate_has_a_rule_that_asks_when_nothing_is_known(entry: Modality) -> None:
    gates = [*entry.gates, *(gate for phase in entry.phases for gate in phase.gates)]
    for gate in gates:
        findings = list(judge(gate, StartFacts()))
        only_informs = isinstance(gate, Pregnancy) and gate.effect is Effect.INFORM
        assert bool(findings) is not only_informs, gate
        assert all(finding.source == gate.source for finding in findings)


@every_entry
def test_a_screen_asks_each_question_once(entry: Modality) -> None:
    questions = [part for part in parts(entry.gates) if isinstance(part, ScreenQuestion)]
    codes = [question.code for question in questions]
    assert len(codes) == len(set(codes))
    assert all(question.text.endswith("?") for question in questions)


def test_one_question_reads_the_same_wherever_it_screens_for_the_same_thing() -> None:
    hypertension = {
        part.text
        for part in parts(tuple(CATALOGUE.values()))
        if isinstance(part, ScreenQuestion) and part.code == "uncontrolled_hypertension"
    }
    assert hypertension == {"Uncontrolled high blood pressure?"}


@pytest.mark.parametrize(
    ("code", "sessions", "minutes"),
    [
        ("cbt", 12, 12 * 60),
        ("motivational_interviewing", 4, 4 * 60),
        ("contingency_management", 24, 24 * 15),
        ("outpatient_rehabilitation", 24 + 8, 24 * 180 + 8 * 90),
        ("digital_therapeutics", 12, 12 * 15 + 30),
        ("tms", 30 + 6, 36 * 60 + 60),
        ("ketamine_assisted", 6, 6 * 120 + 30),
        ("esketamine", 8 + 4, 12 * 150),
        ("psychedelic_assisted", 3 + 1 + 3 + 1 + 3, 9 * 90 + 2 * 480),
        ("virtual_reality", 8, 8 * 45 + 15),
        ("mbsr", 8 + 1, 8 * 150 + 7 * 60),
        ("acupuncture", 5 + 12, 17 * 45),
        ("exercise", 36, 36 * 50),
        ("nutrition", 1 + 5, 60 + 5 * 30),
        ("naltrexone", 6, 6 * 30),
        ("telemedicine", 12, 12 * 45),
        ("detox", 5, 5 * 45),
        ("methadone", 0, 0),
        ("buprenorphine", 0, 0),
        ("inpatient_rehabilitation", 0, 0),
        ("gene_therapy", 0, 0),
    ],
)
def test_sessions_and_minutes_of_a_course(code: str, sessions: int, minutes: int) -> None:
    planned = session_dates(modality(code).phases, start=MONDAY)
    assert len(planned) == sessions
    assert sum(session.minutes for session in planned) == minutes


@pytest.mark.parametrize(
    ("code", "standing"),
    [
        ("methadone", Standing.ESTABLISHED),
        ("tms", Standing.OFF_LABEL),
        ("ketamine_assisted", Standing.OFF_LABEL),
        ("esketamine", Standing.OFF_LABEL),
        ("psychedelic_assisted", Standing.INVESTIGATIONAL),
        ("virtual_reality", Standing.INVESTIGATIONAL),
        ("gene_therapy", Standing.RESEARCH_ONLY),
    ],
)
def test_the_standing_of_the_newer_treatments(code: str, standing: Standing) -> None:
    assert modality(code).evidence.standing is standing


def test_gene_therapy_is_the_one_treatment_that_is_never_scheduled() -> None:
    assert [entry.code for entry in CATALOGUE.values() if not entry.may_be_scheduled] == [
        "gene_therapy"
    ]
    assert modality("gene_therapy").phases == ()


def test_psychedelics_need_a_trial_or_a_state_license_and_two_facilitators() -> None:
    entry = modality("psychedelic_assisted")
    assert entry.legal_basis is not None
    assert set(entry.legal_basis.any_of) == {
        LegalBasis.TRIAL_IND_IRB,
        LegalBasis.STATE_PROGRAM_LICENSE,
    }
    assert [(need.skill, need.count) for need in entry.staff] == [
        (Skill.PSYCHEDELIC_FACILITATOR, 2)
    ]


def test_intensive_outpatient_is_nine_hours_a_week() -> None:
    phase = modality("outpatient_rehabilitation").phases[0]
    assert isinstance(phase.rhythm, Weekly)
    assert phase.rhythm.per_week * phase.minutes == 9 * 60


def test_ketamine_is_watched_for_ninety_minutes() -> None:
    vitals = [
        each for each in modality("ketamine_assisted").measures if each.instrument == "vitals"
    ]
    assert [each.at_minutes for each in vitals] == [(0, 15, 30, 45, 60, 90)]


@pytest.mark.parametrize(
    ("code", "owner"),
    [
        ("methadone", Owner.DOSING),
        ("buprenorphine", Owner.DOSING),
        ("naltrexone", Owner.DOSING),
        ("contingency_management", Owner.REWARDS),
        ("inpatient_rehabilitation", Owner.BEDS),
        ("detox", Owner.THERAPIES),
    ],
)
def test_special_work_lives_with_its_owner(code: str, owner: Owner) -> None:
    assert modality(code).owned_by is owner


NEW_TREATMENT = """
from clinic.therapies.facts import *

MODALITY = Modality(
    code="equine_therapy",
    name="Equine therapy",
    summary="Time with horses.",
    group=StageGroup.COMPLEMENTARY,
    evidence=Evidence(Standing.INVESTIGATIONAL, "Small studies only.", "A paper"),
    indication=Statement("Anyone who likes horses.", "A paper"),
    duration=Duration(22, 28, "A paper"),
    staff=(StaffNeed(Skill.COUNSELOR, 1, "A paper"),),
    settings=(Setting.IN_PERSON,),
    consents=(TREATMENT_CONSENT,),
    completion=Statement("Four rides.", "A paper"),
    outcome_instrument="mood_0_10",
    phases=(Phase("Ride", 4, 60, Weekly(1), "A paper"),),
)
"""


@pytest.fixture
def stable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A second folder whose files belong to the catalogue while the test runs."""
    monkeypatch.setattr(catalogue, "__path__", [*catalogue.__path__, str(tmp_path)])
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if name.startswith("clinic.therapies.catalogue."):
            del sys.modules[name]
            monkeypatch.delattr(catalogue, name.rpartition(".")[2], raising=False)


def test_adding_a_treatment_is_adding_one_file(stable: Path) -> None:
    (stable / "equine_therapy.py").write_text(NEW_TREATMENT)
    grown = load()
    assert set(grown) - set(CATALOGUE) == {"equine_therapy"}
    planned = session_dates(grown["equine_therapy"].phases, start=MONDAY)
    assert [session.on for session in planned] == [
        date(2026, 4, 6),
        date(2026, 4, 13),
        date(2026, 4, 20),
        date(2026, 4, 27),
    ]


def test_a_file_is_named_by_its_code(stable: Path) -> None:
    (stable / "horses.py").write_text(NEW_TREATMENT)
    with pytest.raises(ValueError, match="equine_therapy"):
        load()


def test_a_file_without_a_treatment_does_not_belong(stable: Path) -> None:
    (stable / "shared_numbers.py").write_text("ANSWER = 42\n")
    with pytest.raises(TypeError, match="shared_numbers"):
        load()

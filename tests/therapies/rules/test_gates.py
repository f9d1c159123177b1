"""Who may start what: every reason is given, and what nobody knows is asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from clinic.core.decision import Decision, Effect, Verdict
from clinic.therapies.catalogue import CATALOGUE, modality
from clinic.therapies.facts import (
    LegalBasis,
    Modality,
    OpioidClass,
    SafetyScreen,
    StartFacts,
)
from clinic.therapies.rules.gates import may_hold_session, may_start

STOP, ASK, INFORM = Effect.STOP, Effect.ASK, Effect.INFORM


def ready_for(entry: Modality, **changes: Any) -> StartFacts:
    """An admitted adult who has signed, and answered no to every question of the entry."""
    gates = [*entry.gates, *(gate for phase in entry.phases for gate in phase.gates)]
    ready = StartFacts(
        admitted=True,
        age_years=34,
        pregnant=False,
        consents=frozenset(form.code for form in entry.consents),
        legal_bases=frozenset(LegalBasis),
        on_record=frozenset(
            {
                "bed_reserved",
                "emergency_contact",
                "escort",
                "exercise_clearance",
                "liver_tests",
                "patient_location",
                "prescription",
                "screening_examination",
                "six_dimension_assessment",
                "weight",
            }
        ),
        answers={
            question.code: False
            for gate in gates
            if isinstance(gate, SafetyScreen)
            for question in gate.questions
        },
        active_medications=frozenset(),
        active_courses=frozenset(),
        systolic_mmhg=120,
        diastolic_mmhg=75,
        opioid_class=OpioidClass.SHORT_ACTING,
        days_since_last_opioid=10,
        body_mass_index=Decimal(22),
        preparation_sessions_planned=3,
        integration_planned_next_day=True,
    )
    if entry.code == "digital_therapeutics":
        ready = replace(
            ready,
            active_medications=frozenset({"buprenorphine"}),
            active_courses=frozenset({"contingency_management"}),
        )
    return replace(ready, **changes)


def start(code: str, **changes: Any) -> Decision:
    entry = modality(code)
    return may_start(entry, ready_for(entry, **changes))


def findings(decision: Decision) -> list[tuple[str, Effect]]:
    return [
        (reason.code, reason.effect) for reason in decision.reasons if reason.effect is not INFORM
    ]


@pytest.mark.parametrize("code", [code for code in CATALOGUE if code != "gene_therapy"])
def test_a_ready_patient_may_start(code: str) -> None:
    assert start(code).verdict is Verdict.GO


@pytest.mark.parametrize("code", [code for code in CATALOGUE if code != "gene_therapy"])
def test_of_a_stranger_nothing_may_start(code: str) -> None:
    decision = may_start(modality(code), StartFacts())
    assert not decision
    assert ("not_admitted", STOP) in findings(decision)
    assert ("consent_missing", STOP) in findings(decision)


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_reason_names_its_source_and_says_a_sentence(code: str) -> None:
    for reason in may_start(modality(code), StartFacts()).reasons:
        assert reason.source.strip()
        assert reason.message.endswith((".", "?"))


def test_gene_therapy_is_referral_only_whatever_the_facts() -> None:
    decision = start("gene_therapy")
    assert findings(decision) == [("referral_only", STOP)]
    assert "can only be referred" in decision.reasons[0].message
    assert "No gene therapy" in decision.reasons[0].message


def test_off_label_treatment_says_so_without_stopping() -> None:
    assert [(reason.code, reason.effect) for reason in start("tms").reasons] == [
        ("off_label", INFORM)
    ]


def test_all_reasons_are_given_not_only_the_first() -> None:
    decision = start(
        "psychedelic_assisted",
        legal_bases=frozenset(),
        consents=frozenset(),
        age_years=17,
        pregnant=True,
        preparation_sessions_planned=1,
        integration_planned_next_day=False,
    )
    assert findings(decision) == [
        ("legal_basis_missing", STOP),
        ("consent_missing", STOP),
        ("consent_missing", STOP),
        ("under_age", STOP),
        ("preparation_missing", STOP),
        ("integration_missing", STOP),
        ("pregnant", STOP),
    ]


@pytest.mark.parametrize(
    ("legal_bases", "expected"),
    [
        (set(), [("legal_basis_missing", STOP)]),
        ({LegalBasis.REMS_CERTIFIED_SITE}, [("legal_basis_missing", STOP)]),
        ({LegalBasis.TRIAL_IND_IRB}, []),
        ({LegalBasis.STATE_PROGRAM_LICENSE}, []),
    ],
)
def test_psychedelics_need_a_trial_or_a_state_license(
    legal_bases: set[LegalBasis], expected: list[tuple[str, Effect]]
) -> None:
    decision = start("psychedelic_assisted", legal_bases=frozenset(legal_bases))
    assert findings(decision) == expected


def test_an_unplanned_dosing_day_is_asked_about() -> None:
    decision = start("psychedelic_assisted", preparation_sessions_planned=None)
    assert findings(decision) == [("plan_unknown", ASK)]


def test_esketamine_needs_a_certified_site() -> None:
    decision = start("esketamine", legal_bases=frozenset())
    assert findings(decision) == [("legal_basis_missing", STOP)]


@pytest.mark.parametrize(
    ("question", "effect"),
    [
        ("metal_near_coil", STOP),
        ("cochlear_or_brain_implant", STOP),
        ("pacemaker", ASK),
        ("seizure_history", ASK),
        ("head_injury", ASK),
        ("lowers_seizure_threshold", ASK),
        ("hearing_loss", ASK),
    ],
)
def test_tms_screen_blocks_metal_and_asks_for_a_sign_off_otherwise(
    question: str, effect: Effect
) -> None:
    entry = modality("tms")
    answers = {**ready_for(entry).answers, question: True}
    assert findings(start("tms", answers=answers)) == [(question, effect)]


def test_a_tms_question_nobody_asked_is_asked() -> None:
    answers = dict(ready_for(modality("tms")).answers)
    del answers["metal_near_coil"]
    assert findings(start("tms", answers=answers)) == [("metal_near_coil_unanswered", ASK)]


@pytest.mark.parametrize(
    ("code", "effect"),
    [
        ("tms", ASK),
        ("detox", ASK),
        ("naltrexone", ASK),
        ("exercise", ASK),
        ("ketamine_assisted", STOP),
        ("esketamine", STOP),
        ("psychedelic_assisted", STOP),
    ],
)
def test_pregnancy_and_pregnancy_unknown(code: str, effect: Effect) -> None:
    assert findings(start(code, pregnant=True)) == [("pregnant", effect)]
    assert findings(start(code, pregnant=None)) == [("pregnancy_unknown", ASK)]


def test_pregnancy_opens_methadone_with_priority() -> None:
    decision = start("methadone", pregnant=True)
    assert decision.verdict is Verdict.GO
    assert [(reason.code, reason.source) for reason in decision.reasons] == [
        ("pregnant", "42 CFR 8.12(f)(3)")
    ]
    assert start("methadone", pregnant=None).reasons == ()


@pytest.mark.parametrize(
    ("systolic", "diastolic", "expected"),
    [
        (140, 90, []),
        (141, 80, [("blood_pressure_recheck", ASK)]),
        (120, 91, [("blood_pressure_recheck", ASK)]),
        (159, 99, [("blood_pressure_recheck", ASK)]),
        (160, 80, [("blood_pressure_high", STOP)]),
        (120, 100, [("blood_pressure_high", STOP)]),
        (None, 80, [("blood_pressure_unknown", ASK)]),
        (120, None, [("blood_pressure_unknown", ASK)]),
    ],
)
def test_ketamine_waits_for_blood_pressure(
    systolic: int | None, diastolic: int | None, expected: list[tuple[str, Effect]]
) -> None:
    decision = start("ketamine_assisted", systolic_mmhg=systolic, diastolic_mmhg=diastolic)
    assert findings(decision) == expected


@pytest.mark.parametrize("question", ["psychosis", "uncontrolled_hypertension", "aneurysm"])
@pytest.mark.parametrize("code", ["ketamine_assisted", "esketamine"])
def test_ketamine_exclusions(code: str, question: str) -> None:
    answers = {**ready_for(modality(code)).answers, question: True}
    assert findings(start(code, answers=answers)) == [(question, STOP)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"age_years": 17}, [("under_age", STOP)]),
        ({"age_years": 18}, []),
        ({"age_years": None}, [("age_unknown", ASK)]),
        ({"active_medications": frozenset({"methadone"})}, [("medication_missing", STOP)]),
        ({"active_medications": None}, [("medications_unknown", ASK)]),
        ({"active_courses": frozenset({"cbt"})}, [("course_missing", STOP)]),
        ({"active_courses": None}, [("courses_unknown", ASK)]),
        ({"on_record": frozenset()}, [("prescription_missing", STOP)]),
    ],
)
def test_digital_therapeutics_for_adults_on_buprenorphine_with_rewards(
    changes: dict[str, Any], expected: list[tuple[str, Effect]]
) -> None:
    assert findings(start("digital_therapeutics", **changes)) == expected


@pytest.mark.parametrize("medication", ["methadone", "buprenorphine"])
def test_naltrexone_is_never_given_on_an_opioid_medicine(medication: str) -> None:
    decision = start("naltrexone", active_medications=frozenset({medication}))
    assert findings(decision) == [("medication_excluded", STOP)]


@pytest.mark.parametrize(
    ("code", "taken", "expected"),
    [
        ("methadone", "naltrexone", [("medication_excluded", STOP)]),
        ("buprenorphine", "naltrexone", [("medication_excluded", STOP)]),
        ("methadone", "buprenorphine", [("medication_excluded", ASK)]),
        ("buprenorphine", "methadone", [("medication_excluded", ASK)]),
    ],
)
def test_one_primary_medication_at_a_time(
    code: str, taken: str, expected: list[tuple[str, Effect]]
) -> None:
    assert findings(start(code, active_medications=frozenset({taken}))) == expected


SHORT, LONG = OpioidClass.SHORT_ACTING, OpioidClass.EXTENDED_RELEASE
METHADONE, BUPRENORPHINE = OpioidClass.METHADONE, OpioidClass.BUPRENORPHINE
TOO_RECENT = [("opioid_too_recent", STOP)]
CHALLENGE = [("naloxone_challenge_needed", STOP)]


@pytest.mark.parametrize(
    ("opioid", "days", "challenge_negative", "expected"),
    [
        (SHORT, 6, None, TOO_RECENT),
        (SHORT, 6, True, TOO_RECENT),
        (SHORT, 7, None, CHALLENGE),
        (SHORT, 9, None, CHALLENGE),
        (SHORT, 10, None, []),
        (SHORT, 8, True, []),
        (SHORT, 20, False, [("naloxone_challenge_positive", STOP)]),
        (METHADONE, 9, None, TOO_RECENT),
        (METHADONE, 12, None, CHALLENGE),
        (METHADONE, 14, None, []),
        (LONG, 10, None, CHALLENGE),
        (BUPRENORPHINE, 13, True, []),
        (None, 20, None, [("last_opioid_unknown", ASK)]),
        (SHORT, None, None, [("last_opioid_unknown", ASK)]),
    ],
)
def test_naltrexone_waits_until_the_patient_is_free_of_opioids(
    opioid: OpioidClass | None,
    days: int | None,
    challenge_negative: bool | None,
    expected: list[tuple[str, Effect]],
) -> None:
    decision = start(
        "naltrexone",
        opioid_class=opioid,
        days_since_last_opioid=days,
        naloxone_challenge_negative=challenge_negative,
    )
    assert findings(decision) == expected


def test_a_urine_positive_for_fentanyl_blocks_naltrexone() -> None:
    answers = {**ready_for(modality("naltrexone")).answers, "urine_opioid_positive": True}
    decision = start("naltrexone", answers=answers, days_since_last_opioid=20)
    assert findings(decision) == [("urine_opioid_positive", STOP)]


@pytest.mark.parametrize(
    ("age", "signed", "expected"),
    [
        (17, set(), [("guardian_consent_missing", STOP)]),
        (17, {"guardian"}, []),
        (18, set(), []),
        (None, set(), [("age_unknown", ASK)]),
    ],
)
def test_a_minor_starts_methadone_with_a_guardians_consent(
    age: int | None, signed: set[str], expected: list[tuple[str, Effect]]
) -> None:
    decision = start("methadone", age_years=age, consents=frozenset({"treatment"} | signed))
    assert findings(decision) == expected


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (Decimal("15.9"), [("refeeding_risk", ASK)]),
        (Decimal(16), []),
        (None, [("body_mass_index_unknown", ASK)]),
    ],
)
def test_a_very_thin_patient_is_fed_under_a_plan(
    index: Decimal | None, expected: list[tuple[str, Effect]]
) -> None:
    assert findings(start("nutrition", body_mass_index=index)) == expected


def test_exercise_asks_for_clearance() -> None:
    decision = start("exercise", on_record=frozenset())
    assert findings(decision) == [("exercise_clearance_missing", ASK)]


def session(code: str, phase: str, **changes: Any) -> Decision:
    entry = modality(code)
    return may_hold_session(entry, ready_for(entry, **changes), phase=phase)


@pytest.mark.parametrize(
    ("question", "effect"),
    [
        ("sleep_under_4_hours", STOP),
        ("alcohol_in_24_hours", STOP),
        ("stimulant_in_24_hours", STOP),
        ("five_days_missed_or_drug_change", ASK),
    ],
)
def test_tms_is_held_by_the_daily_pre_check(question: str, effect: Effect) -> None:
    answers = {**ready_for(modality("tms")).answers, question: True}
    assert findings(session("tms", "Acute", answers=answers)) == [(question, effect)]
    assert findings(start("tms", answers=answers)) == []


def test_a_session_measures_blood_pressure_again() -> None:
    decision = session("ketamine_assisted", "Infusion", systolic_mmhg=165)
    assert findings(decision) == [("blood_pressure_high", STOP)]


def test_a_video_visit_waits_until_the_location_is_known() -> None:
    decision = session("telemedicine", "Video visit", on_record=frozenset({"emergency_contact"}))
    assert findings(decision) == [("patient_location_missing", STOP)]


def test_no_session_for_a_patient_who_left() -> None:
    assert findings(session("cbt", "Weekly session", admitted=False)) == [("not_admitted", STOP)]


def test_a_session_of_an_unknown_phase_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no phase 'Encore'"):
        session("tms", "Encore")

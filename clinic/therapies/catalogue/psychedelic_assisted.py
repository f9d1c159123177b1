"""Psychedelic-assisted therapy: only inside a trial or a state program."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    AfterPhase,
    ConsentForm,
    Duration,
    Every,
    Evidence,
    LegalBasis,
    LegalNeed,
    Measure,
    MinimumAge,
    Modality,
    Moment,
    Phase,
    Pregnancy,
    PreparedAndIntegrated,
    ResourceKind,
    ResourceNeed,
    SafetyScreen,
    ScreenQuestion,
    Setting,
    Skill,
    StaffNeed,
    StageGroup,
    Standing,
    Statement,
    Weekly,
)

LAW = "Controlled Substances Act, schedule I; 21 CFR 1308.11"
TEMPLATE = "Psilocybin trial template: preparation, dosing, integration"
TWO_DOSES = "COMP360 phase 3: two doses of 25 mg, 3 weeks apart"
DOSING_GATES = (
    PreparedAndIntegrated(2, f"{TEMPLATE}: 2-3 preparations; {SITE_POLICY}: next-day integration"),
)

MODALITY = Modality(
    code="psychedelic_assisted",
    name="Psychedelic-assisted therapy",
    summary="Psilocybin in a prepared, guided day, inside a trial or a state program only.",
    group=StageGroup.RESEARCH,
    evidence=Evidence(
        Standing.INVESTIGATIONAL,
        "Schedule I: lawful only in a trial or a state program; two phase 3 trials in depression"
        " were positive, none is in opioid use disorder.",
        f"{LAW}; {TWO_DOSES}",
    ),
    indication=Statement("As the trial's protocol or the state program allows.", LAW),
    duration=Duration(43, 70, f"{TEMPLATE}; two dosings 3-4 weeks apart"),
    staff=(StaffNeed(Skill.PSYCHEDELIC_FACILITATOR, 2, f"{TEMPLATE}: two facilitators"),),
    resources=(ResourceNeed(ResourceKind.ROOM, "quiet_suite"),),
    settings=(Setting.IN_PERSON,),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("research_or_state_program", "Trial or state program consent", LAW),
    ),
    legal_basis=LegalNeed(
        (LegalBasis.TRIAL_IND_IRB, LegalBasis.STATE_PROGRAM_LICENSE),
        "A trial (IND and IRB) or a state program license must be on record first.",
        f"{LAW}; state programs of Oregon, Colorado and New Mexico",
    ),
    phases=(
        Phase(
            "Preparation",
            3,
            90,
            Weekly(1),
            f"{TEMPLATE}: 2-3 sessions of 60-90 min; {SITE_POLICY}: weekly",
        ),
        Phase(
            "First dosing",
            1,
            480,
            Every(1),
            f"{TEMPLATE}: 6-8 h",
            spacing_days_minimum=2,
            gates=DOSING_GATES,
        ),
        Phase(
            "First integration",
            3,
            90,
            Every(7),
            f"{TEMPLATE}: next day and 2 more; {SITE_POLICY}: weekly, 90 min",
            the_very_next_day=True,
        ),
        Phase(
            "Second dosing",
            1,
            480,
            Every(1),
            f"{TWO_DOSES}; {TEMPLATE}: 6-8 h",
            not_before=AfterPhase("First dosing", 21),
            gates=DOSING_GATES,
        ),
        Phase(
            "Second integration",
            3,
            90,
            Every(7),
            f"{TEMPLATE}: next day and 2 more; {SITE_POLICY}: weekly, 90 min",
            the_very_next_day=True,
        ),
    ),
    gates=(
        MinimumAge(18, f"{SITE_POLICY}; state programs ask for 21"),
        *DOSING_GATES,
        SafetyScreen(
            (
                ScreenQuestion("psychosis", "Psychosis, now or ever?", Effect.STOP),
                ScreenQuestion("bipolar_mania", "Mania, now or ever?", Effect.ASK),
                ScreenQuestion(
                    "uncontrolled_hypertension", "Uncontrolled high blood pressure?", Effect.STOP
                ),
            ),
            f"{SITE_POLICY} on the trials' exclusions",
        ),
        Pregnancy(
            "No dosing in pregnancy.", Effect.STOP, f"{SITE_POLICY} on the trials' exclusions"
        ),
    ),
    measures=(
        Measure("vitals", Moment.DURING, f"{SITE_POLICY}: hourly on the dosing day", (), 60),
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
        Measure("phq_9", Moment.BETWEEN, f"{SITE_POLICY}: weekly"),
    ),
    stop_rules=(
        Statement("The legal basis ends or is suspended.", LAW),
        Statement("No methadone take-homes are handed out at a dosing visit.", SITE_POLICY),
    ),
    completion=Statement("Both dosings and all integration sessions.", TEMPLATE),
    outcome_instrument="craving_0_10",
)

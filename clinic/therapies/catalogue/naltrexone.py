"""Extended-release naltrexone: a monthly injection that blocks opioids."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    Duration,
    Every,
    Evidence,
    ExcludesMedication,
    Measure,
    Modality,
    Moment,
    OnRecord,
    OpioidFree,
    Owner,
    Phase,
    Pregnancy,
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
)

LABEL = "Vivitrol label"
GATE = f"{SITE_POLICY} on the Vivitrol label's opioid-free interval"

MODALITY = Modality(
    code="naltrexone",
    name="Naltrexone (extended release)",
    summary="A monthly injection that blocks opioids, for people already free of them.",
    group=StageGroup.MEDICATION,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Approved to prevent return to opioid use after detoxification; starting is the hard part.",
        f"{LABEL}, indications",
    ),
    indication=Statement(
        "Prevention of relapse to opioid dependence after detoxification.",
        f"{LABEL}, indications",
    ),
    duration=Duration(140, None, f"{SITE_POLICY}: six injections planned ahead, then renewed"),
    staff=(
        StaffNeed(Skill.PRESCRIBER, 1, LABEL),
        StaffNeed(Skill.NURSE, 1, f"{LABEL}: given by a health care provider"),
    ),
    resources=(ResourceNeed(ResourceKind.ROOM, "injection_room"),),
    settings=(Setting.IN_PERSON,),
    consents=(TREATMENT_CONSENT,),
    owned_by=Owner.DOSING,
    phases=(
        Phase(
            "Monthly injection",
            6,
            30,
            Every(28),
            f"{LABEL}: 380 mg every 4 weeks or once a month; {SITE_POLICY}: six planned, 30 min",
            spacing_days_minimum=21,
        ),
    ),
    gates=(
        ExcludesMedication(
            ("buprenorphine", "methadone"),
            "Naltrexone would bring on severe withdrawal.",
            f"{LABEL}, contraindications",
        ),
        OpioidFree(7, 10, 10, 14, f"{GATE}: 7-10 days, up to 2 weeks after methadone"),
        SafetyScreen(
            (
                ScreenQuestion(
                    "urine_opioid_positive",
                    "Urine positive for any opioid, fentanyl and buprenorphine included?",
                    Effect.STOP,
                ),
                ScreenQuestion("withdrawal_signs", "Signs of withdrawal?", Effect.STOP),
                ScreenQuestion("opioid_analgesic", "On opioid pain medicine?", Effect.STOP),
                ScreenQuestion(
                    "acute_hepatitis_or_liver_failure",
                    "Acute hepatitis or liver failure?",
                    Effect.STOP,
                ),
            ),
            GATE,
        ),
        OnRecord("liver_tests", "liver tests at baseline", f"{LABEL}, hepatotoxicity"),
        Pregnancy(
            "Benefit and risk are weighed by the prescriber.",
            Effect.ASK,
            f"{LABEL}, use in specific populations",
        ),
    ),
    measures=(
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("injection_site", Moment.BEFORE, f"{LABEL}: alternate sides, site reactions"),
        Measure("liver_tests", Moment.BETWEEN, f"{SITE_POLICY}: every 3-6 months"),
    ),
    stop_rules=(
        Statement("Acute hepatitis or liver failure.", f"{LABEL}, warnings"),
        Statement("An opioid medicine is needed for pain.", f"{LABEL}, contraindications"),
        Statement(
            "Injection earlier than 21 or later than 35 days: the gate is asked again.",
            f"{SITE_POLICY}: window around the label's 28 days",
        ),
    ),
    completion=Statement("None by time; reviewed with the patient.", f"{SITE_POLICY}"),
    outcome_instrument="retention",
)

"""Withdrawal management: getting through the first days safely, on the way to treatment."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    Duration,
    Every,
    Evidence,
    Measure,
    MinorNeedsGuardian,
    Modality,
    Moment,
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

PRACTICE = f"{SITE_POLICY}: common withdrawal practice"
ESCALATION = f"{SITE_POLICY}: escalation limits of withdrawal management"

MODALITY = Modality(
    code="detox",
    name="Withdrawal management (detox)",
    summary="Medicines and nursing care that ease withdrawal while longer treatment is set up.",
    group=StageGroup.DETOX,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Eases withdrawal, but by itself does not prevent return to use and lowers tolerance,"
        " so it leads into medication and therapy.",
        "ASAM National Practice Guideline, 2020 focused update",
    ),
    indication=Statement(
        "Opioid withdrawal, present or expected.", "ASAM National Practice Guideline, 2020"
    ),
    duration=Duration(5, 14, f"{PRACTICE}; lofexidine label: up to 14 days"),
    staff=(StaffNeed(Skill.NURSE, 1, PRACTICE), StaffNeed(Skill.PRESCRIBER, 1, PRACTICE)),
    resources=(ResourceNeed(ResourceKind.ROOM, "withdrawal_room"),),
    settings=(Setting.IN_PERSON,),
    consents=(TREATMENT_CONSENT,),
    phases=(Phase("Daily visit", 5, 45, Every(1), f"{PRACTICE}: ambulatory, daily on days 1-5"),),
    gates=(
        MinorNeedsGuardian(18, "42 CFR 8.12(e)(2)"),
        Pregnancy(
            "Withdrawal is not advised in pregnancy: offer methadone or buprenorphine.",
            Effect.ASK,
            "ASAM National Practice Guideline, 2020, pregnancy",
        ),
        SafetyScreen(
            (
                ScreenQuestion(
                    "seizure_history", "Seizures or delirium in earlier withdrawal?", Effect.ASK
                ),
                ScreenQuestion(
                    "alcohol_or_benzodiazepine_withdrawal",
                    "Daily alcohol or benzodiazepines that may cause withdrawal too?",
                    Effect.ASK,
                ),
                ScreenQuestion(
                    "sedated_or_hard_to_wake", "Sedated or hard to wake now?", Effect.STOP
                ),
            ),
            PRACTICE,
        ),
    ),
    measures=(
        Measure("vitals", Moment.DURING, f"{PRACTICE}: every 4 h awake for 72 h", (), 240),
        Measure("cows", Moment.DURING, f"{PRACTICE}: every 4 h awake for 72 h", (), 240),
        Measure("cows", Moment.AFTER, f"{PRACTICE}: 30-60 min after each induction dose", (30, 60)),
        Measure("craving_0_10", Moment.BEFORE, PRACTICE),
        Measure("craving_0_10", Moment.AFTER, PRACTICE),
    ),
    stop_rules=(
        Statement("Respiratory rate below 10 or SpO2 below 92 %, or sedated.", ESCALATION),
        Statement("Systolic blood pressure below 90 or above 180 mmHg.", ESCALATION),
        Statement("Heart rate below 50 or above 130 a minute.", ESCALATION),
        Statement("Temperature 38.3 C or more, or a seizure.", ESCALATION),
        Statement("COWS up by 5 or more within 2 hours.", ESCALATION),
        Statement(
            "Clonidine or lofexidine held at systolic < 90, diastolic < 60 or pulse < 55;"
            " prescriber called after 2 holds.",
            f"{SITE_POLICY}: hold limits within US practice",
        ),
    ),
    completion=Statement(
        "COWS 4 or less for a day and the next step of care begun.",
        f"{SITE_POLICY}: lowest band of COWS (Wesson and Ling 2003)",
    ),
    outcome_instrument="cows",
)

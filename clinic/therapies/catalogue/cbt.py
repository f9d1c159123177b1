"""Cognitive behavioral therapy: triggers, thoughts, coping skills, homework."""

from __future__ import annotations

from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    Duration,
    Evidence,
    Measure,
    Modality,
    Moment,
    Phase,
    ResourceKind,
    ResourceNeed,
    Setting,
    Skill,
    StaffNeed,
    StageGroup,
    Standing,
    Statement,
    Weekly,
)

MANUAL = "Carroll 1998, NIDA Therapy Manual 1"
OUTCOME = f"{SITE_POLICY}: comparable outcome"

MODALITY = Modality(
    code="cbt",
    name="Cognitive behavioral therapy",
    summary="Weekly talks that find what triggers use and train other ways to cope.",
    group=StageGroup.BEHAVIORAL,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Proven for substance use as a whole; added to medication, never a condition for it.",
        f"{MANUAL}; 42 CFR 8.12(f)(5)",
    ),
    indication=Statement("Any substance use disorder the patient wants to work on.", MANUAL),
    duration=Duration(78, 112, f"{MANUAL}: 12-16 weeks"),
    staff=(StaffNeed(Skill.PSYCHOTHERAPIST, 1, MANUAL),),
    resources=(ResourceNeed(ResourceKind.ROOM, "counseling_room"),),
    settings=(Setting.IN_PERSON, Setting.TELEHEALTH),
    consents=(TREATMENT_CONSENT,),
    phases=(Phase("Weekly session", 12, 60, Weekly(1), f"{MANUAL}: 12-16 weekly, 50-60 min"),),
    home_practice=(Statement("Homework between sessions.", MANUAL),),
    measures=(
        Measure("craving_0_10", Moment.BEFORE, OUTCOME),
        Measure("craving_0_10", Moment.AFTER, OUTCOME),
        Measure("phq_9", Moment.BETWEEN, f"{SITE_POLICY}: monthly"),
    ),
    stop_rules=(
        Statement(
            "Thoughts of suicide: safety plan and prescriber the same day.",
            f"{SITE_POLICY}: PHQ-9 item 9",
        ),
    ),
    completion=Statement("12 sessions attended and a relapse-prevention plan written.", MANUAL),
    outcome_instrument="craving_0_10",
)

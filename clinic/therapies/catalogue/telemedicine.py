"""Telemedicine: counseling by video from wherever the patient is safe."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    ConsentForm,
    Duration,
    Evidence,
    Measure,
    Modality,
    Moment,
    OnRecord,
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

PLATFORM = "42 CFR part 8 final rule (2024), telehealth; HIPAA Security Rule, 45 CFR 164.312"
EACH_VISIT = f"{SITE_POLICY}: asked at every visit"
OUTCOME = f"{SITE_POLICY}: comparable outcome"

MODALITY = Modality(
    code="telemedicine",
    name="Telemedicine",
    summary="Counseling and check-ups by video, from home or another safe place.",
    group=StageGroup.DIGITAL,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Federal rules allow counseling and screening at a distance; screening for methadone needs"
        " picture and sound.",
        "42 CFR 8.12(f)(2)(v)",
    ),
    indication=Statement("Any patient who can be reached in private.", PLATFORM),
    duration=Duration(78, 84, f"{SITE_POLICY}: 12 weeks, then renewed"),
    staff=(StaffNeed(Skill.COUNSELOR, 1, SITE_POLICY),),
    resources=(ResourceNeed(ResourceKind.ROOM, "video_room"),),
    settings=(Setting.TELEHEALTH,),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("telehealth", "Consent to visits by video", SITE_POLICY),
    ),
    phases=(
        Phase(
            "Video visit",
            12,
            45,
            Weekly(1),
            f"{SITE_POLICY}: 12 weekly visits of 45 min",
            gates=(
                OnRecord("patient_location", "where the patient is now", EACH_VISIT, Effect.STOP),
                OnRecord("emergency_contact", "emergency contact", EACH_VISIT, Effect.STOP),
            ),
        ),
    ),
    gates=(OnRecord("emergency_contact", "emergency contact", EACH_VISIT),),
    measures=(
        Measure("craving_0_10", Moment.BEFORE, OUTCOME),
        Measure("craving_0_10", Moment.AFTER, OUTCOME),
    ),
    stop_rules=(
        Statement("No privacy or no location: the visit waits.", EACH_VISIT),
        Statement(
            "Prescribing on telemedicine alone ends after 6 calendar months.", "21 CFR 1306.51"
        ),
    ),
    completion=Statement("12 visits, then renewed or changed to visits in person.", SITE_POLICY),
    outcome_instrument="craving_0_10",
)

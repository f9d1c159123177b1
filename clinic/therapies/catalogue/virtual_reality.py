"""Virtual reality therapy: meeting triggers in a headset, with a therapist beside."""

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
    Phase,
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

COURSE = f"{SITE_POLICY} on pilot studies: 8-12 weekly sessions of 30-60 min"
STOP = f"{SITE_POLICY}: stop rule for cybersickness and craving"

MODALITY = Modality(
    code="virtual_reality",
    name="Virtual reality therapy",
    summary="Practice in a headset: meeting triggers safely and using coping skills.",
    group=StageGroup.DIGITAL,
    evidence=Evidence(
        Standing.INVESTIGATIONAL,
        "Small studies show that cues in a headset raise craving and that practice may lower it;"
        " no large trial in opioid use disorder.",
        COURSE,
    ),
    indication=Statement("Craving tied to known places, people or things.", COURSE),
    duration=Duration(50, 84, COURSE),
    staff=(StaffNeed(Skill.PSYCHOTHERAPIST, 1, SITE_POLICY),),
    resources=(
        ResourceNeed(ResourceKind.DEVICE, "vr_headset"),
        ResourceNeed(ResourceKind.ROOM, "counseling_room"),
    ),
    settings=(Setting.IN_PERSON,),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("virtual_reality", "Consent to cue exposure in a headset", SITE_POLICY),
    ),
    phases=(Phase("Weekly session", 8, 45, Weekly(1), COURSE, first_session_extra_minutes=15),),
    gates=(
        SafetyScreen(
            (
                ScreenQuestion("seizure_history", "Seizure or epilepsy, ever?", Effect.ASK),
                ScreenQuestion("psychosis", "Psychosis, now or ever?", Effect.ASK),
                ScreenQuestion("vertigo", "Vertigo or severe motion sickness?", Effect.ASK),
            ),
            SITE_POLICY,
        ),
    ),
    measures=(
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.DURING, f"{SITE_POLICY}: by the minute", (), 1),
        Measure("cybersickness", Moment.DURING, f"{STOP}, asked every 5 min", (), 5),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
    ),
    stop_rules=(
        Statement("Craving 8 or more of 10: leave the scene, use the coping skill.", STOP),
        Statement("Cybersickness: headset off.", STOP),
    ),
    completion=Statement("8 sessions and the main triggers practiced.", COURSE),
    outcome_instrument="craving_0_10",
)

"""Exercise: a cleared, planned twelve weeks of movement."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    Duration,
    Evidence,
    Group,
    Measure,
    Modality,
    Moment,
    OnRecord,
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
    Weekday,
    Weekly,
)

GUIDELINE = "Physical Activity Guidelines for Americans, 2nd edition: 150 min a week, moderate"
COURSE = f"{GUIDELINE}; {SITE_POLICY}: 3 a week for 12 weeks"

MODALITY = Modality(
    code="exercise",
    name="Exercise",
    summary="Guided movement three times a week: for sleep, mood and strength.",
    group=StageGroup.COMPLEMENTARY,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Established for health, mood and sleep; its effect on opioid use is not proven, so it"
        " stands beside treatment.",
        GUIDELINE,
    ),
    indication=Statement("Any patient cleared for moderate effort.", GUIDELINE),
    duration=Duration(82, 84, COURSE),
    staff=(StaffNeed(Skill.EXERCISE_SPECIALIST, 1, SITE_POLICY),),
    resources=(ResourceNeed(ResourceKind.ROOM, "gym"),),
    settings=(Setting.IN_PERSON, Setting.HOME),
    group_session=Group(8, f"{SITE_POLICY}: one leader up to 8"),
    consents=(TREATMENT_CONSENT,),
    phases=(
        Phase(
            "Session",
            36,
            50,
            Weekly(3, (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY)),
            f"{COURSE}; 3 x 50 min make 150 min a week",
        ),
    ),
    gates=(
        OnRecord("exercise_clearance", "medical clearance for exercise", SITE_POLICY),
        SafetyScreen(
            (
                ScreenQuestion("chest_pain", "Chest pain or fainting on effort?", Effect.STOP),
                ScreenQuestion("heart_disease", "Known heart disease?", Effect.ASK),
                ScreenQuestion("prolonged_qtc", "QTc above 500 ms?", Effect.ASK),
            ),
            SITE_POLICY,
        ),
        Pregnancy("The plan is adapted; the prescriber agrees.", Effect.ASK, SITE_POLICY),
    ),
    measures=(
        Measure("mood_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("heart_rate", Moment.DURING, f"{SITE_POLICY}: every 10 min", (), 10),
        Measure("mood_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
    ),
    stop_rules=(Statement("Chest pain, faintness or breathlessness at rest.", SITE_POLICY),),
    completion=Statement("12 weeks and a plan to go on at home.", SITE_POLICY),
    outcome_instrument="mood_0_10",
)

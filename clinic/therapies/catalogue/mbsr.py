"""Mindfulness-based stress reduction: eight classes and a day of silence."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    Between,
    Duration,
    Evidence,
    Group,
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
    Weekday,
    Weekly,
)

CURRICULUM = "MBSR curriculum (Kabat-Zinn, UMass)"
CLASSES = "Weekly class"

MODALITY = Modality(
    code="mbsr",
    name="Mindfulness-based stress reduction",
    summary="Eight weekly classes and one long day of meditation, body scan and gentle yoga.",
    group=StageGroup.COMPLEMENTARY,
    evidence=Evidence(
        Standing.INVESTIGATIONAL,
        "Proven for stress; for opioid use disorder the trials are of related programs, so it is"
        " offered beside treatment, never in its place.",
        f"{CURRICULUM}; {SITE_POLICY}",
    ),
    indication=Statement("Stress, pain or craving, beside treatment.", SITE_POLICY),
    duration=Duration(50, 56, f"{CURRICULUM}: 8 weeks"),
    staff=(StaffNeed(Skill.MINDFULNESS_TEACHER, 1, CURRICULUM),),
    resources=(ResourceNeed(ResourceKind.ROOM, "group_room"),),
    settings=(Setting.IN_PERSON, Setting.TELEHEALTH),
    group_session=Group(12, f"{SITE_POLICY}: groups of 6-12"),
    consents=(TREATMENT_CONSENT,),
    phases=(
        Phase(CLASSES, 8, 150, Weekly(1), f"{CURRICULUM}: 8 weekly classes of 2.5 h"),
        Phase(
            "Retreat day",
            1,
            420,
            Between(CLASSES, 6, (Weekday.SATURDAY, Weekday.SUNDAY)),
            f"{CURRICULUM}: one 7-hour day between weeks 6 and 7",
        ),
    ),
    home_practice=(Statement("45 minutes a day.", CURRICULUM),),
    gates=(
        SafetyScreen(
            (ScreenQuestion("psychosis", "Psychosis now?", Effect.ASK),),
            f"{SITE_POLICY} on the curriculum's exclusions",
        ),
    ),
    measures=(
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
        Measure("practice_minutes", Moment.BETWEEN, f"{CURRICULUM}: daily log"),
    ),
    stop_rules=(
        Statement("Rising distress or flashbacks: pause and talk with the therapist.", SITE_POLICY),
    ),
    completion=Statement("All eight classes offered, six or more attended.", SITE_POLICY),
    outcome_instrument="craving_0_10",
)

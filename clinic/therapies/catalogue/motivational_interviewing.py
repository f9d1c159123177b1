"""Motivational interviewing: four talks that strengthen a person's own reasons."""

from __future__ import annotations

from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    Duration,
    Every,
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
)

MET = "Project MATCH, motivational enhancement therapy manual (1992)"
OUTCOME = f"{SITE_POLICY}: comparable outcome"

MODALITY = Modality(
    code="motivational_interviewing",
    name="Motivational interviewing",
    summary="A few conversations that draw out a person's own reasons and plan for change.",
    group=StageGroup.BEHAVIORAL,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Proven to bring people into treatment and keep them there; effects are modest.",
        MET,
    ),
    indication=Statement("Doubt about changing, at any stage of care.", MET),
    duration=Duration(78, 84, f"{MET}: 4 sessions over 12 weeks"),
    staff=(StaffNeed(Skill.COUNSELOR, 1, MET),),
    resources=(ResourceNeed(ResourceKind.ROOM, "counseling_room"),),
    settings=(Setting.IN_PERSON, Setting.TELEHEALTH),
    consents=(TREATMENT_CONSENT,),
    phases=(
        Phase("Session", 4, 60, Every(26), f"{MET}: 4 over 12 weeks, 45-60 min; evenly spread"),
    ),
    measures=(
        Measure("readiness_ruler", Moment.BEFORE, MET),
        Measure("readiness_ruler", Moment.AFTER, MET),
        Measure("craving_0_10", Moment.BEFORE, OUTCOME),
        Measure("craving_0_10", Moment.AFTER, OUTCOME),
    ),
    completion=Statement("A change plan in the patient's own words.", MET),
    outcome_instrument="readiness_ruler",
)

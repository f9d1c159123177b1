"""Outpatient rehabilitation: intensive groups first, then one a week."""

from __future__ import annotations

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
    ResourceKind,
    ResourceNeed,
    Setting,
    Skill,
    StaffNeed,
    StageGroup,
    Standing,
    Statement,
    Weekday,
    Weekly,
)

ASAM = "ASAM Criteria, 3rd edition"
GROUPS = f"{SITE_POLICY}: groups of 6-12, one leader, two above 8"
OUTCOME = f"{SITE_POLICY}: comparable outcome"

MODALITY = Modality(
    code="outpatient_rehabilitation",
    name="Outpatient rehabilitation",
    summary="Therapy groups by day while living at home: nine hours a week, then fewer.",
    group=StageGroup.REHABILITATION,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "A level of care chosen by six dimensions of need; intensive outpatient is 9-19 hours"
        " a week for adults.",
        f"{ASAM}, levels 1 and 2.1",
    ),
    indication=Statement("Six-dimension assessment at level 1 or 2.1.", ASAM),
    duration=Duration(106, 112, f"{SITE_POLICY}: 8 weeks intensive, 8 weeks outpatient"),
    staff=(StaffNeed(Skill.COUNSELOR, 2, GROUPS),),
    resources=(ResourceNeed(ResourceKind.ROOM, "group_room"),),
    settings=(Setting.IN_PERSON, Setting.TELEHEALTH),
    group_session=Group(12, GROUPS),
    consents=(TREATMENT_CONSENT,),
    phases=(
        Phase(
            "Intensive outpatient",
            24,
            180,
            Weekly(3, (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY)),
            f"{ASAM}, level 2.1: 9-19 h a week; {SITE_POLICY}: 3 x 180 min for 8 weeks",
        ),
        Phase(
            "Outpatient",
            8,
            90,
            Weekly(1),
            f"{ASAM}, level 1: under 9 h a week; {SITE_POLICY}: 90 min for 8 weeks",
        ),
    ),
    gates=(OnRecord("six_dimension_assessment", "six-dimension assessment", ASAM),),
    measures=(
        Measure("craving_0_10", Moment.BEFORE, OUTCOME),
        Measure("craving_0_10", Moment.AFTER, OUTCOME),
        Measure(
            "continued_stay_review",
            Moment.BETWEEN,
            f"{SITE_POLICY}: level 2 every 30 days, level 1 every 90",
        ),
    ),
    stop_rules=(Statement("Need rises in any dimension: review the level of care.", ASAM),),
    completion=Statement("Goals of the level met and aftercare arranged.", ASAM),
    outcome_instrument="discharge_reason",
)

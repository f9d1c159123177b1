"""Nutrition: a dietitian's intake, a plan, and the weight that shows if it works."""

from __future__ import annotations

from decimal import Decimal

from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    BodyMassIndex,
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
    Weekly,
)

COURSE = f"{SITE_POLICY}: intake within 14 days, follow-up every 2-4 weeks"
REFEEDING = "NICE CG32: body mass index below 16 marks refeeding risk"

MODALITY = Modality(
    code="nutrition",
    name="Nutrition",
    summary="A dietitian finds what the body lacks and plans meals and supplements.",
    group=StageGroup.COMPLEMENTARY,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Established as supportive care for undernutrition; by itself no treatment of addiction.",
        REFEEDING,
    ),
    indication=Statement("Every admission; weight loss or poor intake first.", COURSE),
    duration=Duration(98, 140, COURSE),
    staff=(StaffNeed(Skill.DIETITIAN, 1, SITE_POLICY),),
    resources=(ResourceNeed(ResourceKind.ROOM, "counseling_room"),),
    settings=(Setting.IN_PERSON, Setting.TELEHEALTH),
    consents=(TREATMENT_CONSENT,),
    phases=(
        Phase("Intake", 1, 60, Weekly(1), f"{COURSE}; 60 min"),
        Phase("Follow-up", 5, 30, Every(21), f"{COURSE}; 30 min", spacing_days_minimum=14),
    ),
    gates=(BodyMassIndex(Decimal(16), REFEEDING),),
    measures=(
        Measure("weight_kg", Moment.BEFORE, f"{SITE_POLICY}: each visit in detox"),
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
    ),
    stop_rules=(Statement("Body mass index below 16: medical refeeding plan first.", REFEEDING),),
    completion=Statement("Weight stable and the plan kept over two visits.", SITE_POLICY),
    outcome_instrument="weight_kg",
)

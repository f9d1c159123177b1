"""Inpatient rehabilitation: a bed for 30 to 90 days. Stays and beds live with the beds."""

from __future__ import annotations

from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    Duration,
    Evidence,
    Measure,
    MinorNeedsGuardian,
    Modality,
    Moment,
    OnRecord,
    Owner,
    ResourceKind,
    ResourceNeed,
    Setting,
    Skill,
    StaffNeed,
    StageGroup,
    Standing,
    Statement,
)

ASAM = "ASAM Criteria, 3rd edition, levels 3.1-3.7"
REVIEW = f"{SITE_POLICY}: continued-stay review, 3.7 every 3-7 days, 3.5 and 3.1 every 14-30"

MODALITY = Modality(
    code="inpatient_rehabilitation",
    name="Inpatient rehabilitation (30-90 days)",
    summary="Living at the clinic for one to three months with daily therapy and medical care.",
    group=StageGroup.REHABILITATION,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "A level of care chosen by six dimensions of need, not a fixed number of days.",
        ASAM,
    ),
    indication=Statement("Six-dimension assessment at level 3.1 to 3.7.", ASAM),
    duration=Duration(30, 90, "Program scope: 30-90 days; TEDS splits at 30 days"),
    staff=(
        StaffNeed(Skill.NURSE, 1, f"{ASAM}: 24-hour setting"),
        StaffNeed(Skill.COUNSELOR, 1, ASAM),
    ),
    resources=(ResourceNeed(ResourceKind.BED, "residential_bed"),),
    settings=(Setting.IN_PERSON,),
    consents=(TREATMENT_CONSENT,),
    owned_by=Owner.BEDS,
    gates=(
        MinorNeedsGuardian(18, "42 CFR 8.12(e)(2)"),
        OnRecord("bed_reserved", "a reserved bed", SITE_POLICY),
        OnRecord("six_dimension_assessment", "six-dimension assessment", ASAM),
    ),
    measures=(
        Measure("vitals", Moment.DURING, f"{SITE_POLICY}: daily", (), 1440),
        Measure("craving_0_10", Moment.BETWEEN, f"{SITE_POLICY}: comparable outcome"),
        Measure("continued_stay_review", Moment.BETWEEN, REVIEW),
    ),
    stop_rules=(
        Statement("An emergency moves the patient to level 4 and back.", ASAM),
        Statement("A review that no longer supports the level starts the step down.", REVIEW),
    ),
    completion=Statement("Goals of the level met and the next level of care arranged.", ASAM),
    outcome_instrument="discharge_reason",
)

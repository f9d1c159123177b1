"""Contingency management: a reward for what helps recovery. The money lives with rewards."""

from __future__ import annotations

from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    ConsentForm,
    Duration,
    Evidence,
    Measure,
    Modality,
    Moment,
    Owner,
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

SAMHSA = "SAMHSA contingency management conditions, January 2025"
VA = "VA contingency management program (prize bowl)"

MODALITY = Modality(
    code="contingency_management",
    name="Contingency management",
    summary="Small rewards, at once, for a stimulant-free test, attendance or taking medication.",
    group=StageGroup.BEHAVIORAL,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "The strongest behavioral treatment for stimulant use; paying for opioid-free urine is"
        " avoided because lost tolerance raises the risk of overdose.",
        f"{VA}; {SAMHSA}",
    ),
    indication=Statement(
        "Stimulant use, attendance or medication adherence; an opioid-free target only by the"
        " medical director.",
        f"{SAMHSA}; {SITE_POLICY}",
    ),
    duration=Duration(78, 168, f"{VA}: 12 weeks; California Recovery Incentives: 24 weeks"),
    staff=(StaffNeed(Skill.COUNSELOR, 1, SAMHSA),),
    resources=(ResourceNeed(ResourceKind.ROOM, "collection_room"),),
    settings=(Setting.IN_PERSON,),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("contingency_management", "Contingency management agreement", SITE_POLICY),
    ),
    owned_by=Owner.REWARDS,
    phases=(
        Phase(
            "Test visit",
            24,
            15,
            Weekly(2, (Weekday.MONDAY, Weekday.THURSDAY)),
            f"{VA}: twice weekly for 12 weeks; {SITE_POLICY}: 15 min, Monday and Thursday",
            spacing_days_minimum=3,
        ),
    ),
    measures=(
        Measure("urine_stimulant", Moment.DURING, VA),
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
    ),
    stop_rules=(
        Statement("No cash is handed over.", SAMHSA),
        Statement("The first cap that binds ends the payments.", f"{SAMHSA}: $750 a year"),
    ),
    completion=Statement("The protocol's last visit.", VA),
    outcome_instrument="urine_stimulant",
)

"""Esketamine nasal spray: eight weeks at a certified site, two hours of watch each time."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    BloodPressure,
    ConsentForm,
    Duration,
    Evidence,
    LegalBasis,
    LegalNeed,
    Measure,
    MinimumAge,
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

LABEL = "Spravato label"
HOLDS = f"{SITE_POLICY}: blood pressure limits and exclusions of ketamine practice"

PRESSURE = BloodPressure(140, 90, 160, 100, HOLDS)
VISIT_GATES = (PRESSURE, OnRecord("escort", "a way home without driving", LABEL))

MODALITY = Modality(
    code="esketamine",
    name="Esketamine nasal spray",
    summary="A nasal spray for hard-to-treat depression, taken and watched at the clinic.",
    group=StageGroup.NEUROMODULATION,
    evidence=Evidence(
        Standing.OFF_LABEL,
        "Approved for depression that other medicines have not helped; for addiction off-label.",
        f"{LABEL}, indications",
    ),
    indication=Statement(
        "Treatment-resistant depression beside the substance use disorder.",
        f"{LABEL}, indications",
    ),
    duration=Duration(50, 56, f"{LABEL}: 8 weeks, then every 1-2 weeks by order"),
    staff=(
        StaffNeed(Skill.PRESCRIBER, 1, f"{LABEL}, REMS"),
        StaffNeed(Skill.NURSE, 1, f"{LABEL}, REMS"),
    ),
    resources=(
        ResourceNeed(ResourceKind.ROOM, "infusion_room"),
        ResourceNeed(ResourceKind.DEVICE, "vital_signs_monitor"),
    ),
    settings=(Setting.IN_PERSON,),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("esketamine_rems", "REMS patient enrollment", f"{LABEL}, REMS"),
    ),
    legal_basis=LegalNeed(
        (LegalBasis.REMS_CERTIFIED_SITE,),
        "Only a site certified in the REMS may give esketamine.",
        f"{LABEL}, REMS",
    ),
    phases=(
        Phase(
            "Weeks 1-4",
            8,
            150,
            Weekly(2, (Weekday.MONDAY, Weekday.THURSDAY)),
            f"{LABEL}: twice weekly, 120 min of watch; {SITE_POLICY}: 30 min before it",
            spacing_days_minimum=2,
            gates=VISIT_GATES,
        ),
        Phase(
            "Weeks 5-8",
            4,
            150,
            Weekly(1, (Weekday.MONDAY,)),
            f"{LABEL}: weekly, 120 min of watch; {SITE_POLICY}: 30 min before it",
            gates=VISIT_GATES,
        ),
    ),
    gates=(
        MinimumAge(18, LABEL),
        PRESSURE,
        SafetyScreen(
            (
                ScreenQuestion("psychosis", "Psychosis, now or ever?", Effect.STOP),
                ScreenQuestion(
                    "uncontrolled_hypertension", "Uncontrolled high blood pressure?", Effect.STOP
                ),
                ScreenQuestion("aneurysm", "Aneurysm or vessel malformation?", Effect.STOP),
            ),
            HOLDS,
        ),
        Pregnancy("Esketamine is not given in pregnancy.", Effect.STOP, HOLDS),
    ),
    measures=(
        Measure("vitals", Moment.BEFORE, LABEL),
        Measure("vitals", Moment.AFTER, f"{LABEL}: about 40 min, until leaving", (40, 120)),
        Measure("sedation", Moment.AFTER, f"{LABEL}: 120 min of watch", (120,)),
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
        Measure("phq_9", Moment.BETWEEN, f"{SITE_POLICY}: weekly"),
    ),
    stop_rules=(
        Statement("During: systolic above 180 or diastolic above 110 mmHg.", HOLDS),
        Statement("Leaves only after 120 min; no driving until the next day.", LABEL),
    ),
    completion=Statement("12 visits and a decision about maintenance.", LABEL),
    outcome_instrument="phq_9",
)

"""Ketamine-assisted treatment: six infusions, watched, with psychotherapy beside them."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    BloodPressure,
    ConsentForm,
    Duration,
    Evidence,
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

INFUSIONS = "NDT 2020;16:2539; Talati 2019 (0.5 mg/kg over 40 min, 6 infusions in 2-3 weeks)"
HOLDS = f"{SITE_POLICY}: blood pressure limits and exclusions of common practice"
LEAVING = f"{SITE_POLICY}: recovery score and escort"

PRESSURE = BloodPressure(140, 90, 160, 100, HOLDS)

MODALITY = Modality(
    code="ketamine_assisted",
    name="Ketamine-assisted therapy",
    summary="Low-dose ketamine by drip, under watch, with talks that make use of it.",
    group=StageGroup.NEUROMODULATION,
    evidence=Evidence(
        Standing.OFF_LABEL,
        "Approved as an anesthetic; for depression and addiction off-label, with early trials.",
        INFUSIONS,
    ),
    indication=Statement("Depression or craving that other care has not helped.", INFUSIONS),
    duration=Duration(15, 21, f"{INFUSIONS}; maintenance every 2-6 weeks by order"),
    staff=(
        StaffNeed(Skill.PRESCRIBER, 1, HOLDS),
        StaffNeed(Skill.NURSE, 1, HOLDS),
        StaffNeed(Skill.PSYCHOTHERAPIST, 1, SITE_POLICY),
    ),
    resources=(
        ResourceNeed(ResourceKind.ROOM, "infusion_room"),
        ResourceNeed(ResourceKind.DEVICE, "vital_signs_monitor"),
    ),
    settings=(Setting.IN_PERSON,),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("off_label_ketamine", "Consent to off-label ketamine", SITE_POLICY),
    ),
    phases=(
        Phase(
            "Infusion",
            6,
            120,
            Weekly(2, (Weekday.TUESDAY, Weekday.FRIDAY)),
            f"{INFUSIONS}; {SITE_POLICY}: Tuesday and Friday, 40 min and at least 60 min after",
            first_session_extra_minutes=30,
            spacing_days_minimum=2,
            gates=(
                PRESSURE,
                OnRecord("escort", "a named adult escort", LEAVING),
            ),
        ),
    ),
    gates=(
        MinimumAge(18, SITE_POLICY),
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
        Pregnancy("Ketamine is not given in pregnancy.", Effect.STOP, HOLDS),
        OnRecord("weight", "weight, from which the prescriber orders the dose", INFUSIONS),
    ),
    measures=(
        Measure(
            "vitals",
            Moment.DURING,
            "NDT 2020;16:2539: at 0, 15, 30, 45, 60, 90 min",
            (0, 15, 30, 45, 60, 90),
        ),
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
        Measure("aldrete", Moment.AFTER, f"{LEAVING}: 60 min after, 9 or more", (60,)),
        Measure("phq_9", Moment.BETWEEN, f"{SITE_POLICY}: weekly"),
    ),
    stop_rules=(
        Statement("During: systolic above 180 or diastolic above 110 mmHg.", HOLDS),
        Statement(
            "Leaves only 60 min or more after, recovery score 9 or more, with the escort.", LEAVING
        ),
        Statement("No driving until the next day.", LEAVING),
    ),
    completion=Statement("Six infusions and a decision about maintenance.", INFUSIONS),
    outcome_instrument="phq_9",
)

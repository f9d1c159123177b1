"""Ear acupuncture after the NADA protocol, in a quiet group."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    MONDAY_TO_FRIDAY,
    SITE_POLICY,
    TREATMENT_CONSENT,
    ConsentForm,
    Duration,
    Evidence,
    Group,
    Measure,
    Modality,
    Moment,
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

NADA = "NADA protocol: five points in each ear"

MODALITY = Modality(
    code="acupuncture",
    name="Ear acupuncture (NADA)",
    summary="Five fine needles in each ear, sitting together in quiet.",
    group=StageGroup.COMPLEMENTARY,
    evidence=Evidence(
        Standing.INVESTIGATIONAL,
        "Widely used and safe, but trials have not shown a steady effect on drug use;"
        " offered beside treatment, never in its place.",
        f"{NADA}; {SITE_POLICY}",
    ),
    indication=Statement("Withdrawal, restlessness or craving, beside treatment.", NADA),
    duration=Duration(31, 35, f"{NADA}: daily in detox, then 2-3 a week; {SITE_POLICY}: 5 weeks"),
    staff=(StaffNeed(Skill.ACUPUNCTURIST, 1, f"{NADA}; state scope of practice"),),
    resources=(ResourceNeed(ResourceKind.ROOM, "group_room"),),
    settings=(Setting.IN_PERSON,),
    group_session=Group(12, f"{SITE_POLICY}: groups of 6-12"),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("acupuncture", "Consent to ear acupuncture", SITE_POLICY),
    ),
    phases=(
        Phase(
            "Daily in detox",
            5,
            45,
            Weekly(5, MONDAY_TO_FRIDAY),
            f"{NADA}: 30-45 min, daily in detox; {SITE_POLICY}: five days",
        ),
        Phase(
            "Continuing",
            12,
            45,
            Weekly(3, (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY)),
            f"{NADA}: 30-45 min, 2-3 a week; {SITE_POLICY}: 4 weeks",
        ),
    ),
    gates=(
        SafetyScreen(
            (
                ScreenQuestion("bleeding_disorder", "Bleeding or blood thinners?", Effect.ASK),
                ScreenQuestion("ear_infection", "Infection of the outer ear?", Effect.STOP),
                ScreenQuestion("needle_distress", "Do needles trigger craving?", Effect.ASK),
            ),
            SITE_POLICY,
        ),
        Pregnancy("Tell the acupuncturist.", Effect.INFORM, SITE_POLICY),
    ),
    measures=(
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
        Measure("sows_short", Moment.BEFORE, f"{SITE_POLICY}: while in withdrawal"),
        Measure("sows_short", Moment.AFTER, f"{SITE_POLICY}: while in withdrawal"),
    ),
    stop_rules=(Statement("Fainting, bleeding or the patient's wish: needles out.", SITE_POLICY),),
    completion=Statement("17 sessions offered, or sooner by the patient's wish.", SITE_POLICY),
    outcome_instrument="craving_0_10",
)

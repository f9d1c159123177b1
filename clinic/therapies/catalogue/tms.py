"""Transcranial magnetic stimulation: 30 acute sessions, then a taper of three weeks."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    MONDAY_TO_FRIDAY,
    SITE_POLICY,
    TREATMENT_CONSENT,
    ConsentForm,
    Duration,
    Evidence,
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
    WeekdayPattern,
    Weekly,
)

COURSE = "Published 36-session course (O'Reardon 2007; FDA-cleared depression protocol)"
TASS = "TMS Adult Safety Screen (Keel 2001)"
PRE_CHECK = f"{SITE_POLICY}: daily pre-check"
CALENDAR = f"{SITE_POLICY}: Monday to Friday, closed days made up at the end"

DAILY_PRE_CHECK = SafetyScreen(
    (
        ScreenQuestion("sleep_under_4_hours", "Slept less than 4 hours?", Effect.STOP),
        ScreenQuestion("alcohol_in_24_hours", "Alcohol in the last 24 hours?", Effect.STOP),
        ScreenQuestion("stimulant_in_24_hours", "Stimulants in the last 24 hours?", Effect.STOP),
        ScreenQuestion(
            "five_days_missed_or_drug_change",
            "Five or more treatment days missed, or a medicine changed?",
            Effect.ASK,
        ),
    ),
    PRE_CHECK,
)

MODALITY = Modality(
    code="tms",
    name="Transcranial magnetic stimulation",
    summary="Magnetic pulses to the forehead, five days a week, to lower craving.",
    group=StageGroup.NEUROMODULATION,
    evidence=Evidence(
        Standing.OFF_LABEL,
        "Cleared for depression and, as deep TMS, for smoking; for opioid use disorder off-label.",
        "FDA clearances for depression and smoking cessation",
    ),
    indication=Statement(
        "Craving that persists on medication, or depression beside it.",
        f"{SITE_POLICY} on off-label use",
    ),
    duration=Duration(59, 63, f"{COURSE}: 6 weeks and a 3-week taper"),
    staff=(
        StaffNeed(Skill.TMS_OPERATOR, 1, TASS),
        StaffNeed(Skill.PRESCRIBER, 1, f"{SITE_POLICY}: for mapping and sign-off"),
    ),
    resources=(
        ResourceNeed(ResourceKind.DEVICE, "tms_stimulator"),
        ResourceNeed(ResourceKind.ROOM, "tms_room"),
    ),
    settings=(Setting.IN_PERSON,),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("off_label_tms", "Consent to off-label magnetic stimulation", SITE_POLICY),
    ),
    phases=(
        Phase(
            "Acute",
            30,
            60,
            Weekly(5, MONDAY_TO_FRIDAY),
            f"{COURSE}: 5 a week for 6 weeks, slot 30-60 min; {CALENDAR};"
            " first slot 60-90 min longer for mapping",
            first_session_extra_minutes=60,
            gates=(DAILY_PRE_CHECK,),
        ),
        Phase(
            "Taper",
            6,
            60,
            WeekdayPattern(
                (
                    (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY),
                    (Weekday.TUESDAY, Weekday.THURSDAY),
                    (Weekday.WEDNESDAY,),
                )
            ),
            f"{COURSE}: 3, 2, 1 a week; {SITE_POLICY}: weekdays of the taper",
            gates=(DAILY_PRE_CHECK,),
        ),
    ),
    gates=(
        SafetyScreen(
            (
                ScreenQuestion(
                    "metal_near_coil", "Metal in the head or neck near the coil?", Effect.STOP
                ),
                ScreenQuestion(
                    "cochlear_or_brain_implant", "Cochlear or brain implant?", Effect.STOP
                ),
                ScreenQuestion("pacemaker", "Pacemaker or defibrillator?", Effect.ASK),
                ScreenQuestion("implanted_pump", "Implanted pump?", Effect.ASK),
                ScreenQuestion("seizure_history", "Seizure or epilepsy, ever?", Effect.ASK),
                ScreenQuestion("syncope", "Fainting spells?", Effect.ASK),
                ScreenQuestion("head_injury", "Head injury with loss of awareness?", Effect.ASK),
                ScreenQuestion("stroke", "Stroke, or another brain disease?", Effect.ASK),
                ScreenQuestion("hearing_loss", "Hearing loss or ringing ears?", Effect.ASK),
                ScreenQuestion(
                    "lowers_seizure_threshold",
                    "Medicines that lower the seizure threshold?",
                    Effect.ASK,
                ),
                ScreenQuestion(
                    "alcohol_or_benzodiazepine_withdrawal",
                    "Alcohol or benzodiazepine withdrawal?",
                    Effect.ASK,
                ),
                ScreenQuestion("sleep_loss", "Too little sleep?", Effect.ASK),
            ),
            TASS,
        ),
        Pregnancy("The prescriber signs off in pregnancy.", Effect.ASK, TASS),
    ),
    measures=(
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
        Measure("motor_threshold", Moment.BETWEEN, f"{SITE_POLICY}: session 1, every 2 weeks"),
        Measure("phq_9", Moment.BETWEEN, f"{SITE_POLICY}: weekly"),
    ),
    stop_rules=(
        Statement("Seizure or fainting.", TASS),
        Statement(
            "Five or more treatment days missed, or a medicine changed: new motor threshold and"
            " prescriber review.",
            f"{SITE_POLICY}: interruption rule",
        ),
    ),
    completion=Statement("36 sessions: 30 acute and 6 in the taper.", COURSE),
    outcome_instrument="craving_0_10",
)

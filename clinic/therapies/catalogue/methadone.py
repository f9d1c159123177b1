"""Methadone: the daily observed dose. Orders, doses and take-homes live with dosing."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    Duration,
    Evidence,
    ExcludesMedication,
    Measure,
    MinorNeedsGuardian,
    Modality,
    Moment,
    OnRecord,
    Owner,
    Pregnancy,
    ResourceKind,
    ResourceNeed,
    Setting,
    Skill,
    StaffNeed,
    StageGroup,
    Standing,
    Statement,
)

MODALITY = Modality(
    code="methadone",
    name="Methadone",
    summary="A long-acting opioid medicine, taken daily, that stops withdrawal and craving.",
    group=StageGroup.MEDICATION,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Keeps people in treatment and lowers deaths and illicit use; given only by an opioid"
        " treatment program.",
        "42 CFR part 8; ASAM National Practice Guideline, 2020",
    ),
    indication=Statement(
        "Moderate to severe opioid use disorder, active or in remission, or a high risk of"
        " recurrence or overdose.",
        "42 CFR 8.12(e)(1)",
    ),
    duration=Duration(90, None, "ASAM National Practice Guideline, 2020; review at 90 days"),
    staff=(
        StaffNeed(Skill.PRESCRIBER, 1, "42 CFR 8.12(h)"),
        StaffNeed(Skill.NURSE, 1, "21 CFR 1301.74(i)"),
    ),
    resources=(ResourceNeed(ResourceKind.ROOM, "dosing_window"),),
    settings=(Setting.IN_PERSON, Setting.HOME),
    consents=(TREATMENT_CONSENT,),
    owned_by=Owner.DOSING,
    gates=(
        MinorNeedsGuardian(18, "42 CFR 8.12(e)(2)"),
        ExcludesMedication(
            ("naltrexone",),
            "An opioid blocker and an opioid medicine exclude each other.",
            "Vivitrol label, contraindications",
        ),
        ExcludesMedication(
            ("buprenorphine",),
            "One primary medication at a time: the prescriber plans the change.",
            f"{SITE_POLICY}: at most one primary medication for opioid use disorder",
            Effect.ASK,
        ),
        OnRecord(
            "screening_examination", "screening examination", "42 CFR 8.12(f)(2)(i)", Effect.ASK
        ),
        Pregnancy(
            "Pregnant patients have priority; prenatal care or a referral is documented.",
            Effect.INFORM,
            "42 CFR 8.12(f)(3)",
        ),
    ),
    measures=(
        Measure("sedation", Moment.BEFORE, f"{SITE_POLICY}: impairment screen at the window"),
        Measure("craving_0_10", Moment.BETWEEN, f"{SITE_POLICY}: comparable outcome"),
        Measure("ecg_qtc", Moment.BETWEEN, f"{SITE_POLICY}: ECG above 120 mg, QTc 450/500 ms"),
    ),
    stop_rules=(
        Statement(
            "Impaired at the window: hold until a prescriber orders again.",
            f"{SITE_POLICY}: missed-dose and impairment holds",
        ),
        Statement(
            "QTc above 500 ms: prescriber stops or reviews.",
            f"{SITE_POLICY}: QTc limits of common practice",
        ),
        Statement("A missed counseling session never holds a dose.", "42 CFR 8.12(f)(5)"),
    ),
    completion=Statement(
        "None by time; a taper only with the patient's consent and an order.",
        "ASAM National Practice Guideline, 2020",
    ),
    outcome_instrument="retention",
)

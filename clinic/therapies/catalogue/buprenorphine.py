"""Buprenorphine, under the tongue or long-acting. Orders and doses live with dosing."""

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
    code="buprenorphine",
    name="Buprenorphine",
    summary="A partial opioid medicine with a ceiling on its effect: daily film or a long shot.",
    group=StageGroup.MEDICATION,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Keeps people in treatment and lowers deaths and illicit use.",
        "ASAM National Practice Guideline, 2020",
    ),
    indication=Statement(
        "Moderate to severe opioid use disorder, active or in remission, or a high risk of"
        " recurrence or overdose.",
        "42 CFR 8.12(e)(1)",
    ),
    duration=Duration(90, None, "ASAM National Practice Guideline, 2020; review at 90 days"),
    staff=(
        StaffNeed(Skill.PRESCRIBER, 1, "42 CFR 8.12(h)"),
        StaffNeed(Skill.NURSE, 1, "Sublocade and Brixadi REMS: given by a certified setting"),
    ),
    resources=(ResourceNeed(ResourceKind.ROOM, "dosing_window"),),
    settings=(Setting.IN_PERSON, Setting.TELEHEALTH, Setting.HOME),
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
            ("methadone",),
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
        Measure("cows", Moment.BEFORE, "NSW Health 2018: first dose from COWS 8"),
        Measure(
            "cows",
            Moment.AFTER,
            f"{SITE_POLICY}: 30-60 min after each induction dose",
            (30, 60),
        ),
        Measure("craving_0_10", Moment.BETWEEN, f"{SITE_POLICY}: comparable outcome"),
    ),
    stop_rules=(
        Statement(
            "No first dose below COWS 8, nor within 12 h of short-acting, 24 h of"
            " extended-release opioids or 48 h of methadone.",
            "NSW Health 2018 (COWS); common practice (hours)",
        ),
        Statement("A missed counseling session never holds a dose.", "42 CFR 8.12(f)(5)"),
    ),
    completion=Statement(
        "None by time; a taper only with the patient's consent and an order.",
        "ASAM National Practice Guideline, 2020",
    ),
    outcome_instrument="retention",
)

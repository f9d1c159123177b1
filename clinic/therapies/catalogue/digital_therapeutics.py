"""Digital therapeutics: prescribed lessons on the phone, beside the clinic's own care."""

from __future__ import annotations

from clinic.core.decision import Effect
from clinic.therapies.facts import (
    SITE_POLICY,
    TREATMENT_CONSENT,
    ConsentForm,
    Duration,
    Evidence,
    Measure,
    MinimumAge,
    Modality,
    Moment,
    OnRecord,
    Phase,
    RequiresCourse,
    RequiresMedication,
    Setting,
    Skill,
    StaffNeed,
    StageGroup,
    Standing,
    Statement,
    Weekly,
)

DEVICE = "reSET-O FDA clearance and directions for use"
TRIAL = "reSET-O trial analysis, PubMed 33140981"

MODALITY = Modality(
    code="digital_therapeutics",
    name="Digital therapeutics",
    summary="A prescribed phone program of therapy lessons, with check-ins at the clinic.",
    group=StageGroup.DIGITAL,
    evidence=Evidence(
        Standing.ESTABLISHED,
        "Cleared, not approved: it improved retention (82.4 % against 68.4 %) and did not lower"
        " illicit use.",
        f"{DEVICE}; {TRIAL}",
    ),
    indication=Statement(
        "Opioid use disorder, 18 or older, with buprenorphine and contingency management, by"
        " prescription.",
        DEVICE,
    ),
    duration=Duration(84, 84, f"{DEVICE}: 12 weeks (84 days)"),
    staff=(
        StaffNeed(Skill.PRESCRIBER, 1, f"{DEVICE}: by prescription"),
        StaffNeed(Skill.COUNSELOR, 1, SITE_POLICY),
    ),
    settings=(Setting.HOME, Setting.TELEHEALTH, Setting.IN_PERSON),
    consents=(
        TREATMENT_CONSENT,
        ConsentForm("digital_data", "Sharing of the program's data with the clinic", SITE_POLICY),
    ),
    phases=(
        Phase(
            "Check-in",
            12,
            15,
            Weekly(1),
            f"{DEVICE}: 12 weeks; {SITE_POLICY}: weekly check-in of 15 min, set-up 30 min more",
            first_session_extra_minutes=30,
        ),
    ),
    home_practice=(Statement("At least 4 lessons a week; 67 lessons in all.", DEVICE),),
    gates=(
        MinimumAge(18, DEVICE),
        RequiresMedication(("buprenorphine",), DEVICE),
        RequiresCourse("contingency_management", DEVICE),
        OnRecord("prescription", "the prescription", DEVICE, Effect.STOP),
    ),
    measures=(
        Measure("lessons_completed", Moment.BETWEEN, f"{DEVICE}: 4 a week"),
        Measure("craving_0_10", Moment.BEFORE, f"{SITE_POLICY}: comparable outcome"),
        Measure("craving_0_10", Moment.AFTER, f"{SITE_POLICY}: comparable outcome"),
    ),
    stop_rules=(Statement("Buprenorphine or contingency management ends.", DEVICE),),
    completion=Statement("84 days passed; lessons completed are recorded.", DEVICE),
    outcome_instrument="retention",
)

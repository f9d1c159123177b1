"""Gene therapy: interest and referral to a trial, never a session."""

from __future__ import annotations

from clinic.therapies.facts import (
    SITE_POLICY,
    ConsentForm,
    Duration,
    Evidence,
    LegalBasis,
    LegalNeed,
    Modality,
    Skill,
    StaffNeed,
    StageGroup,
    Standing,
    Statement,
)

SCOPE = f"{SITE_POLICY}: research referral only"

MODALITY = Modality(
    code="gene_therapy",
    name="Gene therapy and gene editing",
    summary="Changing genes tied to addiction: a subject of research, not yet of care.",
    group=StageGroup.RESEARCH,
    evidence=Evidence(
        Standing.RESEARCH_ONLY,
        "No gene therapy or gene editing is approved, or proven safe, for any addiction; the clinic"
        " records interest and refers to registered trials.",
        "FDA list of approved cellular and gene therapy products; " + SCOPE,
    ),
    indication=Statement("Interest in a registered trial.", SCOPE),
    duration=Duration(0, 0, SCOPE),
    staff=(StaffNeed(Skill.RESEARCH_COORDINATOR, 1, SCOPE),),
    settings=(),
    consents=(
        ConsentForm("research_referral", "Consent to share contact with a trial", "42 CFR 2.31"),
    ),
    legal_basis=LegalNeed(
        (LegalBasis.TRIAL_IND_IRB,),
        "Only inside a registered trial with IND and IRB.",
        "21 CFR part 312; 45 CFR part 46",
    ),
    completion=Statement("The trial answered the referral.", SCOPE),
    outcome_instrument="referral_outcome",
)

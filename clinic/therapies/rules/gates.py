"""Whether a course, or one of its sessions, may start; every reason, each with its source.

What nobody knows yet asks; what is known to be unsafe or unlawful stops.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clinic.core.decision import Decision, Effect, Reason
from clinic.therapies.facts import (
    BloodPressure,
    BodyMassIndex,
    ExcludesMedication,
    Gate,
    MinimumAge,
    MinorNeedsGuardian,
    Modality,
    OnRecord,
    OpioidClass,
    OpioidFree,
    Pregnancy,
    PreparedAndIntegrated,
    RequiresCourse,
    RequiresMedication,
    SafetyScreen,
    Standing,
    StartFacts,
)

ADMISSION_SOURCE = "42 CFR 8.12(e)(1)"
GUARDIAN_CONSENT = "guardian"
"""The code under which ``StartFacts.consents`` names a guardian's written consent."""


def may_start(modality: Modality, facts: StartFacts) -> Decision:
    """Whether the patient may begin the course: admission, law, consents, and every gate.

    Source: each reason names its own.
    """
    if not modality.may_be_scheduled:
        return Decision((_referral_only(modality),))
    return Decision.of(
        [
            *_admission(facts),
            *_legal_basis(modality, facts),
            *_consents(modality, facts),
            *_judged(modality.gates, facts),
            *_standing(modality),
        ]
    )


def may_hold_session(modality: Modality, facts: StartFacts, *, phase: str) -> Decision:
    """Whether a session of a phase may go ahead today: the phase's gates and the admission.

    Raises: ValueError when the modality has no such phase.
    """
    gates = [each.gates for each in modality.phases if each.name == phase]
    if not gates:
        raise ValueError(f"{modality.code} has no phase {phase!r}")
    return Decision.of([*_admission(facts), *_judged(gates[0], facts)])


def _referral_only(modality: Modality) -> Reason:
    return Reason(
        code="referral_only",
        message=f"{modality.name} can only be referred. {modality.evidence.why}",
        source=modality.evidence.source,
    )


def _admission(facts: StartFacts) -> Iterator[Reason]:
    if not facts.admitted:
        yield Reason("not_admitted", "The patient is not admitted.", ADMISSION_SOURCE)


def _legal_basis(modality: Modality, facts: StartFacts) -> Iterator[Reason]:
    need = modality.legal_basis
    if need and facts.legal_bases.isdisjoint(need.any_of):
        yield Reason("legal_basis_missing", need.why, need.source)


def _consents(modality: Modality, facts: StartFacts) -> Iterator[Reason]:
    for form in modality.consents:
        if form.code not in facts.consents:
            yield Reason("consent_missing", f"Not signed: {form.title}.", form.source)


def _standing(modality: Modality) -> Iterator[Reason]:
    evidence = modality.evidence
    if evidence.standing in {Standing.OFF_LABEL, Standing.INVESTIGATIONAL}:
        yield Reason(evidence.standing.value, evidence.why, evidence.source, Effect.INFORM)


def _judged(gates: Iterable[Gate], facts: StartFacts) -> Iterator[Reason]:
    for gate in gates:
        yield from judge(gate, facts)


def judge(gate: Gate, facts: StartFacts) -> Iterator[Reason]:  # noqa: C901, PLR0911 - one arm a gate
    """What one gate finds; nothing when it stands open."""
    match gate:
        case MinimumAge():
            return _minimum_age(gate, facts)
        case MinorNeedsGuardian():
            return _guardian(gate, facts)
        case ExcludesMedication():
            return _excluded_medication(gate, facts)
        case RequiresMedication():
            return _required_medication(gate, facts)
        case RequiresCourse():
            return _required_course(gate, facts)
        case OnRecord():
            return _on_record(gate, facts)
        case SafetyScreen():
            return _screen(gate, facts)
        case Pregnancy():
            return _pregnancy(gate, facts)
        case BloodPressure():
            return _blood_pressure(gate, facts)
        case OpioidFree():
            return _opioid_free(gate, facts)
        case BodyMassIndex():
            return _body_mass_index(gate, facts)
        case PreparedAndIntegrated():
            return _prepared_and_integrated(gate, facts)


def _ask(code: str, message: str, source: str) -> Reason:
    return Reason(code, message, source, Effect.ASK)


def _minimum_age(gate: MinimumAge, facts: StartFacts) -> Iterator[Reason]:
    if facts.age_years is None:
        yield _ask("age_unknown", "The patient's age is not known.", gate.source)
    elif facts.age_years < gate.years:
        yield Reason("under_age", f"Only from {gate.years} years of age.", gate.source)


def _guardian(gate: MinorNeedsGuardian, facts: StartFacts) -> Iterator[Reason]:
    if GUARDIAN_CONSENT in facts.consents:
        return
    if facts.age_years is None:
        yield _ask("age_unknown", "The patient's age is not known.", gate.source)
    elif facts.age_years < gate.adult_from_years:
        yield Reason(
            "guardian_consent_missing",
            f"Under {gate.adult_from_years} a parent, guardian or responsible adult signs too,"
            " unless state law lets the minor consent.",
            gate.source,
        )


def _excluded_medication(gate: ExcludesMedication, facts: StartFacts) -> Iterator[Reason]:
    if facts.active_medications is None:
        yield _ask("medications_unknown", "Current medications are not known.", gate.source)
        return
    for medication in sorted(facts.active_medications.intersection(gate.medications)):
        yield Reason(
            "medication_excluded",
            f"The patient is on {medication}. {gate.why}",
            gate.source,
            gate.effect,
        )


def _required_medication(gate: RequiresMedication, facts: StartFacts) -> Iterator[Reason]:
    needed = " or ".join(gate.any_of)
    if facts.active_medications is None:
        yield _ask("medications_unknown", f"It is not known if {needed} is taken.", gate.source)
    elif facts.active_medications.isdisjoint(gate.any_of):
        yield Reason("medication_missing", f"Only together with {needed}.", gate.source)


def _required_course(gate: RequiresCourse, facts: StartFacts) -> Iterator[Reason]:
    needed = gate.modality.replace("_", " ")
    if facts.active_courses is None:
        yield _ask("courses_unknown", f"It is not known if {needed} is under way.", gate.source)
    elif gate.modality not in facts.active_courses:
        yield Reason("course_missing", f"Only together with {needed}.", gate.source)


def _on_record(gate: OnRecord, facts: StartFacts) -> Iterator[Reason]:
    if gate.item not in facts.on_record:
        yield Reason(
            f"{gate.item}_missing", f"Not on record: {gate.title}.", gate.source, gate.effect
        )


def _screen(gate: SafetyScreen, facts: StartFacts) -> Iterator[Reason]:
    for question in gate.questions:
        answer = facts.answers.get(question.code)
        if answer is None:
            yield _ask(f"{question.code}_unanswered", f"Not asked: {question.text}", gate.source)
        elif answer:
            yield Reason(question.code, f"Yes to: {question.text}", gate.source, question.if_yes)


def _pregnancy(gate: Pregnancy, facts: StartFacts) -> Iterator[Reason]:
    if facts.pregnant:
        yield Reason("pregnant", gate.message, gate.source, gate.effect)
    elif facts.pregnant is None and gate.effect is not Effect.INFORM:
        yield _ask("pregnancy_unknown", f"Pregnancy is not ruled out. {gate.message}", gate.source)


def _blood_pressure(gate: BloodPressure, facts: StartFacts) -> Iterator[Reason]:
    systolic, diastolic = facts.systolic_mmhg, facts.diastolic_mmhg
    if systolic is None or diastolic is None:
        yield _ask("blood_pressure_unknown", "Blood pressure is not measured.", gate.source)
    elif systolic >= gate.stop_from_systolic or diastolic >= gate.stop_from_diastolic:
        limit = f"{gate.stop_from_systolic}/{gate.stop_from_diastolic}"
        yield Reason(
            "blood_pressure_high",
            f"Blood pressure {systolic}/{diastolic} mmHg: no start from {limit}.",
            gate.source,
        )
    elif systolic > gate.recheck_above_systolic or diastolic > gate.recheck_above_diastolic:
        limit = f"{gate.recheck_above_systolic}/{gate.recheck_above_diastolic}"
        yield _ask(
            "blood_pressure_recheck",
            f"Blood pressure {systolic}/{diastolic} mmHg: measure again above {limit}.",
            gate.source,
        )


def _opioid_free(gate: OpioidFree, facts: StartFacts) -> Iterator[Reason]:
    days, opioid = facts.days_since_last_opioid, facts.opioid_class
    if days is None or opioid is None:
        yield _ask("last_opioid_unknown", "Last opioid and its date are not known.", gate.source)
        return
    if opioid is OpioidClass.SHORT_ACTING:
        minimum, clear = gate.short_acting_days, gate.short_acting_clear_days
    else:
        minimum, clear = gate.long_acting_days, gate.long_acting_clear_days
    if facts.naloxone_challenge_negative is False:
        yield Reason("naloxone_challenge_positive", "The challenge was positive.", gate.source)
    elif days < minimum:
        message = f"{days} days without opioids: at least {minimum} are needed."
        yield Reason("opioid_too_recent", message, gate.source)
    elif days < clear and not facts.naloxone_challenge_negative:
        message = f"{days} days without opioids: until {clear} a negative challenge is needed."
        yield Reason("naloxone_challenge_needed", message, gate.source)


def _body_mass_index(gate: BodyMassIndex, facts: StartFacts) -> Iterator[Reason]:
    index = facts.body_mass_index
    if index is None:
        yield _ask("body_mass_index_unknown", "Height and weight are not measured.", gate.source)
    elif index < gate.at_least:
        message = f"Body mass index {index} is below {gate.at_least}: refeeding risk."
        yield _ask("refeeding_risk", message, gate.source)


def _prepared_and_integrated(gate: PreparedAndIntegrated, facts: StartFacts) -> Iterator[Reason]:
    planned, next_day = facts.preparation_sessions_planned, facts.integration_planned_next_day
    if planned is None or next_day is None:
        yield _ask(
            "plan_unknown", "Preparation and next-day integration are not planned.", gate.source
        )
        return
    if planned < gate.preparation_sessions:
        message = f"{planned} of {gate.preparation_sessions} preparation sessions are planned."
        yield Reason("preparation_missing", message, gate.source)
    if not next_day:
        yield Reason(
            "integration_missing", "No integration is planned on the day after.", gate.source
        )

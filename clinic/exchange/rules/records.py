"""What outside facts amount to, and what a person must look at before any of them is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from clinic.core.decision import Decision, Effect, Reason
from clinic.exchange.facts.records import (
    MedicationClass,
    OutsideMedicationRequest,
    OutsidePatient,
    OutsideRecords,
    RecordCounts,
)
from clinic.exchange.facts.trial import (
    DoseGap,
    HighDose,
    SameDayDoses,
    Share,
    TrialFindings,
    TrialHistory,
    TrialPerson,
    VisitState,
)

AGONISTS = frozenset(
    {
        MedicationClass.METHADONE,
        MedicationClass.BUPRENORPHINE,
        MedicationClass.BUPRENORPHINE_NALOXONE,
    }
)
# What the label of every naltrexone product says of patients on opioids.
_NALTREXONE_SOURCE = "naltrexone prescribing information, section 4 Contraindications"
_ORDER_SOURCE = "42 CFR 8.12(h): doses are ordered by the program's own practitioner"
_HISTORY_SOURCE = "site policy: outside dose records are reviewed by a person"


def count_records(records: OutsideRecords) -> RecordCounts:
    """The figures of an import: people once each, orders and encounters by kind.

    Invariant: a person with fourteen active diagnoses of opioid use disorder is one person.
    """
    deceased = {patient.source_id for patient in records.patients if patient.is_deceased}
    oud = [each for each in records.conditions if each.is_oud and each.is_active]
    with_oud = {condition.patient_id for condition in oud}
    by_class: defaultdict[str, set[str]] = defaultdict(set)
    for request in records.medication_requests:
        by_class[request.medication].add(request.patient_id)
    return RecordCounts(
        patients=len(records.patients),
        deceased_patients=len(deceased),
        patients_with_active_oud=len(with_oud),
        living_patients_with_active_oud=len(with_oud - deceased),
        active_oud_conditions=len(oud),
        medication_requests=len(records.medication_requests),
        medication_requests_by_class=_tally(
            request.medication.value for request in records.medication_requests
        ),
        patients_by_class={
            medication.value: len(by_class[medication])
            for medication in MedicationClass
            if medication in by_class
        },
        encounters=len(records.encounters),
        encounters_by_class=_tally(encounter.class_code for encounter in records.encounters),
        unsupported=dict(sorted(records.unsupported.items())),
    )


def _tally(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def review_outside_orders(
    patient: OutsidePatient, *, requests: Iterable[OutsideMedicationRequest]
) -> Decision:
    """What a prescriber must settle before one of a patient's outside orders becomes ours.

    Shape: nothing when no medication for opioid use disorder is marked active. Otherwise at
    least one ASK, for an import never starts a dose; STOP when the patient has died.
    """
    active = [
        request
        for request in requests
        if request.is_active
        and request.patient_id == patient.source_id
        and request.medication is not MedicationClass.OTHER
    ]
    return Decision.of(_order_reasons(patient, active)) if active else Decision()


def _order_reasons(
    patient: OutsidePatient, active: Sequence[OutsideMedicationRequest]
) -> Iterator[Reason]:
    classes = {request.medication for request in active}
    if patient.is_deceased:
        yield Reason(
            "patient_deceased",
            "The file says the patient has died; no order may start.",
            "the imported record",
        )
    yield Reason(
        "outside_order_unconfirmed",
        f"{len(active)} outside order(s) are marked active; a prescriber confirms one or none.",
        _ORDER_SOURCE,
        Effect.ASK,
    )
    if MedicationClass.NALTREXONE in classes and classes & AGONISTS:
        yield Reason(
            "agonist_with_naltrexone",
            "An opioid agonist and naltrexone are both marked active; they exclude each other.",
            _NALTREXONE_SOURCE,
            Effect.ASK,
        )
    if len(classes) > 1:
        named = ", ".join(sorted(each.value.replace("_", "/") for each in classes))
        yield Reason(
            "several_medications",
            f"More than one medication is marked active: {named}.",
            _ORDER_SOURCE,
            Effect.ASK,
        )
    unknown = [request for request in active if request.dose.dose_mg is None]
    if unknown:
        why = "; ".join(sorted({request.dose.unknown_because for request in unknown}))
        yield Reason(
            "dose_unknown",
            f"{len(unknown)} active order(s) have no dose that can be computed: {why}.",
            _ORDER_SOURCE,
            Effect.ASK,
        )


def review_same_day_doses(found: SameDayDoses) -> Decision:
    """Two dose rows on one day are a split dose or an entry error: ask, never add."""
    amounts = " and ".join(f"{amount:f}" for amount in found.amounts)
    return Decision.of(
        [
            Reason(
                "same_day_doses",
                f"Day {found.day} has {len(found.amounts)} dose rows ({amounts} mg). "
                "Is it a split dose, or is one of them an error?",
                _HISTORY_SOURCE,
                Effect.ASK,
            )
        ]
    )


def find_in_trial(history: TrialHistory, *, high_dose_mg: Decimal, gap_days: int) -> TrialFindings:
    """What stands out in a set of histories, each finding with whom and when.

    Units: ``high_dose_mg`` is the largest dose that is not remarkable; ``gap_days`` the
    smallest number of missed days in a row that is. Both are site policy.
    Shape: gaps and attendance are of methadone, which is dosed daily.
    """
    people = history.people
    on_methadone = {person.who: _methadone_days(person) for person in people}
    dosed = {who: days for who, days in on_methadone.items() if days}
    visits = Counter(visit.state for person in people for visit in person.visits)
    kept, missed = visits[VisitState.VISIT], visits[VisitState.NO_VISIT]
    return TrialFindings(
        dose_rows=sum(len(person.doses) for person in people),
        person_days=sum(len({dose.day for dose in person.doses}) for person in people),
        same_day=tuple(same for person in people for same in _same_day(person)),
        high_doses=tuple(
            HighDose(person.who, dose.day, dose.dose_mg)
            for person in people
            for dose in person.doses
            if dose.dose_mg is not None and dose.dose_mg > high_dose_mg
        ),
        gaps=tuple(gap for who, days in dosed.items() for gap in _gaps(who, days, gap_days)),
        methadone_total_mg=sum(
            (
                dose.amount
                for person in people
                for dose in person.doses
                if dose.medication is MedicationClass.METHADONE
            ),
            Decimal(0),
        ),
        methadone_attendance=Share(
            part=sum(len(days) for days in dosed.values()),
            whole=sum(days[-1] - days[0] + 1 for days in dosed.values()),
        ),
        show_rate=Share(part=kept, whole=kept + missed),
        visits_by_state=visits,
        undated_visits=sum(visit.day is None for person in people for visit in person.visits),
        urine_collected=sum(len(person.urine) for person in people),
        urine_positives=Counter(
            analyte for person in people for sample in person.urine for analyte in sample.positives
        ),
    )


def _methadone_days(person: TrialPerson) -> list[int]:
    days = {dose.day for dose in person.doses if dose.medication is MedicationClass.METHADONE}
    return sorted(days)


def _same_day(person: TrialPerson) -> Iterator[SameDayDoses]:
    amounts: defaultdict[int, list[Decimal]] = defaultdict(list)
    for dose in person.doses:
        amounts[dose.day].append(dose.amount)
    for day, given in sorted(amounts.items()):
        if len(given) > 1:
            yield SameDayDoses(person.who, day, tuple(given))


def _gaps(who: str, days: Sequence[int], gap_days: int) -> Iterator[DoseGap]:
    for dosed, next_dosed in pairwise(days):
        missed = next_dosed - dosed - 1
        if missed >= gap_days:
            yield DoseGap(who, dosed + 1, missed)

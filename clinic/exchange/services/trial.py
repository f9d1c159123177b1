"""A trial's treatment histories become synthetic patients with episodes, doses and drug tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from clinic.core.errors import Refused
from clinic.data.work import Work
from clinic.exchange.facts.outcome import ImportKind, ImportOutcome, Review, TrialTerms
from clinic.exchange.facts.reading import ReadRefused
from clinic.exchange.facts.trial import TrialFindings, TrialHistory, TrialPerson
from clinic.exchange.rules import find_in_trial, review_same_day_doses
from clinic.exchange.services import people as persons
from clinic.exchange.services.people import Newcomer, People
from clinic.exchange.services.runs import record_run, take_turn
from clinic.exchange.services.trial_rows import SOURCE_SYSTEM, TrialRows
from clinic.patients.facts import Identifier, PersonName, Sex
from clinic.sites.queries import policy

AGE_UNKNOWN = "Age unknown: the birth date shown is a placeholder."
AGE_SHOWN_INSTEAD = 100
TRIAL_FILES = 8

_SEXES = {True: Sex.MALE, False: Sex.FEMALE, None: Sex.UNKNOWN}


def import_trial(work: Work, *, history: TrialHistory, run_id: UUID | None = None) -> ImportOutcome:
    """Take treatment histories in at a demo site, once: what is there already is left alone.

    Invariant: two dose rows on one day become a question, never a dose and never a sum.
    Raises: Refused when a history reaches into the future, or was imported with another day 0.
    """
    _require_past(work, history)
    take_turn(work)
    people = persons.meet(work, newcomers=[_newcomer(person) for person in history.people])
    rows = TrialRows(work, people.patient_ids)
    for person in history.people:
        if person.who in people.patient_ids:
            rows.add(person)
    persons.write(work, people=people)
    rows.write()
    return record_run(work, outcome=_outcome(work, history, people, rows), run_id=run_id)


def _require_past(work: Work, history: TrialHistory) -> None:
    last = max((day for person in history.people for day in _days(person)), default=None)
    if last is not None and last > work.service_date:
        raise Refused(
            f"These histories reach to {last:%d %b %Y}, which is yet to come; "
            "choose an earlier Monday as study day 0."
        )


def _days(person: TrialPerson) -> Iterable[date]:
    days = (
        *(dose.day for dose in person.doses),
        *(visit.day for visit in person.visits),
        *(sample.day for sample in person.urine),
    )
    return (person.date_of(day) for day in days if day is not None)


def _newcomer(person: TrialPerson) -> Newcomer:
    """A plainly synthetic person: numbered, and born on the first of a January."""
    name = PersonName(f"Participant {person.who}", "Trial")
    age = AGE_SHOWN_INSTEAD if person.age is None else person.age
    return Newcomer(
        source=Identifier(SOURCE_SYSTEM, person.who),
        name=name,
        birth_date=date(person.day_zero.year - age, 1, 1),
        sex=_SEXES[person.is_male],
        alert=AGE_UNKNOWN if person.age is None else "",
    )


def _outcome(work: Work, history: TrialHistory, people: People, rows: TrialRows) -> ImportOutcome:
    findings = _findings(history, _terms(work))
    return ImportOutcome(
        kind=ImportKind.CTN0094,
        files=TRIAL_FILES,
        tallies={"patients": people.tally} | rows.tallies,
        figures=trial_figures(work, history=history),
        arrivals=tuple(people.arrivals.values()),
        reviews=tuple(_reviews(findings, people)),
        refusals=tuple(
            ReadRefused("participants.csv", f"participant {who}", reason)
            for who, reason in people.refused.items()
        ),
        warnings=tuple(rows.warnings),
    )


def _reviews(findings: TrialFindings, people: People) -> Iterable[Review]:
    for same_day in findings.same_day:
        patient_id = people.patient_ids.get(same_day.who)
        if patient_id is not None:
            name = people.arrivals[patient_id].name
            yield Review(patient_id, name, review_same_day_doses(same_day))


def _terms(work: Work) -> TrialTerms:
    return policy(work, TrialTerms(), of="exchange.trial", on=work.service_date)


def _findings(history: TrialHistory, terms: TrialTerms) -> TrialFindings:
    return find_in_trial(history, high_dose_mg=terms.high_dose_mg, gap_days=terms.gap_days)


def trial_figures(work: Work, *, history: TrialHistory) -> dict[str, Any]:
    """What the histories say in numbers, whether or not the house knew it."""
    terms = _terms(work)
    findings = _findings(history, terms)
    people = history.people
    return {
        "people": len(people),
        "people_with_doses": sum(bool(person.doses) for person in people),
        "dose_rows": findings.dose_rows,
        "person_days": findings.person_days,
        "same_day_questions": len(findings.same_day),
        "dose_rows_by_medication": _tally(
            dose.medication.value for person in people for dose in person.doses
        ),
        "methadone_total_mg": f"{findings.methadone_total_mg:f}",
        "methadone_attendance_percent": _text(findings.methadone_attendance.percent),
        f"doses_over_{terms.high_dose_mg:f}_mg": len(findings.high_doses),
        f"gaps_of_{terms.gap_days}_days": len(findings.gaps),
        "visits": {state.name.lower(): n for state, n in findings.visits_by_state.items()},
        "visits_total": sum(findings.visits_by_state.values()),
        "visits_undated": findings.undated_visits,
        "visit_reasons": _tally(
            reason for person in people for visit in person.visits for reason in visit.reasons
        ),
        "show_rate_percent": _text(findings.show_rate.percent),
        "urine_collected": findings.urine_collected,
        "urine_positives": dict(sorted(findings.urine_positives.items())),
        "left_out": {
            "urine_without_a_day": sum(
                sample.day is None for person in people for sample in person.urine
            ),
            "withdrawal_bands": sum(len(person.withdrawal) for person in people),
        },
    }


def _tally(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _text(number: object) -> str | None:
    return None if number is None else str(number)

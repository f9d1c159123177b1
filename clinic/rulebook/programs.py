"""The door to the clocks of admission and prescribing."""

from __future__ import annotations

from enum import StrEnum
from zoneinfo import ZoneInfo

from clinic.programs.facts import (
    CLOCK_TERMS,
    LOOKBACK_LIMITS,
    ClinicalClock,
    IntakeDocument,
    InterimTerms,
    PriorityTerms,
)
from clinic.programs.rules import clocks
from clinic.rulebook.facts import Answer, RuleEntry
from clinic.rulebook.reading import Fields, charged_to
from clinic.rulebook.writing import iso

_PACKAGE = "clinic.programs"


class _TimeZone(StrEnum):
    NEW_YORK = "America/New_York"
    CHICAGO = "America/Chicago"
    DENVER = "America/Denver"
    LOS_ANGELES = "America/Los_Angeles"


def _clinical_clock(fields: Fields) -> Answer:
    clock = fields.choice("clock", of=ClinicalClock)
    start_date = fields.day("start_date")
    with charged_to("start_date"):
        due_date = clocks.clinical_clock(clock, start_date=start_date)
    return Answer({"due_date": iso(due_date)})


def _intake_lookback(fields: Fields) -> Answer:
    document = fields.choice("document", of=IntakeDocument)
    performed_date = fields.day("performed_date")
    lookback = clocks.intake_lookback(
        document,
        performed_date=performed_date,
        admission_date=fields.day("admission_date", not_before=performed_date),
    )
    return Answer(
        {
            "age_days": lookback.age_days,
            "limit_days": lookback.limit_days,
            "valid": lookback.valid,
        },
        lookback.decision,
    )


def _interim_treatment(fields: Fields) -> Answer:
    start_date = fields.day("start_date")
    with charged_to("start_date"):
        interim = clocks.interim_treatment(start_date)
    return Answer(
        {
            "plan_due_date": iso(interim.plan_due_date),
            "last_permitted_date": iso(interim.last_permitted_date),
            "drug_tests_required": interim.drug_tests_required,
        }
    )


def _priority_admission(fields: Fields) -> Answer:
    requested_at = fields.moment("requested_at")
    zone = ZoneInfo(fields.choice("time_zone", of=_TimeZone).value)
    capacity_available = fields.flag("capacity_available")
    with charged_to("requested_at"):
        admission = clocks.priority_admission(
            requested_at, zone=zone, capacity_available=capacity_available
        )
    services_by = admission.interim_services_by
    return Answer(
        {
            "admit_by": iso(admission.admit_by),
            "interim_services_by": None if services_by is None else services_by.isoformat(),
            "admit_by_with_interim_services": iso(admission.admit_by_with_interim_services),
        }
    )


ENTRIES = (
    RuleEntry(
        name="clinical_clock",
        package=_PACKAGE,
        summary="The last permitted day of an exam, an assessment, a stock or a prescription.",
        sources=tuple(dict.fromkeys(term.source for term in CLOCK_TERMS.values())),
        ask=_clinical_clock,
    ),
    RuleEntry(
        name="intake_lookback",
        package=_PACKAGE,
        summary="Whether a finding made before admission is recent enough to count.",
        sources=tuple(limit.source for limit in LOOKBACK_LIMITS.values()),
        ask=_intake_lookback,
    ),
    RuleEntry(
        name="interim_treatment",
        package=_PACKAGE,
        summary="By when interim treatment needs its plan, and when it must end.",
        sources=(InterimTerms().source,),
        ask=_interim_treatment,
    ),
    RuleEntry(
        name="priority_admission",
        package=_PACKAGE,
        summary="By when a person who injects is admitted or given interim services.",
        sources=(PriorityTerms().source,),
        ask=_priority_admission,
    ),
)

"""The clinic's own past year as histories for the laboratory. Numbers stand for names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.rewards.facts import (
    BONUS_ANALYTES,
    FunderTerms,
    History,
    PastVisit,
    Protocol,
    Target,
    VisitOutcome,
)
from clinic.rewards.models import RewardEnrolment, RewardVisit
from clinic.rewards.queries.caps import funder_terms
from clinic.rewards.queries.protocols import known_protocols
from clinic.rewards.rules.outcomes import earns_bonus, visit_outcome
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading
from clinic.toxicology.models import Result, Specimen

YEAR = timedelta(days=365)

_KEPT: Mapping[CollectionOutcome, VisitOutcome] = {
    CollectionOutcome.COLLECTED: VisitOutcome.NEGATIVE,
    CollectionOutcome.REFUSED: VisitOutcome.NEGATIVE,
    CollectionOutcome.MISSED: VisitOutcome.MISSED,
    CollectionOutcome.EXCUSED: VisitOutcome.EXCUSED,
}
"""A scheduled test as attendance: who came and refused the cup has come."""


def past_year(work: Work, *, protocol: Protocol) -> tuple[History, ...]:
    """What the protocol would have seen at this site in the year up to today.

    Tests are judged for its target; attendance is read from scheduled tests, goals from visits
    that protocols with goals have judged.
    Shape: patients without a single such visit are left out; the rest are numbered from 1.
    """
    since = work.service_date - YEAR
    if protocol.target is Target.GOAL:
        found = _goals(work, since=since)
    else:
        found = _tests(work, protocol=protocol, since=since)
    return tuple(
        History(str(number), tuple(found[patient_id]))
        for number, patient_id in enumerate(sorted(found), start=1)
    )


def terms_now(work: Work) -> FunderTerms:
    """The funder's cap that a simulation reckons with."""
    return funder_terms(work, on=work.service_date)


def _tests(work: Work, *, protocol: Protocol, since: date) -> dict[UUID, list[PastVisit]]:
    specimens = work.session.execute(
        sa.select(Specimen.id, Specimen.patient_id, Specimen.service_date, Specimen.outcome)
        .where(Specimen.site_id == work.site.id, Specimen.service_date > since)
        .order_by(Specimen.service_date, Specimen.occurred_at, Specimen.id)
    ).all()
    readings = _readings(work, protocol=protocol, since=since)
    found: dict[UUID, list[PastVisit]] = defaultdict(list)
    for row in specimens:
        read = readings[row.id]
        if protocol.target is Target.ATTENDANCE:
            outcome: VisitOutcome | None = _KEPT[row.outcome]
        else:
            outcome = visit_outcome(row.outcome, readings=read, target=protocol.target)
        if outcome is not None:
            found[row.patient_id].append(
                PastVisit(outcome, row.service_date, earns_bonus_draws=earns_bonus(read))
            )
    return found


def _readings(
    work: Work, *, protocol: Protocol, since: date
) -> defaultdict[UUID, dict[Analyte, Reading]]:
    rows = work.session.execute(
        sa.select(Result.specimen_id, Result.analyte, Result.reading).where(
            Result.site_id == work.site.id,
            Result.service_date > since,
            Result.analyte.in_({*protocol.target.analytes, *BONUS_ANALYTES}),
        )
    )
    found: defaultdict[UUID, dict[Analyte, Reading]] = defaultdict(dict)
    for specimen_id, analyte, reading in rows:
        found[specimen_id][analyte] = reading
    return found


def _goals(work: Work, *, since: date) -> dict[UUID, list[PastVisit]]:
    with_goals = {key for key, one in known_protocols(work).items() if one.target is Target.GOAL}
    rows = work.session.execute(
        sa.select(
            RewardVisit.patient_id,
            RewardVisit.service_date,
            RewardVisit.outcome,
            RewardEnrolment.protocol,
            RewardEnrolment.protocol_version,
        )
        .join(RewardEnrolment, RewardEnrolment.id == RewardVisit.enrolment_id)
        .where(RewardVisit.site_id == work.site.id, RewardVisit.service_date > since)
        .order_by(RewardVisit.service_date, RewardVisit.number)
    )
    found: dict[UUID, list[PastVisit]] = defaultdict(list)
    for row in rows:
        if (row.protocol, row.protocol_version) in with_goals:
            found[row.patient_id].append(PastVisit(VisitOutcome(row.outcome), row.service_date))
    return found

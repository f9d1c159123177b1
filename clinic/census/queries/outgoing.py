"""What reports to outsiders count: a quarter of rewards, the national survey, a day's totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.census import rules
from clinic.census.facts import Axis, CensusDay, Group
from clinic.census.facts.deliveries import Released, SmallCellTerms
from clinic.census.facts.outgoing import (
    ContingencyQuarter,
    OutsideLine,
    Quarter,
    SurveyLine,
    SurveyTerms,
)
from clinic.census.queries.day import census_on, series
from clinic.census.queries.people import people_in
from clinic.core.calendar_days import months_after
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.programs.facts import CareState, MedicationState
from clinic.rewards.facts import AccountKind, Period, TransferKind, VisitOutcome
from clinic.rewards.models import (
    LedgerAccount,
    LedgerTransfer,
    RewardConfirmation,
    RewardVisit,
)
from clinic.rewards.queries.books import totals
from clinic.sites import queries as sites

_ADULT_FROM_YEARS = 18
_HOSPITAL = {CareState.MEDICALLY_MANAGED_INPATIENT}
_RESIDENTIAL = {
    CareState.WITHDRAWAL_MANAGEMENT,
    CareState.RESIDENTIAL_HIGH,
    CareState.RESIDENTIAL_LOW,
}


def outside_lines(found: CensusDay, *, terms: SmallCellTerms) -> list[OutsideLine]:
    """A day's counts as they may leave: no small one, nor any that gives one away.

    Modalities overlap, so no total speaks of them; levels and medications share theirs.
    """
    levels, medications = rules.released_together(
        {line.label: line.today for line in found.levels if line.today},
        _counts(found.medications),
        terms=terms,
    )
    reasons = rules.released(_counts(found.discharge_reasons), terms=terms)
    total = found.total
    return [
        OutsideLine("Day", "In care", levels.total),
        OutsideLine("Day", "Admitted", rules.cell(total.admitted, terms=terms)),
        OutsideLine("Day", "Discharged", reasons.total),
        OutsideLine("Day", "Waiting", rules.cell(found.waiting, terms=terms)),
        *_lines(Axis.LEVEL.label, levels),
        *_lines(Axis.MEDICATION.label, medications),
        *_lines(Axis.REASON.label, reasons),
        *(
            OutsideLine(Axis.MODALITY.label, group.label, rules.cell(group.count, terms=terms))
            for group in found.modalities
        ),
    ]


def contingency_quarter(work: Work, *, quarter: Quarter) -> ContingencyQuarter:
    """What contingency management cost in a quarter, and what is owed at its end.

    Shape: an award or redemption that was voided stays in its sum and in the voided one.
    """
    books = totals(work, period=Period(quarter.first, quarter.until))
    visits, negatives = _visits(work, quarter=quarter)
    return ContingencyQuarter(
        quarter=quarter,
        patients_earning=_earners(work, quarter=quarter),
        visits=visits,
        negatives=negatives,
        earned_cents=books.earned_cents,
        redeemed_cents=books.redeemed_cents,
        voided_cents=books.voided_cents,
        liability_cents=books.liability_cents,
    )


def survey_terms(work: Work) -> SurveyTerms:
    """When the survey counts."""
    return sites.policy(work, SurveyTerms(), of="survey", on=work.service_date)


def survey(work: Work, *, day: date) -> list[SurveyLine]:
    """The survey's point-in-time counts on its reference date, and the year's admissions.

    Shape: a count of None is one the clinic keeps no record of; its note says so.
    """
    found = census_on(work, day=day)
    here = sites.site(work)
    by_level = {line.level: line.today for line in found.levels}
    hospital = sum(by_level[level] for level in _HOSPITAL)
    residential = sum(by_level[level] for level in _RESIDENTIAL)
    medications = {group.key: group.count for group in found.medications}
    adult_since = months_after(day, months=-12 * _ADULT_FROM_YEARS)
    minors = sum(
        person.birth_date > adult_since for person in people_in(work, day=day, axis=Axis.IN_CARE)
    )
    year_from = months_after(day, months=-12) + ONE_DAY
    admitted = sum(series(work, first=year_from, until=day + ONE_DAY).admitted)
    at_end = f"in care at the end of {day:%d %b %Y}"
    return [
        SurveyLine("Clients", "All", found.in_care, at_end),
        SurveyLine("Clients", "Hospital inpatient", hospital, "level 4"),
        SurveyLine("Clients", "Residential (non-hospital)", residential, "levels 3.1, 3.5, 3.7-WM"),
        SurveyLine(
            "Clients", "Outpatient", found.in_care - hospital - residential, "all other levels"
        ),
        SurveyLine("Clients", "Under 18", minors, at_end),
        *(
            SurveyLine("Medication", one.label, medications.get(one.value, 0), at_end)
            for one in MedicationState
            if one is not MedicationState.NONE
        ),
        SurveyLine(
            "Medication", "Methadone for detoxification", None, "not told apart from maintenance"
        ),
        SurveyLine("Beds", "Designated for treatment", here.beds, "as set for the site"),
        SurveyLine("Beds", "Clients in them", found.beds_occupied, at_end),
        SurveyLine("Year", "Admissions in 12 months", admitted, f"{year_from:%d %b %Y} on"),
    ]


def last_reference_day(terms: SurveyTerms, *, until: date) -> date:
    """The survey's latest reference date that has come."""
    this_year = date(until.year, terms.reference_month, terms.reference_day)
    return this_year if this_year <= until else this_year.replace(year=until.year - 1)


def quarters(*, until: date, how_many: int) -> list[Quarter]:
    """The quarter a day lies in and those before it, latest first."""
    found = [Quarter.of(until)]
    while len(found) < how_many:
        found.append(found[-1].previous)
    return found


def _counts(groups: Iterable[Group]) -> dict[str, int]:
    return {group.label: group.count for group in groups}


def _lines(axis: str, found: Released) -> Iterator[OutsideLine]:
    for label, count in found.parts.items():
        yield OutsideLine(axis, label, count)


def _earners(work: Work, *, quarter: Quarter) -> int:
    """Patients with an award in the quarter that was not voided."""
    void = aliased(LedgerTransfer)
    found = work.session.scalar(
        sa.select(sa.func.count(LedgerAccount.patient_id.distinct()))
        .join(LedgerTransfer, LedgerAccount.id == LedgerTransfer.to_account_id)
        .where(
            LedgerTransfer.site_id == work.site.id,
            LedgerTransfer.kind == TransferKind.EARN,
            LedgerAccount.kind == AccountKind.PATIENT,
            LedgerTransfer.service_date >= quarter.first,
            LedgerTransfer.service_date < quarter.until,
            ~sa.exists().where(
                void.site_id == LedgerTransfer.site_id, void.reverses_id == LedgerTransfer.id
            ),
        )
    )
    return int(found or 0)


def _visits(work: Work, *, quarter: Quarter) -> tuple[int, int]:
    """Visits judged, and those negative for the target once the laboratory had spoken."""
    outcome = sa.func.coalesce(RewardConfirmation.outcome, RewardVisit.outcome)
    row = work.session.execute(
        sa.select(
            sa.func.count(RewardVisit.id),
            sa.func.count(RewardVisit.id).filter(outcome == VisitOutcome.NEGATIVE),
        )
        .outerjoin(
            RewardConfirmation,
            (RewardConfirmation.site_id == RewardVisit.site_id)
            & (RewardConfirmation.reward_visit_id == RewardVisit.id),
        )
        .where(
            RewardVisit.site_id == work.site.id,
            RewardVisit.service_date >= quarter.first,
            RewardVisit.service_date < quarter.until,
        )
    ).one()
    return int(row[0]), int(row[1])

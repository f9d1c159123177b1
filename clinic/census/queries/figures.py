"""Every measure of a period, read together, and the names behind any of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa

from clinic.census import rules
from clinic.census.facts import (
    BED_LEVELS,
    CapacityTerms,
    CensusSeries,
    MeasureTerms,
)
from clinic.census.facts.measures import (
    RETENTION_GAUGES,
    Bounds,
    Case,
    CaseloadTerms,
    Change,
    Figure,
    Gauge,
    Part,
    Span,
    Stay,
    SurvivalCurve,
    WaitTerms,
)
from clinic.census.queries import evidence
from clinic.census.queries.day import modality_label, series
from clinic.census.queries.requests import requests
from clinic.census.queries.standing import standing
from clinic.census.queries.survival import cohort_curve
from clinic.census.rules.cases import STAY_GAUGES, as_days, cases_of_stays
from clinic.census.rules.survival import mean_change
from clinic.core.money import dollars
from clinic.core.rates import percent, rounded
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.patients.facts import PersonName
from clinic.patients.models import Patient
from clinic.programs.facts import DischargeReason
from clinic.programs.models import CareTransition
from clinic.rewards.rules.fidelity import interval
from clinic.sites.queries import SiteFacts, policy, site
from clinic.staff.models import UserAccount

Z_95 = 1.959964
"""Source: the standard normal distribution, 97.5th percentile."""
NOBODY = "nobody"
"""The part of a caseload that no counselor carries."""


@dataclass(frozen=True, slots=True)
class Named:
    """A case with the name of the patient it is about."""

    case: Case
    code: str
    name: PersonName


@dataclass(frozen=True, slots=True)
class Report:
    """The measures of a period; ``curve`` and ``changes`` say more of two of them."""

    span: Span
    cohort: Span
    figures: tuple[Figure, ...]
    curve: SurvivalCurve
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What several measures share: read once a page."""

    work: Work
    span: Span
    cohort: Span
    stays: list[Stay]
    medicated: set[UUID]
    wait: WaitTerms

    def of_stays(self, gauge: Gauge) -> list[Case]:
        return cases_of_stays(gauge, self.stays, span=self.span, cohort=self.cohort, wait=self.wait)

    @property
    def year_round(self) -> set[UUID]:
        return {
            stay.patient_id
            for stay in self.stays
            if stay.admitted_on is not None
            and stay.discharged_on is None
            and stay.patient_id in self.medicated
            and stay.admitted_on <= self.span.last - evidence.YEAR
        }

    def cases(self, gauge: Gauge) -> list[Case]:
        """Whom the measure looks at."""
        if gauge in STAY_GAUGES:
            return self.of_stays(gauge)
        if gauge in evidence.SQL_GAUGES:
            return evidence.listed(self.work, gauge, span=self.span)
        return _OTHER_CASES[gauge](self)


def _owed(grounds: _Grounds) -> list[Case]:
    _, owed = evidence.ledger(grounds.work, grounds.span)
    return evidence.cases_of_cents(owed, span=grounds.span)


def _earned(grounds: _Grounds) -> list[Case]:
    earned, _ = evidence.ledger(grounds.work, grounds.span)
    return evidence.cases_of_cents(earned, span=grounds.span)


def _take_homes(grounds: _Grounds) -> list[Case]:
    return evidence.take_homes(grounds.work, grounds.span, medicated=grounds.medicated)


def _few_tests(grounds: _Grounds) -> list[Case]:
    return evidence.few_tests(grounds.work, grounds.span, year_round=grounds.year_round)


def _reviews(grounds: _Grounds) -> list[Case]:
    here = {case.patient_id for case in grounds.of_stays(Gauge.CAPACITY)}
    return evidence.reviews(grounds.work, grounds.span, here=here)


def _unassessed(grounds: _Grounds) -> list[Case]:
    admitted = grounds.of_stays(Gauge.ADMISSIONS)
    return evidence.unassessed(grounds.work, grounds.span, admitted=admitted)


def _courses(grounds: _Grounds) -> list[Case]:
    return [case for case, _ in evidence.craving(grounds.work, grounds.span)]


_OTHER_CASES: Mapping[Gauge, Callable[[_Grounds], list[Case]]] = MappingProxyType(
    {
        Gauge.TAKE_HOMES: _take_homes,
        Gauge.TESTS_UNDER_8: _few_tests,
        Gauge.REVIEWS_OVERDUE: _reviews,
        Gauge.UNASSESSED: _unassessed,
        Gauge.CRAVING: _courses,
        Gauge.BED_OCCUPANCY: lambda grounds: _in_beds(grounds.work, grounds.span),
        Gauge.CM_EARNED: _earned,
        Gauge.CM_LIABILITY: _owed,
    }
)


def report(work: Work, *, span: Span) -> Report:
    """Every measure of a period as it was known when its last day ended.

    The number of statements never depends on the patients.
    """
    grounds = _grounds(work, span)
    here = site(work)
    curve = cohort_curve(grounds.stays, cohort=grounds.cohort)
    craving, changes = _craving(work, span)
    return Report(
        span=span,
        cohort=grounds.cohort,
        figures=(
            *_fullness(grounds, here, history=series(work, first=span.first, until=span.until)),
            *_access(grounds),
            *_stays(grounds),
            *_retention(grounds, curve),
            *_attendance(grounds),
            *_doses(grounds),
            *_staff(grounds),
            *_rewards(work, span),
            craving,
        ),
        curve=curve,
        changes=changes,
    )


def behind(
    work: Work, gauge: Gauge, *, span: Span, part: str = "", only_counting: bool
) -> list[Named]:
    """The names behind a measure, in the order of their names.

    Shape: as many as its denominator says, or its numerator when only those that count are asked
    for; of one part of a distribution when one is named.
    """
    return named(
        work,
        [
            case
            for case in _grounds(work, span).cases(gauge)
            if (case.counts or not only_counting) and (not part or _part_of(case) == part)
        ],
    )


def named(work: Work, cases: Sequence[Case]) -> list[Named]:
    """The cases with the names of their patients; one statement."""
    rows = work.session.execute(
        sa.select(
            Patient.id,
            Patient.code,
            Patient.family_name,
            Patient.given_names,
            Patient.preferred_name,
        ).where(
            Patient.organization_id == work.site.organization_id,
            Patient.id.in_({case.patient_id for case in cases}),
        )
    )
    who = {row.id: (row.code, PersonName(*row[2:])) for row in rows}
    found = [Named(case, *who[case.patient_id]) for case in cases if case.patient_id in who]
    return sorted(found, key=lambda one: (one.name.listed, one.case.on, one.code))


def _part_of(case: Case) -> str:
    return case.part or NOBODY


def _grounds(work: Work, span: Span) -> _Grounds:
    terms = policy(work, MeasureTerms(), of="census", on=span.last)
    cohort = Span(span.last - timedelta(days=terms.cohort_days), span.last)
    return _Grounds(
        work=work,
        span=span,
        cohort=cohort,
        stays=requests(work, since=min(span.first, cohort.first), day=span.last),
        medicated=evidence.on_medication(work, span),
        wait=policy(work, WaitTerms(), of="waiting", on=span.last),
    )


def _in_beds(work: Work, span: Span) -> list[Case]:
    """Who had a bed when the period began, and each move into one since."""
    where = standing(work, day=span.first - ONE_DAY)
    before = work.session.execute(
        sa.select(where.c.patient_id, where.c.since, where.c.state).where(
            where.c.state.in_(BED_LEVELS)
        )
    )
    since = work.session.execute(
        sa.select(
            CareTransition.patient_id, CareTransition.service_date, CareTransition.to_state
        ).where(
            CareTransition.site_id == work.site.id,
            CareTransition.service_date >= span.first,
            CareTransition.service_date <= span.last,
            CareTransition.to_state.in_(BED_LEVELS),
        )
    )
    return [Case(patient_id, on, note=state.label) for patient_id, on, state in (*before, *since)]


def _fullness(grounds: _Grounds, here: SiteFacts, *, history: CensusSeries) -> list[Figure]:
    span = grounds.span
    full = policy(grounds.work, CapacityTerms(), of="capacity", on=span.last)
    days = rules.patient_days(as_days(grounds.stays), first_day=span.first, last_day=span.last)
    nights = sum(sum(counts) for level, counts in history.counts.items() if level in BED_LEVELS)
    now = history.totals[-1]
    found = [
        Figure(
            Gauge.AVERAGE_CENSUS,
            str(rounded(Fraction(days, span.days), places=1)),
            days,
            span.days,
        )
    ]
    if here.capacity:
        places = here.capacity * span.days
        notice = rules.capacity_notice(here.capacity, census=now, as_of_date=span.last, terms=full)
        found += [
            _share(Gauge.OCCUPANCY, days, of=places, bounded=False),
            Figure(
                Gauge.CAPACITY,
                str(notice.occupancy_percent),
                now,
                here.capacity,
                kind="attention" if notice.notice_required else None,
                note=f"notice to the State from {full.notice_from_percent} %",
            ),
        ]
    if here.beds:
        found.append(_share(Gauge.BED_OCCUPANCY, nights, of=here.beds * span.days, bounded=False))
    return found


def _access(grounds: _Grounds) -> list[Figure]:
    admitted = [
        (stay.admitted_on - stay.requested_on).days
        for stay in grounds.stays
        if stay.admitted_on is not None and stay.admitted_on in grounds.span
    ]
    waiting = grounds.of_stays(Gauge.STILL_WAITING)
    too_long = _counting(waiting)
    return [
        Figure(Gauge.ADMISSIONS, str(len(admitted)), len(admitted)),
        Figure(Gauge.WAITED, _median(admitted), None, len(admitted)),
        _share_of(Gauge.WITHIN_14_DAYS, grounds.of_stays(Gauge.WITHIN_14_DAYS)),
        _share_of(Gauge.WITHIN_120_DAYS, grounds.of_stays(Gauge.WITHIN_120_DAYS)),
        Figure(
            Gauge.STILL_WAITING,
            str(too_long),
            too_long,
            len(waiting),
            kind="attention" if too_long else None,
        ),
    ]


def _stays(grounds: _Grounds) -> list[Figure]:
    left = grounds.of_stays(Gauge.DISCHARGES)
    lengths = [
        rules.length_of_stay(stay.admitted_on, discharge_date=stay.discharged_on).los_days
        for stay in grounds.stays
        if stay.admitted_on and stay.discharged_on and stay.discharged_on in grounds.span
    ]
    mean = str(rounded(Fraction(sum(lengths), len(lengths)), places=1)) if lengths else None
    counted = evidence.by_part(left)
    return [
        Figure(Gauge.MEDIAN_STAY, _median(lengths), None, len(lengths)),
        Figure(Gauge.LENGTH_OF_STAY, mean, sum(lengths), len(lengths)),
        Figure(
            Gauge.DISCHARGES,
            str(len(left)),
            len(left),
            parts=tuple(
                Part(reason.value, reason.label, counted[reason.value])
                for reason in DischargeReason
                if counted[reason.value]
            ),
        ),
        _share_of(Gauge.READMITTED_30, grounds.of_stays(Gauge.READMITTED_30)),
    ]


def _retention(grounds: _Grounds, curve: SurvivalCurve) -> list[Figure]:
    found = []
    for gauge, day in RETENTION_GAUGES.items():
        cases = grounds.of_stays(gauge)
        point = curve.at(day)
        bounds = None
        if point is not None and point.low is not None and point.high is not None:
            bounds = Bounds(Decimal(str(point.low)), Decimal(str(point.high)))
        found.append(
            Figure(
                gauge,
                _text(percent(_counting(cases), of=len(cases))),
                _counting(cases),
                len(cases),
                bounds=bounds,
                note=f"curve: {point.percent} %" if point else "",
            )
        )
    return found


def _attendance(grounds: _Grounds) -> list[Figure]:
    few = _few_tests(grounds)
    urine = evidence.urine(grounds.work, grounds.span)
    missed, visits = evidence.tally(grounds.work, Gauge.NO_SHOW, span=grounds.span)
    return [
        _share(Gauge.NO_SHOW, missed, of=visits),
        _share(Gauge.URINE_OBSERVED, urine.negative, of=urine.collected),
        _share(Gauge.URINE_STRICT, urine.negative, of=urine.due),
        _to_look_at(Gauge.TESTS_UNDER_8, few),
    ]


def _doses(grounds: _Grounds) -> list[Figure]:
    taken = _take_homes(grounds)
    counted = evidence.by_part(taken)
    held, holds = evidence.tally(grounds.work, Gauge.MISSED_DOSE_HOLDS, span=grounds.span)
    return [
        Figure(
            Gauge.TAKE_HOMES,
            str(_counting(taken)),
            _counting(taken),
            len(taken),
            parts=tuple(
                Part(key, label or "15-28", counted[key])
                for key, _, label in evidence.TAKE_HOME_BANDS
            ),
        ),
        Figure(Gauge.MISSED_DOSE_HOLDS, str(holds), held, holds),
    ]


def _staff(grounds: _Grounds) -> list[Figure]:
    work, span = grounds.work, grounds.span
    terms = policy(work, CaseloadTerms(), of="caseload", on=span.last)
    carried = grounds.of_stays(Gauge.CASELOAD)
    counted = evidence.by_part(carried)
    names = _counselors(work, [UUID(part) for part in counted if part])
    parts = [
        _caseload(str(counselor_id), name, counted[str(counselor_id)], terms=terms)
        for counselor_id, name in names.items()
    ]
    if counted[""]:
        parts.append(Part(NOBODY, "No counselor named", counted[""], "attention", "to be assigned"))
    most = max((part.count for part in parts if part.key != NOBODY), default=None)
    return [
        Figure(
            Gauge.CASELOAD,
            None if not names else str(rounded(Fraction(_carried(parts), len(names)), places=1)),
            len(carried),
            len(names),
            parts=tuple(parts),
            kind=next((part.kind for part in parts if part.kind == "stop"), None),
            note=f"at most {most}; warned from {terms.warn_from}, stopped from {terms.stop_from}"
            if most
            else "",
        ),
        _to_look_at(Gauge.REVIEWS_OVERDUE, _reviews(grounds)),
        _to_look_at(Gauge.UNASSESSED, _unassessed(grounds)),
    ]


def _carried(parts: Collection[Part]) -> int:
    return sum(part.count for part in parts if part.key != NOBODY)


def _caseload(key: str, name: str, count: int, *, terms: CaseloadTerms) -> Part:
    if count >= terms.stop_from:
        return Part(key, name, count, "stop", f"{terms.stop_from} or more: no new patients")
    if count >= terms.warn_from:
        return Part(key, name, count, "attention", f"{terms.warn_from} or more")
    return Part(key, name, count)


def _counselors(work: Work, ids: Collection[UUID]) -> Mapping[UUID, str]:
    rows = work.session.execute(
        sa.select(UserAccount.id, UserAccount.display_name)
        .where(UserAccount.organization_id == work.site.organization_id, UserAccount.id.in_(ids))
        .order_by(UserAccount.display_name)
    )
    return {row.id: row.display_name for row in rows}


def _rewards(work: Work, span: Span) -> list[Figure]:
    earned, owed = evidence.ledger(work, span)
    mean = f"{dollars(sum(earned.values()) // len(earned))} a patient" if earned else ""
    return [
        Figure(Gauge.CM_EARNED, dollars(sum(earned.values())), None, len(earned), note=mean),
        Figure(Gauge.CM_LIABILITY, dollars(sum(owed.values())), None, len(owed)),
    ]


def _craving(work: Work, span: Span) -> tuple[Figure, tuple[Change, ...]]:
    courses = evidence.craving(work, span)
    pairs = [pair for _, pair in courses if pair is not None]
    overall = mean_change(pairs, part="", courses=len(courses))
    by_modality: dict[str, list[tuple[int, int] | None]] = {}
    for case, pair in courses:
        by_modality.setdefault(case.part, []).append(pair)
    changes = [
        mean_change(
            [pair for pair in found if pair is not None],
            part=modality_label(code),
            courses=len(found),
        )
        for code, found in by_modality.items()
    ]
    figure = Figure(
        Gauge.CRAVING, _text(overall.mean), overall.pairs, overall.courses, bounds=overall.bounds
    )
    return figure, tuple(sorted(changes, key=lambda change: (-change.pairs, change.part)))


def _share_of(gauge: Gauge, cases: Sequence[Case]) -> Figure:
    return _share(gauge, _counting(cases), of=len(cases))


def _share(gauge: Gauge, count: int, *, of: int, bounded: bool = True) -> Figure:
    found = interval(count, of=of, z=Z_95) if bounded else None
    return Figure(
        gauge,
        _text(percent(count, of=of)),
        count,
        of,
        bounds=Bounds(found.low, found.high) if found else None,
    )


def _to_look_at(gauge: Gauge, cases: Sequence[Case]) -> Figure:
    count = _counting(cases)
    return Figure(gauge, str(count), count, len(cases), kind="attention" if count else None)


def _counting(cases: Sequence[Case]) -> int:
    return sum(case.counts for case in cases)


def _median(lengths: Sequence[int]) -> str | None:
    return str(rounded(Fraction(median(lengths)), places=1)) if lengths else None


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)

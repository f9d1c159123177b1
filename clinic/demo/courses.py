"""Courses of treatment: which patients take which, when they begin, and on which dates. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from types import MappingProxyType
from typing import Final
from uuid import UUID

from clinic.core.decision import Decision
from clinic.core.errors import Refused
from clinic.core.service_dates import ONE_DAY
from clinic.demo.calibration import chance
from clinic.demo.charts import Chart
from clinic.demo.histories import NALTREXONE_WAIT_DAYS, Part
from clinic.demo.house import DemoSite
from clinic.programs.facts import OUTPATIENT_TIER, WITHDRAWAL, CareState, MedicationState
from clinic.rewards.facts import (
    CALAIM_RECOVERY_INCENTIVES,
    HIGGINS,
    PRIZE_VA,
    Protocol,
)
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.facts import (
    Modality,
    OnRecord,
    OpioidClass,
    Phase,
    PlannedSession,
    SafetyScreen,
    StartFacts,
    Weekday,
    Weekly,
)
from clinic.therapies.rules.cadence import session_dates
from clinic.therapies.rules.gates import may_start

PATIENTS_MEANT: Final = 300
"""How many patients both sites together have where the numbers of courses below fit."""
LATEST_START_DAYS: Final = 14
"""How far ahead a course may begin."""
LONG_AGO_DAYS: Final = 60
"""How far back the schedule goes; reward courses go back further."""
COURSES_A_PATIENT: Final = 3

_WEEKEND: Final = (Weekday.SATURDAY, Weekday.SUNDAY)


@dataclass(frozen=True, slots=True)
class Load:
    """So many courses (or groups of ``size``) begun between two days counted from today."""

    modality: str
    courses: int
    first: int = -LONG_AGO_DAYS
    last: int = 3
    size: int = 1
    protocol: Protocol | None = None


REWARDS: Final = "contingency_management"
NALTREXONE: Final = "naltrexone"
DETOX: Final = "detox"

HARBOR_LOADS: Final = (
    Load(REWARDS, 28, first=-95, last=-2, protocol=HIGGINS),
    Load(REWARDS, 20, first=-120, last=-2, protocol=CALAIM_RECOVERY_INCENTIVES),
    Load(REWARDS, 8, first=-70, last=-2, protocol=PRIZE_VA),
    Load(NALTREXONE, 15),
    Load(DETOX, 8),
    Load("tms", 6, first=-50, last=2),
    Load("esketamine", 3, first=-45, last=3),
    Load("ketamine_assisted", 3, first=-18, last=2),
    Load("psychedelic_assisted", 2, first=-30, last=-3),
    Load("mbsr", 2, first=-35, last=-3, size=9),
    Load("outpatient_rehabilitation", 3, first=-50, last=-4, size=8),
    Load("acupuncture", 2, first=-25, last=-1, size=8),
    Load("exercise", 2, first=-40, last=-2, size=7),
    Load("cbt", 22),
    Load("motivational_interviewing", 12),
    Load("virtual_reality", 5, first=-40),
    Load("telemedicine", 10),
    Load("nutrition", 6),
    Load("digital_therapeutics", 6, first=-80, last=-25),
)
LAKESIDE_LOADS: Final = (
    Load(REWARDS, 4, first=-70, last=-2, protocol=HIGGINS),
    Load(NALTREXONE, 2),
    Load("cbt", 4),
    Load("motivational_interviewing", 3),
    Load("outpatient_rehabilitation", 1, first=-30, last=-4, size=4),
)
LOADS: Final[Mapping[str, Sequence[Load]]] = MappingProxyType(
    {"harbor": HARBOR_LOADS, "lakeside": LAKESIDE_LOADS}
)

_VISIT_MINUTES: Final = 15
PROTOCOL_PHASES: Final[Mapping[str, tuple[Phase, ...]]] = MappingProxyType(
    {
        HIGGINS.name: (
            Phase(
                "Test visit",
                HIGGINS.scheduled_visits,
                _VISIT_MINUTES,
                Weekly(3, (Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY)),
                HIGGINS.source,
            ),
        ),
        PRIZE_VA.name: (
            Phase(
                "Test visit",
                PRIZE_VA.scheduled_visits,
                _VISIT_MINUTES,
                Weekly(2, (Weekday.MONDAY, Weekday.THURSDAY)),
                PRIZE_VA.source,
            ),
        ),
        CALAIM_RECOVERY_INCENTIVES.name: (
            Phase(
                "Escalating",
                CALAIM_RECOVERY_INCENTIVES.escalating_visits,
                _VISIT_MINUTES,
                Weekly(2, (Weekday.TUESDAY, Weekday.FRIDAY)),
                CALAIM_RECOVERY_INCENTIVES.source,
            ),
            Phase(
                "Once a week",
                len(CALAIM_RECOVERY_INCENTIVES.final_visits_cents),
                _VISIT_MINUTES,
                Weekly(1, (Weekday.TUESDAY,)),
                CALAIM_RECOVERY_INCENTIVES.source,
            ),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Member:
    """One patient of a course, with the decision under which they began."""

    chart: Chart
    decision: Decision


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """A course of one patient, or the same dates for a whole group."""

    modality: Modality
    members: tuple[Member, ...]
    sessions: tuple[PlannedSession, ...]
    capacity: int
    protocol: Protocol | None = None

    @property
    def starts_on(self) -> date:
        return self.sessions[0].on

    @property
    def last_on(self) -> date:
        return self.sessions[-1].on


@dataclass(slots=True)
class Planner:
    """Gives out courses at one site, so that nobody has too many and no kind goes without."""

    random: Random
    site: DemoSite
    charts: Sequence[Chart]
    days: int
    scale: float
    count: Counter[UUID] = field(default_factory=Counter)
    begun: dict[UUID, dict[str, date]] = field(default_factory=dict)

    def plans(self) -> Iterator[CoursePlan]:
        """Every course, rewards first: others build on them."""
        for load in LOADS[self.site.plan.code]:
            for _ in range(max(1, round(load.courses * self.scale))):
                plan = self._plan(load)
                if plan is not None:
                    yield plan

    def _plan(self, load: Load) -> CoursePlan | None:
        modality = CATALOGUE[load.modality]
        wanted = self.site.today + timedelta(
            days=self.random.randint(max(load.first, 1 - self.days), load.last)
        )
        members = self._members(load, modality, wanted)
        if not members:
            return None
        start = max(wanted, *(self._earliest(load, member.chart) for member in members))
        if load.modality == DETOX:
            start = self._earliest(load, members[0].chart)
        latest = self.site.today + timedelta(days=LATEST_START_DAYS)
        sessions = self._dates(load, modality, start) if start <= latest else ()
        if not sessions:
            return None
        for member in members:
            self.count[member.chart.id] += 1
            self.begun.setdefault(member.chart.id, {})[modality.code] = sessions[0].on
        return CoursePlan(
            modality=modality,
            members=tuple(members),
            sessions=sessions,
            capacity=modality.group_size if load.size > 1 else 1,
            protocol=load.protocol,
        )

    def _members(self, load: Load, modality: Modality, wanted: date) -> list[Member]:
        fitting = [
            (chart, decision)
            for chart in self.charts
            if self._suits(load, chart)
            and (decision := may_start(modality, self._facts(chart, modality)))
        ]
        self.random.shuffle(fitting)
        fitting.sort(key=lambda each: self._preference(load, each[0], wanted))
        return [Member(chart, decision) for chart, decision in fitting[: load.size]]

    def _preference(self, load: Load, chart: Chart, wanted: date) -> tuple[int, ...]:
        is_cast = chart.history.part in {Part.PORTAL, Part.APP}
        is_late = self._earliest(load, chart) > wanted
        from_stimulants = not chart.history.person.uses_stimulants
        if load.protocol:
            return (not is_cast, is_late, from_stimulants, self.count[chart.id])
        if load.modality == DETOX:
            admitted = chart.current.admitted_on or chart.site.today
            began_in_withdrawal = chart.current.state_on(admitted) in WITHDRAWAL
            return (not began_in_withdrawal, (self.site.today - admitted).days)
        return (self.count[chart.id] >= COURSES_A_PATIENT, is_late, self.count[chart.id])

    def _suits(self, load: Load, chart: Chart) -> bool:
        episode = chart.current
        today = self.site.today
        if not episode.in_care or episode.last_on < today:
            return False
        if load.modality in self.begun.get(chart.id, {}):
            return False
        earliest = self._earliest(load, chart)
        if load.modality == NALTREXONE:
            return episode.medication is MedicationState.NALTREXONE and earliest <= today
        if load.modality == DETOX:
            return earliest >= today - timedelta(days=min(LONG_AGO_DAYS, self.days))
        if load.protocol:
            return episode.state_on(earliest) in OUTPATIENT_TIER
        return episode.state_on(today) is not CareState.MEDICALLY_MANAGED_INPATIENT

    def _earliest(self, load: Load, chart: Chart) -> date:
        """The first day the course may begin for this patient."""
        episode = chart.current
        admitted = episode.admitted_on or chart.site.today
        if load.modality == NALTREXONE:
            return _next_injection_block(episode.medication_from or admitted, chart.site.today)
        if load.modality == DETOX:
            return admitted
        if load.protocol:
            outpatient = (move.on for move in episode.moves if move.to in OUTPATIENT_TIER)
            return next(outpatient, admitted) + ONE_DAY
        return admitted + 2 * ONE_DAY

    def _dates(self, load: Load, modality: Modality, start: date) -> tuple[PlannedSession, ...]:
        phases = PROTOCOL_PHASES[load.protocol.name] if load.protocol else modality.phases
        weekdays: tuple[Weekday, ...] = ()
        first = phases[0].rhythm
        if isinstance(first, Weekly) and first.per_week == 1 and not first.weekdays:
            today = Weekday(self.site.today.weekday())
            others = [Weekday(day) for day in range(5)]
            weekdays = (today if chance(self.random, 0.35) else self.random.choice(others),)
        needs_weekend = modality.code in {DETOX, "mbsr"} or bool({*weekdays} & {*_WEEKEND})
        try:
            return session_dates(
                phases,
                start=start,
                closed_dates=self.site.closures,
                closed_weekdays=() if needs_weekend else _WEEKEND,
                weekdays=weekdays,
            )
        except Refused:
            return ()

    def _facts(self, chart: Chart, modality: Modality) -> StartFacts:
        """A patient in whom everything was asked and nothing stands against the treatment."""
        medication = chart.current.medication
        legal = modality.legal_basis
        return StartFacts(
            admitted=True,
            age_years=chart.age_years(self.site.today),
            pregnant=chart.history.person.is_pregnant,
            consents=frozenset(form.code for form in modality.consents),
            legal_bases=frozenset(legal.any_of[:1]) if legal else frozenset(),
            on_record=frozenset(gate.item for gate in modality.gates if isinstance(gate, OnRecord)),
            answers={
                question.code: False
                for gate in modality.gates
                if isinstance(gate, SafetyScreen)
                for question in gate.questions
            },
            active_medications=frozenset(
                () if medication is MedicationState.NONE else (medication.value,)
            )
            - {modality.code},
            active_courses=frozenset(self.begun.get(chart.id, {})),
            systolic_mmhg=118,
            diastolic_mmhg=76,
            opioid_class=OpioidClass.SHORT_ACTING,
            days_since_last_opioid=NALTREXONE_WAIT_DAYS,
            naloxone_challenge_negative=True,
            body_mass_index=Decimal("23.4"),
            preparation_sessions_planned=3,
            integration_planned_next_day=True,
        )


def _next_injection_block(first: date, today: date) -> date:
    """The start of the six injections that today falls in, when they go on without a break."""
    block_days = 6 * 28
    return first + timedelta(days=max(0, (today - first).days) // block_days * block_days)

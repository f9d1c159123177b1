"""Patients and their episodes as rows: who they are, and every move of their care."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from clinic.demo.histories import EpisodePlan, History, Move
from clinic.demo.house import DemoSite
from clinic.demo.people import IDENTIFIER_SYSTEM, OPIOID_USE_DISORDER, Person
from clinic.demo.rows import Rows
from clinic.patients.models import (
    Allergy,
    Condition,
    Patient,
    PatientAlert,
    PatientCodeCounter,
    PatientIdentifier,
)
from clinic.patients.rules import search_text
from clinic.programs.facts import WAITING, CareState, DischargeReason, MedicationState
from clinic.programs.models import CareTransition, Episode, MedicationTransition
from clinic.staff.facts import Role

CODE_PREFIX: Final = "H"
FIRST_NUMBER: Final = 1001
ICD_10_CM: Final = "http://hl7.org/fhir/sid/icd-10-cm"
ORDER_MINUTE: Final = 10 * 60 + 30
"""Minutes after midnight: when a prescriber starts a medication on the day of admission."""
DISCHARGE_MINUTE: Final = 15 * 60 + 30
_FIRST_MINUTE: Final = {
    CareState.INQUIRY: 8 * 60 + 5,
    CareState.WAITLIST: 8 * 60 + 40,
    CareState.INTERIM: 9 * 60,
    CareState.DISCHARGED: DISCHARGE_MINUTE,
}
_ADMISSION_MINUTE: Final = 9 * 60 + 15
_TRANSFER_MINUTE: Final = 13 * 60


@dataclass(frozen=True, slots=True)
class Chart:
    """A patient who has rows: the history told, the site, and the ids others refer to.

    ``habit_minute`` is how long after opening this patient usually stands at the window.
    """

    id: UUID
    code: str
    history: History
    site: DemoSite
    episode_ids: tuple[UUID, ...]
    habit_minute: int

    @property
    def current(self) -> EpisodePlan:
        return self.history.current

    @property
    def episodes(self) -> Iterator[tuple[UUID, EpisodePlan]]:
        return zip(self.episode_ids, self.history.episodes, strict=True)

    @property
    def open_episode_id(self) -> UUID:
        return self.episode_ids[-1]

    def age_years(self, on: date) -> int:
        born = self.history.person.birth_date
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def write_charts(
    rows: Rows, random: Random, told: Sequence[tuple[DemoSite, History]]
) -> list[Chart]:
    """Register everybody, oldest request first, and record their care so far."""
    in_order = sorted(told, key=lambda each: each[1].episodes[0].requested_on)
    charts = [
        _write_chart(rows, random, site, history, number=FIRST_NUMBER + number)
        for number, (site, history) in enumerate(in_order)
    ]
    if charts:
        rows.add(
            PatientCodeCounter,
            organization_id=charts[0].site.clock.organization_id,
            last_number=FIRST_NUMBER + len(charts) - 1,
        )
    return charts


def _write_chart(
    rows: Rows, random: Random, site: DemoSite, history: History, *, number: int
) -> Chart:
    requested_on = history.episodes[0].requested_on
    at = site.instant(requested_on, 8 * 60)
    chart = Chart(
        id=rows.id_at(at),
        code=f"{CODE_PREFIX}-{number}",
        history=history,
        site=site,
        episode_ids=tuple(
            rows.id_at(site.instant(episode.requested_on, 8 * 60)) for episode in history.episodes
        ),
        habit_minute=round(random.triangular(8, 300, 70)),
    )
    _write_person(rows, chart, history.person, at=at)
    for place, (episode_id, episode) in enumerate(chart.episodes, start=1):
        _write_episode(rows, random, chart, episode_id, episode, number=place)
    return chart


def _write_person(rows: Rows, chart: Chart, person: Person, *, at: datetime) -> None:
    site = chart.site
    signs = site.on_duty(Role.FRONT_DESK, on=at.date()).signs(at)
    organization = {"organization_id": site.clock.organization_id}
    last = chart.current.moves[-1]
    rows.add(
        Patient,
        id=chart.id,
        code=chart.code,
        family_name=person.family_name,
        given_names=person.given_names,
        preferred_name=person.preferred_name,
        birth_date=person.birth_date,
        sex=person.sex,
        deceased_on=last.on if last.reason is DischargeReason.DIED else None,
        telephone=person.telephone,
        email=person.email,
        address=person.address,
        postal_code=person.postal_code,
        is_pregnant=person.is_pregnant,
        allergies_asked_at=None if person.allergies is None else at,
        search_text=search_text(
            family_name=person.family_name,
            given_names=person.given_names,
            preferred_name=person.preferred_name,
        ),
        **organization,
        **signs,
    )
    rows.add(
        PatientIdentifier,
        id=rows.id_at(at),
        patient_id=chart.id,
        system=IDENTIFIER_SYSTEM,
        value=f"DEMO{chart.code.removeprefix(CODE_PREFIX)}",
        **organization,
    )
    for substance, reaction in person.allergies or ():
        rows.add(
            Allergy,
            id=rows.id_at(at),
            patient_id=chart.id,
            substance=substance,
            reaction=reaction,
            **organization,
            **signs,
        )
    _write_problems(rows, chart, person, at=at)


def _write_problems(rows: Rows, chart: Chart, person: Person, *, at: datetime) -> None:
    site = chart.site
    about = {"site_id": site.clock.id, "patient_id": chart.id}
    signs = site.on_duty(Role.PRESCRIBER, on=at.date()).signs(at)
    for severity, text in person.alerts:
        rows.add(PatientAlert, id=rows.id_at(at), severity=severity, text=text, **about, **signs)
    for place, (code, text) in enumerate(person.conditions):
        rows.add(
            Condition,
            id=rows.id_at(at),
            code_system=ICD_10_CM,
            code=code,
            text=text,
            is_opioid_use_disorder=(code, text) == OPIOID_USE_DISORDER,
            is_active=True,
            onset_on=at.date() - timedelta(days=400 * (place + 1)),
            source_system=IDENTIFIER_SYSTEM,
            source_id=f"{chart.code}-{place + 1}",
            **about,
            **signs,
        )


def _write_episode(
    rows: Rows,
    random: Random,
    chart: Chart,
    episode_id: UUID,
    episode: EpisodePlan,
    *,
    number: int,
) -> None:
    site = chart.site
    requested_at = site.instant(episode.requested_on, 8 * 60)
    rows.add(
        Episode,
        id=episode_id,
        site_id=site.clock.id,
        patient_id=chart.id,
        number=number,
        requested_at=requested_at,
        referral_source=episode.referral_source,
        injects=episode.injects,
        pregnant=chart.history.person.is_pregnant,
        counselor_id=random.choice(site.team(Role.COUNSELOR)).id,
        closed_on=episode.discharged_on,
        **site.on_duty(Role.FRONT_DESK, on=episode.requested_on).signs(requested_at),
    )
    before: CareState | None = None
    for sequence, (move, at) in enumerate(_timed(site, episode.moves), start=1):
        rows.add(
            CareTransition,
            id=rows.id_at(at),
            site_id=site.clock.id,
            episode_id=episode_id,
            patient_id=chart.id,
            sequence=sequence,
            from_state=before,
            to_state=move.to,
            planned_days=move.planned_days,
            discharge_reason=move.reason,
            note=move.note,
            **site.happened(at),
            **site.on_duty(_mover(move), on=move.on).signs(at),
        )
        before = move.to
    _write_medication(rows, chart, episode_id, episode)


def _mover(move: Move) -> Role:
    return Role.FRONT_DESK if move.to in WAITING else Role.PRESCRIBER


def _timed(site: DemoSite, moves: Iterable[Move]) -> Iterator[tuple[Move, datetime]]:
    is_admitted = False
    for move in moves:
        usual = _TRANSFER_MINUTE if is_admitted else _ADMISSION_MINUTE
        yield move, site.no_later(site.instant(move.on, _FIRST_MINUTE.get(move.to, usual)))
        is_admitted = is_admitted or move.to not in WAITING


def _write_medication(rows: Rows, chart: Chart, episode_id: UUID, episode: EpisodePlan) -> None:
    site = chart.site
    first = episode.medication_from
    if first is None or first >= site.today:
        return
    steps = [(MedicationState.NONE, episode.medication, site.instant(first, ORDER_MINUTE))]
    if episode.discharged_on:
        out_at = site.no_later(site.instant(episode.discharged_on, DISCHARGE_MINUTE))
        steps.append((episode.medication, MedicationState.NONE, out_at))
    for sequence, (before, after, at) in enumerate(steps, start=1):
        rows.add(
            MedicationTransition,
            id=rows.id_at(at),
            site_id=site.clock.id,
            episode_id=episode_id,
            patient_id=chart.id,
            sequence=sequence,
            from_medication=before,
            to_medication=after,
            **site.happened(at),
            **site.on_duty(Role.PRESCRIBER, on=site.clock.service_date(at)).signs(at),
        )

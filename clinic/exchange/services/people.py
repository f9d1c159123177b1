"""People of an import become charts: found by their identifiers, else opened, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from clinic.core.decision import Effect, Reason
from clinic.data.work import Work
from clinic.exchange import queries
from clinic.exchange.facts.outcome import Arrival, Tally
from clinic.exchange.queries import Chart
from clinic.exchange.services.rows import insert_rows, update_rows
from clinic.patients.facts import AlertSeverity, Identifier, PatientRegistered, PersonName, Sex
from clinic.patients.models import Patient, PatientAlert, PatientIdentifier
from clinic.patients.rules import may_be_born, search_text
from clinic.patients.services import claim_codes

_MATCHING_SOURCE = "site policy: patient identification on import"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person of an import in the house's words.

    ``source`` is the number under which the import itself knows them; they always have it.
    ``alert`` is put on the banner when the chart is opened or the person has died.
    """

    source: Identifier
    name: PersonName
    birth_date: date
    sex: Sex = Sex.UNKNOWN
    identifiers: frozenset[Identifier] = frozenset()
    deceased_on: date | None = None
    telephone: str = ""
    address: str = ""
    postal_code: str = ""
    alert: str = ""
    alert_severity: AlertSeverity = AlertSeverity.INFORM

    @property
    def numbers(self) -> frozenset[Identifier]:
        return self.identifiers | {self.source}

    @property
    def search_text(self) -> str:
        return search_text(family_name=self.name.family_name, given_names=self.name.given_names)


@dataclass(slots=True)
class People:
    """Who the newcomers turned out to be, and the rows that would make it so.

    Shape: ``patient_ids`` and ``refused`` by the value of the newcomer's ``source``.
    """

    patient_ids: dict[str, UUID] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    arrivals: dict[UUID, Arrival] = field(default_factory=dict)
    reasons: dict[UUID, list[Reason]] = field(default_factory=dict)
    patients: list[dict[str, Any]] = field(default_factory=list)
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    deaths: list[dict[str, Any]] = field(default_factory=list)

    @property
    def tally(self) -> Tally:
        changed = {row["row_id"] for row in self.deaths}
        added = len(self.patients)
        return Tally(added, len(changed), len(self.arrivals) - added - len(changed))


def meet(work: Work, *, newcomers: Sequence[Newcomer]) -> People:
    """Find each newcomer's chart or prepare a new one. Writes nothing.

    Invariant: a chart's own particulars are never overwritten; only a death it does not know of
    and numbers it does not have are added.
    """
    people = People()
    known = queries.charts(
        work, identifiers=(number for each in newcomers for number in each.numbers)
    )
    twins = queries.namesakes(
        work, people={(each.search_text, each.birth_date) for each in newcomers}
    )
    for newcomer in newcomers:
        born = may_be_born(newcomer.birth_date, on=newcomer.deceased_on or work.service_date)
        if not born:
            people.refused[newcomer.source.value] = born.stops[0].message
            continue
        chart = _chart_of(newcomer, known, people)
        if newcomer.source.value in people.refused:
            continue
        if chart is None:
            chart = _open(work, newcomer, people)
            twin = twins.get((newcomer.search_text, newcomer.birth_date))
            if twin is not None:
                people.reasons.setdefault(chart.patient_id, []).append(_may_be(twin))
        elif newcomer.deceased_on and chart.deceased_on is None:
            people.deaths.append({"row_id": chart.patient_id, "deceased_on": newcomer.deceased_on})
        people.patient_ids[newcomer.source.value] = chart.patient_id
        people.arrivals.setdefault(
            chart.patient_id, Arrival(chart.patient_id, chart.name.listed, is_new=False)
        )
        _add_numbers(work, newcomer, chart, known=known, people=people)
    _raise_alerts(work, newcomers, people)
    return people


def write(work: Work, *, people: People) -> None:
    """Open the new charts with the organisation's next codes, and add to the old ones."""
    codes = claim_codes(work, count=len(people.patients))
    for row, code in zip(people.patients, codes, strict=True):
        row["code"] = code
    insert_rows(work, Patient, rows=people.patients)
    insert_rows(work, PatientIdentifier, rows=people.identifiers)
    insert_rows(work, PatientAlert, rows=people.alerts)
    update_rows(work, Patient, rows=people.deaths)
    for row in people.patients:
        work.announce(PatientRegistered(patient_id=row["id"]))


def _chart_of(newcomer: Newcomer, known: dict[Identifier, Chart], people: People) -> Chart | None:
    """The chart that holds the newcomer's numbers; none when it is unknown or refused."""
    holders = {known[n].patient_id: known[n] for n in newcomer.numbers if n in known}
    if not holders:
        return None
    chart = next(iter(holders.values()))
    if len(holders) > 1:
        codes = " and ".join(sorted(each.code for each in holders.values()))
        reason = f"has the numbers of several charts, {codes}; correct those first"
        people.refused[newcomer.source.value] = reason
    elif chart.birth_date != newcomer.birth_date:
        same_name = newcomer.search_text == search_text(
            family_name=chart.name.family_name, given_names=chart.name.given_names
        )
        told = f"born {newcomer.birth_date} by the file, {chart.birth_date} by {chart.code}"
        if same_name:
            people.reasons.setdefault(chart.patient_id, []).append(
                Reason(
                    "birth_date_differs",
                    f"The birth date differs: {told}.",
                    _MATCHING_SOURCE,
                    Effect.ASK,
                )
            )
        else:
            people.refused[newcomer.source.value] = (
                f"has a number of another person: {told}, and another name"
            )
    return chart


def _open(work: Work, newcomer: Newcomer, people: People) -> Chart:
    patient_id = work.new_id()
    people.patients.append(
        {
            "id": patient_id,
            "organization_id": work.site.organization_id,
            "family_name": newcomer.name.family_name,
            "given_names": newcomer.name.given_names,
            "birth_date": newcomer.birth_date,
            "sex": newcomer.sex,
            "deceased_on": newcomer.deceased_on,
            "telephone": newcomer.telephone,
            "address": newcomer.address,
            "postal_code": newcomer.postal_code,
            "search_text": newcomer.search_text,
            **work.attribution,
        }
    )
    people.arrivals[patient_id] = Arrival(patient_id, newcomer.name.listed, is_new=True)
    return Chart(
        patient_id, "a new chart", newcomer.name, newcomer.birth_date, newcomer.deceased_on
    )


def _add_numbers(
    work: Work, newcomer: Newcomer, chart: Chart, *, known: dict[Identifier, Chart], people: People
) -> None:
    for number in sorted(newcomer.numbers - known.keys()):
        known[number] = chart
        people.identifiers.append(
            {
                "id": work.new_id(),
                "organization_id": work.site.organization_id,
                "patient_id": chart.patient_id,
                "system": number.system,
                "value": number.value,
            }
        )


def _raise_alerts(work: Work, newcomers: Iterable[Newcomer], people: People) -> None:
    here = people.patient_ids
    alerting = [each for each in newcomers if each.alert and each.source.value in here]
    texts = {each.alert for each in alerting}
    raised = {text: queries.alerts_raised(work, text=text) for text in texts}
    for newcomer in alerting:
        patient_id = here[newcomer.source.value]
        if patient_id not in raised[newcomer.alert]:
            raised[newcomer.alert].add(patient_id)
            people.alerts.append(
                {
                    "id": work.new_id(),
                    "site_id": work.site.id,
                    "patient_id": patient_id,
                    "severity": newcomer.alert_severity,
                    "text": newcomer.alert,
                    "ended_at": None,
                    **work.attribution,
                }
            )


def _may_be(code: str) -> Reason:
    return Reason(
        "possible_duplicate",
        f"{code} has the same name and birth date, but none of these numbers. Is it one person?",
        _MATCHING_SOURCE,
        Effect.ASK,
    )

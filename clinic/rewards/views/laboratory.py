"""The protocol laboratory: what a protocol would have cost on results that were."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.core.rates import percent
from clinic.data.work import Work
from clinic.rewards import queries
from clinic.rewards.facts import History, Protocol, SimulatedPatient, Simulation
from clinic.rewards.forms.protocols import LaboratoryForm, key_of
from clinic.rewards.queries.simulation import past_year, terms_now
from clinic.rewards.rules.histories import histories_from_csv, text_of
from clinic.rewards.rules.simulation import bars_of, simulate
from clinic.rewards.views.blueprint import rewards
from clinic.web.edge import begin_reading
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

Line = tuple[Simulation, SimulatedPatient]

COLUMNS: tuple[Column[Line], ...] = (
    Column("Protocol", lambda line: line[0].protocol.name),
    Column("Version", lambda line: line[0].protocol.version, align="end"),
    Column("Seed", lambda line: line[0].seed, align="end"),
    Column("History", lambda line: line[1].code),
    Column("Visits", lambda line: line[1].visits, align="end"),
    Column("Met", lambda line: line[1].met, align="end"),
    Column("Draws", lambda line: line[1].draws, align="end"),
    Column("Earned", lambda line: dollars(line[1].earned_cents), align="end"),
    Column("Paid", lambda line: dollars(line[1].paid_cents), align="end"),
    Column("Stopped by", lambda line: line[1].binding_cap or ""),
)


@rewards.get("/rewards/laboratory")
@requires(Permission.VIEW_FIDELITY)
def laboratory() -> ResponseReturnValue:
    form = LaboratoryForm(formdata=request.args or None, meta={"csrf": False})
    with begin_reading() as work:
        known = _known(work)
        is_asked = "protocol" in request.args and form.offer(known.values()).validate()
        found = _on_past_year(work, form, known) if is_asked else []
    if found and request.args.get("format") == "csv":
        return csv_response(
            "laboratory", COLUMNS, [(one, p) for one in found for p in one.patients]
        )
    return _laboratory_page(_fresh(form), known, found)


@rewards.post("/rewards/laboratory")
@requires(Permission.VIEW_FIDELITY)
def run_laboratory() -> ResponseReturnValue:
    form = LaboratoryForm()
    with begin_reading() as work:
        known = _known(work)
        if not form.offer(known.values()).validate():
            return _laboratory_page(form, known, []), 422
        if not form.results.data:
            return see_other(url_for("rewards.laboratory", **form.asked))
        histories = histories_from_csv(text_of(form.results.data.read()))
        found = [_run(work, one, histories, form) for one in _chosen(form, known)]
    return _laboratory_page(form, known, found, file_name=form.results.data.filename)


def histogram(found: Sequence[Simulation]) -> dict[str, Any]:
    """How many patients would have been paid how much, one series a protocol."""
    counted = _bars(found)
    return {
        "xAxis": {
            "type": "category",
            "name": "Paid",
            "data": [_range(bar.from_cents, bar.to_cents) for bar in counted[0]],
        },
        "yAxis": {"type": "value", "name": "Patients"},
        "legend": {},
        "series": [
            {"type": "bar", "name": _title(one), "data": [bar.patients for bar in bars]}
            for one, bars in zip(found, counted, strict=True)
        ],
    }


def histogram_rows(found: Sequence[Simulation]) -> list[list[Any]]:
    """The numbers behind the picture: a row a range, a column a protocol."""
    return [
        [_range(row[0].from_cents, row[0].to_cents), *(bar.patients for bar in row)]
        for row in zip(*_bars(found), strict=True)
    ]


def comparison(found: Sequence[Simulation]) -> list[list[Any]]:
    """Every number of the runs, a row a number, a column a protocol."""
    lines: dict[str, Any] = {
        "Patients": lambda one: len(one.patients),
        "Visits": lambda one: one.visits,
        "Visits that met the target": lambda one: f"{percent(one.met, of=one.visits) or 0} %",
        "Total paid": lambda one: dollars(one.total_cents),
        "Mean a patient": lambda one: dollars(one.mean_cents),
        "Median a patient": lambda one: dollars(one.median_cents),
        "90th percentile": lambda one: dollars(one.p90_cents),
        "Most paid to one patient": lambda one: dollars(one.most_cents),
        "Patients stopped by a cap": lambda one: one.cap_hits,
        "Levels lost to a slip": lambda one: one.losses,
        "Levels paid again": lambda one: one.regained,
        "Visits until paid again, median": lambda one: (
            "—" if one.median_visits_back is None else one.median_visits_back
        ),
        "Draws": lambda one: one.draws,
        "Seed": lambda one: one.seed,
    }
    return [[label, *(cell(one) for one in found)] for label, cell in lines.items()]


def _laboratory_page(
    form: LaboratoryForm,
    known: dict[str, Protocol],
    found: Sequence[Simulation],
    *,
    file_name: str | None = None,
) -> str:
    has_visits = any(one.visits for one in found)
    return page(
        "rewards/laboratory",
        form=form.offer(known.values()),
        found=found,
        file_name=file_name,
        has_visits=has_visits,
        titles=[_title(one) for one in found],
        columns=_columns(found),
        comparison=comparison(found),
        plot=histogram(found) if has_visits else None,
        rows=histogram_rows(found),
        csv=None if file_name else url_for("rewards.laboratory", format="csv", **form.asked),
    )


def _fresh(form: LaboratoryForm) -> LaboratoryForm:
    """The same choices in a form that may be posted."""
    fresh = LaboratoryForm(formdata=None, data=form.asked)
    fresh.protocol.errors = form.protocol.errors
    fresh.compare.errors = form.compare.errors
    fresh.seed.errors = form.seed.errors
    return fresh


def _known(work: Work) -> dict[str, Protocol]:
    """Everything that can be run, drafts included, the newest version of each name first."""
    return {key_of(one.protocol): one.protocol for one in queries.site_protocols(work)}


def _chosen(form: LaboratoryForm, known: dict[str, Protocol]) -> list[Protocol]:
    keys = dict.fromkeys(key for key in (form.protocol.data, form.compare.data) if key)
    return [known[key] for key in keys]


def _on_past_year(work: Work, form: LaboratoryForm, known: dict[str, Protocol]) -> list[Simulation]:
    return [
        _run(work, protocol, past_year(work, protocol=protocol), form)
        for protocol in _chosen(form, known)
    ]


def _run(
    work: Work, protocol: Protocol, histories: Sequence[History], form: LaboratoryForm
) -> Simulation:
    return simulate(protocol, histories=histories, seed=form.seed.data or 0, funder=terms_now(work))


def _columns(found: Sequence[Simulation]) -> list[Column[list[Any]]]:
    return [
        Column("What", _cell(0)),
        *(
            Column(_title(one), _cell(place), align="end")
            for place, one in enumerate(found, start=1)
        ),
    ]


def _cell(place: int) -> Callable[[list[Any]], Any]:
    return lambda row: row[place]


def _bars(found: Sequence[Simulation]) -> list[Any]:
    most_cents = max((one.most_cents for one in found), default=0)
    return [
        bars_of([patient.paid_cents for patient in one.patients], most_cents=most_cents)
        for one in found
    ]


def _title(one: Simulation) -> str:
    return f"{one.protocol.title}, version {one.protocol.version}"


def _range(from_cents: int, to_cents: int) -> str:
    return f"{dollars(from_cents)} to {dollars(to_cents - 1)}"

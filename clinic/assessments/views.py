"""A patient's measures: where they stand, how they went, and the form of the next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.assessments import queries, rules, services
from clinic.assessments.facts import COWS, CURRENT, Band, Instrument, Measurement, Trend
from clinic.assessments.forms import AssessmentForm, form_of
from clinic.audit import services as audit
from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

assessments = Blueprint("assessments", __name__)

SHOWN = 60
"""Forms in the table; the trends and the export have all of them."""


def _answers(measurement: Measurement) -> str:
    return "; ".join(f"{name} {score}" for name, score in sorted(measurement.answers.items()))


def _open_items(measurement: Measurement) -> int:
    return len(measurement.instrument.items) - len(measurement.answers)


def _band(measurement: Measurement) -> Band | None:
    """The band that was read then, with its colour."""
    bands = measurement.instrument.bands
    return next((band for band in bands if band.name == measurement.band), None)


COLUMNS: tuple[Column[Measurement], ...] = (
    Column("Date", lambda one: one.service_date.isoformat()),
    Column("Recorded at (UTC)", lambda one: one.occurred_at.strftime("%Y-%m-%dT%H:%MZ")),
    Column("Measure", lambda one: one.instrument.label),
    Column("Edition", lambda one: one.instrument.version),
    Column("Code system", lambda one: one.instrument.code.system),
    Column("Code", lambda one: one.instrument.code.value),
    Column("Total", lambda one: one.total),
    Column("Highest possible", lambda one: one.instrument.maximum),
    Column("Reads", lambda one: band.label if (band := _band(one)) else ""),
    Column("Items left open", _open_items),
    Column("Answers", _answers),
    Column("Note", lambda one: one.note),
    Column("Recorded by", lambda one: one.recorded_by_name),
)


@assessments.get("/patients/<uuid:patient_id>/measures")
@requires(Permission.VIEW_RESULTS)
def history(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        banner = programs.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="measures", patient_id=patient_id)
        measurements = queries.history(work, patient_id=patient_id)
        if request.args.get("format") == "csv":
            return csv_response("measures", COLUMNS, measurements)
        may_record = work.actor.may(Permission.RECORD_RESULT)
    return page(
        "assessments/history",
        banner=banner,
        patient_id=patient_id,
        measurements=measurements[:SHOWN],
        trends=[_drawn(trend) for trend in rules.trends(measurements)],
        asked=rules.still_asked(measurements),
        band_of=_band,
        open_items=_open_items,
        may_record=may_record,
    )


@assessments.get("/patients/<uuid:patient_id>/measures/new")
@requires(Permission.RECORD_RESULT)
def new(patient_id: UUID) -> ResponseReturnValue:
    """``?instrument=`` chooses the form; without it the opioid withdrawal form is shown."""
    instrument = _chosen(request.args.get("instrument", COWS.id))
    form = form_of(instrument)(formdata=None, instrument=instrument.id)
    with begin_reading() as work:
        return page("assessments/new", **_form_page(work, patient_id, instrument, form))


@assessments.post("/patients/<uuid:patient_id>/measures")
@requires(Permission.RECORD_RESULT)
def record(patient_id: UUID) -> ResponseReturnValue:
    instrument = _chosen(request.form.get("instrument", ""))
    form = form_of(instrument)()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("assessments/new", **_form_page(work, patient_id, instrument, form)), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": patient_id} | form.request_values(),
            verb=lambda: _record(work, patient_id, instrument, form),
        )
    flash(answer.values["said"], answer.values["kind"])
    return see_other(url_for("assessments.history", patient_id=patient_id))


def _record(
    work: Work, patient_id: UUID, instrument: Instrument, form: AssessmentForm
) -> dict[str, Any]:
    recorded = services.record_assessment(
        work,
        patient_id=patient_id,
        instrument=instrument.id,
        answers=form.answers_made(),
        note=form.note.data or "",
    )
    score = recorded.score
    if score.total is None:
        said = f"{instrument.label} recorded without a total: {len(score.missing)} items are open."
        return {"said": said, "kind": "attention"}
    reads = f", {score.band.label.lower()}" if score.band else ""
    return {"said": f"{instrument.label} recorded: {score.total}{reads}.", "kind": "ok"}


def _chosen(name: str) -> Instrument:
    instrument = CURRENT.get(name)
    if instrument is None:
        raise NotFound("instrument")
    return instrument


def _form_page(
    work: Work, patient_id: UUID, instrument: Instrument, form: AssessmentForm
) -> dict[str, Any]:
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "tab": "measures",
        "instrument": instrument,
        "instruments": CURRENT.values(),
        "form": form,
    }


def _drawn(trend: Trend) -> dict[str, Any]:
    last = trend.measurements[-1]
    return {
        "instrument": trend.instrument,
        "last": last,
        "band": _band(last),
        "totals": trend.totals,
        "change": trend.totals[-1] - trend.totals[-2] if len(trend.totals) > 1 else None,
        "plot": _plot(trend),
        "rows": [
            [one.service_date.isoformat(), one.total, band.label if (band := _band(one)) else ""]
            for one in trend.measurements
        ],
    }


def _plot(trend: Trend) -> dict[str, Any]:
    """The totals over time, with the bands of the instrument behind them."""
    instrument = trend.instrument
    return {
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "min": instrument.minimum, "max": instrument.maximum},
        "series": [
            {
                "type": "line",
                "name": instrument.label,
                "data": [[one.occurred_at.isoformat(), one.total] for one in trend.measurements],
                "markArea": {"silent": True, "data": _areas(instrument)},
            }
        ],
    }


def _areas(instrument: Instrument) -> list[list[dict[str, Any]]]:
    ends = [band.lowest for band in instrument.bands[1:]] + [instrument.maximum]
    return [
        [
            {
                "name": band.label,
                "yAxis": band.lowest,
                "itemStyle": {"color": band.kind, "opacity": 0.12},
                "label": {
                    "position": "insideLeft",
                    "fontSize": 10,
                    "color": "neutral",
                    "textBorderWidth": 0,
                },
            },
            {"yAxis": end},
        ]
        for band, end in zip(instrument.bands, ends, strict=False)
    ]

"""Each picture with the sentence, the table and the file that say the same in numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from clinic.census.facts import BED_LEVELS, CensusSeries
from clinic.census.facts.measures import (
    ControlPoint,
    Flow,
    Gauge,
    Hour,
    Quarter,
    Span,
    SurvivalCurve,
    Tally,
)
from clinic.census.queries.flows import DOOR, Pictures, Plot
from clinic.census.rules.control_charts import P_CHART_SOURCE, XMR_SOURCE, p_chart, xmr_chart
from clinic.census.rules.suppression import cell, released
from clinic.census.rules.survival import SURVIVAL_SOURCE
from clinic.census.views import plot
from clinic.census.views.behind import Behind, linked
from clinic.core.rates import percent
from clinic.web import filters

Cells = list[list[object]]
STEPS_MAX = 14
"""More stretches than this and the waterfall no longer reads: it goes by four weeks instead."""
TOLD_DAYS = (30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class Picture:
    """``rows`` is the table on the page; ``outside`` the same as it may leave, few withheld."""

    id: str
    title: str
    summary: str
    option: dict[str, Any] | None
    headers: list[str]
    rows: Cells
    outside: Cells
    note: str = ""
    height: str = "m"


def all_of(found: Pictures, behind: Behind) -> list[Picture]:
    """Every picture of the page, in its order."""
    return [
        stacked(found.history, behind),
        waterfall(found, behind),
        flows(found.flows, behind),
        survival(found.curves, behind, id="retention", title="Retention by half-year of admission"),
        attendance(found.hours, behind),
        dosing(found, behind),
        no_shows(found.no_shows, behind),
        admissions(found.admissions, behind),
        occupancy(found, behind),
    ]


def stacked(history: CensusSeries, behind: Behind) -> Picture:
    links = [behind.day(day) for day in history.days]
    rows: Cells = []
    outside: Cells = []
    for row in reversed(range(len(history.days))):
        day = history.days[row]
        levels = {level.label: history.counts[level][row] for level in history.busy_levels}
        rows.append([linked(day.isoformat(), links[row]), *levels.values(), sum(levels.values())])
        free = released(levels)
        outside.append([day.isoformat(), *free.parts.values(), free.total])
    return Picture(
        "census",
        "Census by level of care",
        plot.in_words(history),
        plot.stacked(history, links=links) if history.busy_levels else None,
        ["Day", *(level.label for level in history.busy_levels), "All levels"],
        rows,
        outside,
        height="l",
    )


def waterfall(found: Pictures, behind: Behind) -> Picture:
    history, span = found.history, found.span
    stretches = _stretches(span)
    start = history.totals[0] - history.admitted[0] + history.discharged[0]
    steps = [("Before", start, 0)]
    links: list[str] = [behind.day(span.first - timedelta(days=1))]
    rows: Cells = []
    outside: Cells = []
    for one in stretches:
        offset = (one.first - span.first).days
        admitted = sum(history.admitted[offset : offset + one.days])
        discharged = sum(history.discharged[offset : offset + one.days])
        steps.append((f"{one.first:%d %b}", admitted, discharged))
        came = behind.gauge(Gauge.ADMISSIONS, span=one)
        left = behind.gauge(Gauge.DISCHARGES, span=one)
        links += [came or "", left or ""]
        label = f"{one.first.isoformat()} to {one.last.isoformat()}"
        rows.append([label, linked(admitted, came), linked(discharged, left)])
        outside.append([label, cell(admitted), cell(discharged)])
    steps.append(("After", history.totals[-1], 0))
    links.append(behind.day(span.last))
    came_in, went_out = sum(history.admitted), sum(history.discharged)
    return Picture(
        "waterfall",
        "Admissions and discharges",
        f"{start} in care before, {came_in} admitted, {went_out} discharged,"
        f" {history.totals[-1]} in care after.",
        plot.waterfall(steps, links=links),
        ["Days", "Admitted", "Discharged"],
        rows,
        outside,
        note="The axis does not begin at nought.",
    )


def _stretches(span: Span) -> list[Span]:
    """The period in weeks, or in four weeks when there would be too many; the last may be short."""
    length = 7 if span.days <= 7 * STEPS_MAX else max(28, -(-span.days // STEPS_MAX))
    firsts = [span.first + timedelta(days=offset) for offset in range(0, span.days, length)]
    return [
        Span(first, min(first + timedelta(days=length - 1), span.last), span.last)
        for first in firsts
    ]


def flows(found: Sequence[Flow], behind: Behind) -> Picture:
    def address(flow: Flow) -> str | None:
        origin = flow.from_state.value if flow.from_state else DOOR
        return behind.plot(Plot.FLOW, f"{origin}>{flow.to_state.value}")

    moves = sum(flow.count for flow in found)
    most = max(found, key=lambda flow: flow.count, default=None)
    return Picture(
        "flow",
        "Flow between stages",
        f"{moves} moves; most often ({most.count}) {_of(most)}." if most else "Nobody moved.",
        plot.sankey(found, address=address) if found else None,
        ["From", "To", "Moves"],
        [[_from(flow), flow.to_state.label, linked(flow.count, address(flow))] for flow in found],
        [[_from(flow), flow.to_state.label, cell(flow.count)] for flow in found],
        note="Left: where they were. Right: where they went.",
        height="l",
    )


def _from(flow: Flow) -> str:
    return flow.from_state.label if flow.from_state else "First seen"


def _of(flow: Flow) -> str:
    return f"from {_from(flow).lower()} to {flow.to_state.label.lower()}"


def survival(
    curves: Sequence[SurvivalCurve],
    behind: Behind,
    *,
    id: str,  # noqa: A002 - the id of the figure on the page
    title: str,
) -> Picture:
    rows: Cells = []
    outside: Cells = []
    for curve in curves:
        for day in TOLD_DAYS:
            point = curve.at(day)
            if point is None:
                continue
            who = behind.gauge(Gauge.ADMISSIONS, span=curve.span)
            told: list[object] = [day, point.percent, point.low, point.high]
            rows.append([linked(curve.label, who), *told, curve.admissions])
            few = isinstance(cell(curve.admissions), str)
            outside.append(
                [curve.label, day, *(["withheld"] * 3 if few else told[1:]), cell(curve.admissions)]
            )
    return Picture(
        id,
        title,
        " ".join(_retained(curve) for curve in curves) or "Nobody was admitted.",
        plot.survival(curves) if curves else None,
        ["Cohort", "Day", "Still enrolled, %", "95 % from", "95 % to", "Admissions"],
        rows,
        outside,
        note=SURVIVAL_SOURCE,
        height="l",
    )


def _retained(curve: SurvivalCurve) -> str:
    point = curve.at(90)
    if point is None:
        return f"{curve.label}: {curve.admissions} admitted, none followed for 90 days yet."
    bounds = "" if point.low is None else f" ({point.low} to {point.high})"
    return f"{curve.label}: {point.percent} %{bounds} of {curve.admissions} still here on day 90."


def attendance(hours: Sequence[Hour], behind: Behind) -> Picture:
    def address(hour: Hour) -> str | None:
        return behind.plot(Plot.HOUR, f"{hour.weekday}-{hour.hour}")

    busiest = max(hours, key=lambda hour: hour.kept, default=None)
    return Picture(
        "attendance",
        "Visits kept by weekday and hour",
        f"{sum(hour.kept for hour in hours)} visits kept of {sum(hour.due for hour in hours)};"
        f" busiest {_hour(busiest)} with {busiest.kept}."
        if busiest
        else "No visit came due.",
        plot.heat_map(hours, address=address) if hours else None,
        ["Hour", "Kept", "Due", "Kept, %"],
        [
            [_hour(one), linked(one.kept, address(one)), one.due, percent(one.kept, of=one.due)]
            for one in hours
        ],
        [[_hour(one), cell(one.kept), cell(one.due), _share(one.kept, one.due)] for one in hours],
    )


def _hour(hour: Hour) -> str:
    return f"{plot.WEEKDAYS[hour.weekday]} {hour.hour:02d}:00"


def dosing(found: Pictures, behind: Behind) -> Picture:
    span, quarters, days = found.dosing_span, found.quarters, found.dosing_days

    def address(quarter: Quarter) -> str | None:
        return behind.plot(Plot.QUARTER, str(quarter.minute_of_day), span=span)

    busiest = max(quarters, key=lambda quarter: quarter.doses, default=None)
    return Picture(
        "dosing",
        "Doses by quarter of an hour",
        f"{sum(quarter.doses for quarter in quarters)} doses on {days} days since"
        f" {filters.day(span.first)}; most from {busiest.label}."
        if busiest
        else "No dose was given.",
        plot.dosing_day(quarters, days=days, links=[address(one) or "" for one in quarters])
        if days
        else None,
        ["From", "Doses", "Doses a day"],
        [
            [one.label, linked(one.doses, address(one)), round(one.doses / days, 1)]
            for one in quarters
        ],
        [[one.label, cell(one.doses), ""] for one in quarters],
    )


def no_shows(weeks: Sequence[Tally], behind: Behind) -> Picture:
    points = p_chart(weeks)
    counted = [week for week in weeks if week.of]
    return _control(
        points,
        counted,
        behind,
        gauge=Gauge.NO_SHOW,
        name="No-show rate, %",
        id="no-shows",
        title="No-show rate by week, p-chart",
        note=f"{P_CHART_SOURCE}.",
        unit=" %",
    )


def admissions(weeks: Sequence[Tally], behind: Behind) -> Picture:
    return _control(
        xmr_chart(weeks),
        weeks,
        behind,
        gauge=Gauge.ADMISSIONS,
        name="Admissions",
        id="admissions",
        title="Admissions by week, XmR chart",
        note=f"{XMR_SOURCE}.",
    )


def _control(
    points: Sequence[ControlPoint],
    weeks: Sequence[Tally],
    behind: Behind,
    *,
    gauge: Gauge,
    name: str,
    id: str,  # noqa: A002 - the id of the figure on the page
    title: str,
    note: str,
    unit: str = "",
) -> Picture:
    links = [
        behind.gauge(gauge, span=Span(week.first, week.first + timedelta(days=6), behind.span.last))
        for week in weeks
    ]
    beyond = [point.label for point in points if point.is_signal]
    rows: Cells = []
    outside: Cells = []
    for point, week, href in zip(points, weeks, links, strict=False):
        limits: list[object] = [point.centre, point.low, point.high]
        mark = "beyond" if point.is_signal else ""
        first = week.first.isoformat()
        rows.append([linked(first, href), week.count, week.of or "", point.value, *limits, mark])
        few = isinstance(cell(week.count), str)
        value = "withheld" if few else point.value
        outside.append([first, cell(week.count), cell(week.of), value, *limits, mark])
    return Picture(
        id,
        title,
        f"{len(points)} weeks; beyond the limits: {', '.join(beyond) or 'none'}."
        if points
        else "Too few whole weeks for limits.",
        plot.control_chart(points, name=name, unit=unit, links=[link or "" for link in links])
        if points
        else None,
        ["Week from", "Count", "Of", name, "Mean", "Lower limit", "Upper limit", "Signal"],
        rows,
        outside,
        note=note,
    )


def occupancy(found: Pictures, behind: Behind) -> Picture:
    """Of the capacity; of the beds where a site has set no capacity."""
    history, here = found.history, found.site
    of = here.capacity or here.beds
    totals = history.totals if here.capacity else _in_beds(history)
    counted = "capacity" if here.capacity else "beds"
    shares = [percent(total, of=of) for total in totals]
    fullest = max(range(len(totals)), key=totals.__getitem__)
    emptiest = min(range(len(totals)), key=totals.__getitem__)
    return Picture(
        "occupancy",
        f"Occupancy calendar, {counted} taken",
        f"Fullest on {filters.day(history.days[fullest])} with {shares[fullest]} % of {of},"
        f" emptiest on {filters.day(history.days[emptiest])} with {shares[emptiest]} %."
        if of
        else "The site has set neither capacity nor beds.",
        plot.calendar(history.days, totals, of=of, address=behind.day) if of else None,
        ["Day", "Patients", f"Of {counted}, %"],
        [
            [linked(day.isoformat(), behind.day(day)), total, share]
            for day, total, share in zip(history.days, totals, shares, strict=True)
        ],
        [
            [day.isoformat(), cell(total), _share(total, of)]
            for day, total in zip(history.days, totals, strict=True)
        ],
    )


def _in_beds(history: CensusSeries) -> tuple[int, ...]:
    by_day: defaultdict[int, int] = defaultdict(int)
    for level, counts in history.counts.items():
        for row, count in enumerate(counts):
            by_day[row] += count * (level in BED_LEVELS)
    return tuple(by_day[row] for row in range(len(history.days)))


def _share(count: int, of: int) -> object:
    return "withheld" if isinstance(cell(count), str) else percent(count, of=of)

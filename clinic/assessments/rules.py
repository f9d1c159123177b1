"""Scoring. A form with a gap has no total; a score the form does not have is refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clinic.assessments.facts import (
    CIWA_AR,
    COWS,
    HIGHEST_PULSE_BPM,
    Band,
    CiwaBand,
    CowsBand,
    CowsItem,
    CowsScore,
    Instrument,
    Item,
    Measurement,
    Score,
    Trend,
)
from clinic.core.decision import Decision, Effect, Reason
from clinic.core.errors import Refused

_PULSE_SCORES_ABOVE_BPM = ((120, 4), (100, 2), (80, 1), (0, 0))


def score(instrument: Instrument, *, answers: Mapping[str, int]) -> Score:
    """The total and band of a filled form, or the items still open and no total.

    Raises: Refused, naming every item scored with a number the form does not have, and every
    answer to an item it does not have.
    Source: the instrument's own ``source``.
    """
    names = {item.name for item in instrument.items}
    faults = [_legal(item) for item in instrument.items if not _is_legal(item, answers)]
    faults += [f"{instrument.label} has no item {name}" for name in answers if name not in names]
    if faults:
        raise Refused(faults)
    missing = tuple(item for item in instrument.items if item.name not in answers)
    if missing:
        return Score(total=None, band=None, missing=missing)
    total = sum(answers.values())
    return Score(total=total, band=band_of(instrument, total=total), missing=())


def band_of(instrument: Instrument, *, total: int) -> Band | None:
    """How a total reads; None where the instrument has no bands.

    Raises: Refused for a total the form cannot come to.
    """
    if not instrument.minimum <= total <= instrument.maximum:
        raise Refused(
            f"A {instrument.label} total lies between {instrument.minimum}"
            f" and {instrument.maximum}."
        )
    reached = [band for band in instrument.bands if total >= band.lowest]
    return reached[-1] if reached else None


def safety(instrument: Instrument, *, answers: Mapping[str, int]) -> Decision:
    """What a person must look at before this patient leaves, complete form or not.

    Source: each prompt's own ``source``.
    """
    return Decision.of(
        Reason(prompt.code, prompt.message, prompt.source, Effect.ASK)
        for prompt in instrument.prompts
        if answers.get(prompt.item, prompt.above) > prompt.above
    )


def still_asked(measurements: Iterable[Measurement]) -> tuple[tuple[Measurement, Decision], ...]:
    """What the latest answer to each prompted item asks for; an item left open settles nothing.

    Shape: ``measurements`` come newest first.
    """
    latest: dict[tuple[str, str], Measurement] = {}
    for one in measurements:
        for prompt in one.instrument.prompts:
            if prompt.item in one.answers:
                latest.setdefault((one.instrument.id, prompt.item), one)
    asked = (
        (one, safety(one.instrument, answers={item: one.answers[item]}))
        for (_id, item), one in latest.items()
    )
    return tuple((one, decision) for one, decision in asked if decision.reasons)


def trends(measurements: Iterable[Measurement]) -> tuple[Trend, ...]:
    """The complete forms of each instrument, oldest first; the latest edition names the trend.

    Shape: ``measurements`` come newest first; the instrument measured last leads.
    """
    runs: dict[str, list[Measurement]] = {}
    for one in measurements:
        if one.total is not None:
            runs.setdefault(one.instrument.id, []).append(one)
    return tuple(Trend(run[0].instrument, tuple(reversed(run))) for run in runs.values())


def score_cows(items: Mapping[CowsItem, int]) -> CowsScore:
    """The total of a complete form and its band.

    Raises: Refused, naming every item left out or scored with a number the form does not have.
    Source: Wesson & Ling 2003.
    """
    faults = [
        _legal(item) for item in COWS.items if items.get(CowsItem(item.name)) not in item.legal
    ]
    if faults:
        raise Refused(faults)
    total = sum(items[item] for item in CowsItem)
    return CowsScore(total=total, band=cows_band(total))


def cows_band(total: int) -> CowsBand:
    """How severe a COWS total reads.

    Raises: Refused outside 0-48.
    Source: Wesson & Ling 2003.
    """
    return CowsBand(_name_of(COWS, total=total))


def cows_pulse_item(resting_pulse_bpm: int) -> int:
    """The score of the pulse item, counted after one minute of rest.

    Units: beats a minute.
    Raises: Refused outside 1-300.
    Source: Wesson & Ling 2003.
    """
    if not 1 <= resting_pulse_bpm <= HIGHEST_PULSE_BPM:
        raise Refused(f"A pulse lies between 1 and {HIGHEST_PULSE_BPM} beats a minute.")
    return next(score for bpm, score in _PULSE_SCORES_ABOVE_BPM if resting_pulse_bpm > bpm)


def ciwa_band(total: int) -> CiwaBand:
    """How severe a CIWA-Ar total reads.

    Raises: Refused outside 0-67.
    Source: CIWA-Ar; the bands are site policy, and guides differ.
    """
    return CiwaBand(_name_of(CIWA_AR, total=total))


def _is_legal(item: Item, answers: Mapping[str, int]) -> bool:
    return item.name not in answers or answers[item.name] in item.legal


def _legal(item: Item) -> str:
    return f"{item.name.replace('_', ' ')} must be one of {', '.join(map(str, item.legal))}"


def _name_of(instrument: Instrument, *, total: int) -> str:
    band = band_of(instrument, total=total)
    return band.name if band else ""

"""The door to the withdrawal scales."""

from __future__ import annotations

from clinic.assessments import rules
from clinic.assessments.facts import (
    CIWA_MAXIMUM,
    CIWA_SOURCE,
    COWS_LEGAL_SCORES,
    COWS_MAXIMUM,
    COWS_SOURCE,
    HIGHEST_PULSE_BPM,
    CowsItem,
)
from clinic.rulebook.facts import Answer, RuleEntry
from clinic.rulebook.reading import Fields, incomplete, invalid

_PACKAGE = "clinic.assessments"
_PULSE_BPM = "resting_pulse_bpm"


def _cows(fields: Fields) -> Answer:
    items = fields.inner("items")
    for item in CowsItem:
        counted = item is CowsItem.RESTING_PULSE and items.has(_PULSE_BPM)
        if not counted and not items.has(item.value):
            raise incomplete(item.value)
    score = rules.score_cows({item: _item(items, item=item) for item in CowsItem})
    return Answer({"total": score.total, "band": score.band.value})


def _item(items: Fields, *, item: CowsItem) -> int:
    if item is CowsItem.RESTING_PULSE and items.has(_PULSE_BPM):
        if items.has(item.value):
            raise invalid(_PULSE_BPM)
        return rules.cows_pulse_item(_pulse_bpm(items))
    return items.one_of(item.value, legal=COWS_LEGAL_SCORES[item])


def _pulse_bpm(fields: Fields) -> int:
    return fields.count(_PULSE_BPM, at_least=1, at_most=HIGHEST_PULSE_BPM)


def _cows_band(fields: Fields) -> Answer:
    return Answer({"band": rules.cows_band(fields.count("total", at_most=COWS_MAXIMUM)).value})


def _cows_pulse_item(fields: Fields) -> Answer:
    return Answer({"resting_pulse": rules.cows_pulse_item(_pulse_bpm(fields))})


def _ciwa_band(fields: Fields) -> Answer:
    return Answer({"band": rules.ciwa_band(fields.count("total", at_most=CIWA_MAXIMUM)).value})


ENTRIES = (
    RuleEntry(
        name="cows",
        package=_PACKAGE,
        summary="The total and band of a complete opiate withdrawal form.",
        sources=(COWS_SOURCE,),
        ask=_cows,
    ),
    RuleEntry(
        name="cows_band",
        package=_PACKAGE,
        summary="How severe a COWS total reads.",
        sources=(COWS_SOURCE,),
        ask=_cows_band,
    ),
    RuleEntry(
        name="cows_pulse_item",
        package=_PACKAGE,
        summary="The COWS score of a counted resting pulse.",
        sources=(COWS_SOURCE,),
        ask=_cows_pulse_item,
    ),
    RuleEntry(
        name="ciwa_band",
        package=_PACKAGE,
        summary="How severe a CIWA-Ar total reads.",
        sources=(CIWA_SOURCE,),
        ask=_ciwa_band,
    ),
)

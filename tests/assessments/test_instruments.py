"""The instruments as data: what each form has, and how every one is scored."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.assessments.facts import (
    COWS,
    CURRENT,
    EDITIONS,
    GAD_7,
    LOCAL,
    LOINC,
    PHQ_9,
    Instrument,
    Measurement,
)
from clinic.assessments.rules import band_of, safety, score, trends
from clinic.core.decision import Verdict
from clinic.core.errors import Refused
from tests.assessments.builders import COWS_OF_NINE, zeros

ZEROS = zeros("cows")


@pytest.mark.parametrize(
    ("name", "items", "highest", "system", "code"),
    [
        ("cows", 11, 48, LOCAL, "cows-total"),
        ("sows", 16, 64, LOCAL, "sows-16-total"),
        ("short_sows", 10, 30, LOCAL, "sows-10-total"),
        ("ciwa_ar", 10, 67, LOCAL, "ciwa-ar-total"),
        ("craving", 1, 10, LOCAL, "craving-0-10"),
        ("phq_9", 9, 27, LOINC, "44261-6"),
        ("gad_7", 7, 21, LOINC, "70274-6"),
        ("readiness", 1, 10, LOCAL, "readiness-0-10"),
        ("pain", 1, 10, LOINC, "72514-3"),
        ("audit_c", 3, 12, LOINC, "75626-2"),
        ("dast_10", 10, 10, LOINC, "82667-7"),
    ],
)
def test_what_each_form_has(name: str, items: int, highest: int, system: str, code: str) -> None:
    instrument = CURRENT[name]

    assert (instrument.id, len(instrument.items)) == (name, items)
    assert (instrument.minimum, instrument.maximum) == (0, highest)
    assert (instrument.code.system, instrument.code.value) == (system, code)
    assert instrument.source
    assert len({item.name for item in instrument.items}) == items


def test_every_edition_is_kept_under_its_version_and_the_current_one_is_among_them() -> None:
    assert len(CURRENT) == 11
    assert set(CURRENT.values()) <= set(EDITIONS.values())
    assert EDITIONS["cows", "2003"] is COWS


def test_the_items_of_the_phq_9_carry_their_own_codes() -> None:
    assert [item.loinc for item in PHQ_9.items] == [
        "44250-9",
        "44255-8",
        "44259-0",
        "44254-1",
        "44251-7",
        "44258-2",
        "44252-5",
        "44253-3",
        "44260-8",
    ]


@pytest.mark.parametrize(
    ("answers", "total", "band"),
    [
        pytest.param(ZEROS, 0, "none", id="CW-01"),
        pytest.param(COWS_OF_NINE, 9, "mild", id="CW-02"),
        pytest.param(
            {
                "resting_pulse": 4,
                "sweating": 4,
                "restlessness": 5,
                "pupil_size": 5,
                "bone_joint_aches": 4,
                "runny_nose_tearing": 4,
                "gi_upset": 5,
                "tremor": 4,
                "yawning": 4,
                "anxiety_irritability": 4,
                "gooseflesh": 5,
            },
            48,
            "severe",
            id="CW-03",
        ),
    ],
)
def test_a_complete_cows(answers: dict[str, int], total: int, band: str) -> None:
    result = score(COWS, answers=answers)

    assert result.total == total
    assert result.band is not None
    assert (result.band.name, result.missing) == (band, ())


@pytest.mark.parametrize(
    ("item", "value", "sentence"),
    [
        pytest.param("gooseflesh", 4, "gooseflesh must be one of 0, 3, 5", id="CW-04 goose"),
        pytest.param("pupil_size", 3, "pupil size must be one of 0, 1, 2, 5", id="CW-04 pupil"),
        ("tremor", -1, "tremor must be one of 0, 1, 2, 4"),
        ("appetite", 1, "COWS has no item appetite"),
    ],
)
def test_a_score_the_form_does_not_have_is_refused(item: str, value: int, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        score(COWS, answers=ZEROS | {item: value})

    assert refusal.value.reasons == (sentence,)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        score(COWS, answers=ZEROS | {"gooseflesh": 4, "pupil_size": 3})

    assert refusal.value.reasons == (
        "pupil size must be one of 0, 1, 2, 5",
        "gooseflesh must be one of 0, 3, 5",
    )


def test_a_form_with_a_gap_has_no_total_and_no_band_and_names_the_gap() -> None:
    result = score(COWS, answers={k: v for k, v in COWS_OF_NINE.items() if k != "tremor"})

    assert (result.total, result.band) == (None, None)
    assert [item.name for item in result.missing] == ["tremor"]


@pytest.mark.parametrize(
    ("name", "total", "band"),
    [
        pytest.param("cows", 4, "none", id="CW-05 4"),
        pytest.param("cows", 5, "mild", id="CW-05 5"),
        pytest.param("cows", 12, "mild", id="CW-05 12"),
        pytest.param("cows", 13, "moderate", id="CW-05 13"),
        pytest.param("cows", 24, "moderate", id="CW-05 24"),
        pytest.param("cows", 25, "moderately_severe", id="CW-05 25"),
        pytest.param("cows", 36, "moderately_severe", id="CW-05 36"),
        pytest.param("cows", 37, "severe", id="CW-05 37"),
        ("sows", 0, "none"),
        ("sows", 1, "mild"),
        ("sows", 10, "mild"),
        ("sows", 11, "moderate"),
        ("sows", 20, "moderate"),
        ("sows", 21, "severe"),
        ("sows", 64, "severe"),
        ("ciwa_ar", 9, "mild"),
        ("ciwa_ar", 10, "moderate"),
        ("ciwa_ar", 18, "moderate"),
        ("ciwa_ar", 19, "severe"),
        ("phq_9", 4, "minimal"),
        ("phq_9", 5, "mild"),
        ("phq_9", 10, "moderate"),
        ("phq_9", 15, "moderately_severe"),
        ("phq_9", 19, "moderately_severe"),
        ("phq_9", 20, "severe"),
        ("gad_7", 4, "minimal"),
        ("gad_7", 9, "mild"),
        ("gad_7", 14, "moderate"),
        ("gad_7", 15, "severe"),
        ("audit_c", 2, "below_threshold"),
        ("audit_c", 3, "risk_in_women"),
        ("audit_c", 4, "risk"),
        ("dast_10", 0, "none"),
        ("dast_10", 2, "low"),
        ("dast_10", 3, "moderate"),
        ("dast_10", 6, "substantial"),
        ("dast_10", 9, "severe"),
    ],
)
def test_bands(name: str, total: int, band: str) -> None:
    reached = band_of(CURRENT[name], total=total)

    assert reached is not None
    assert reached.name == band


@pytest.mark.parametrize("name", ["short_sows", "craving", "readiness", "pain"])
def test_where_nobody_published_bands_a_total_is_a_number(name: str) -> None:
    assert band_of(CURRENT[name], total=10) is None


@pytest.mark.parametrize(("name", "total"), [("cows", 49), ("sows", 65), ("short_sows", 31)])
def test_a_total_the_form_cannot_come_to_is_refused(name: str, total: int) -> None:
    with pytest.raises(Refused, match="lies between 0 and"):
        band_of(CURRENT[name], total=total)


def test_the_two_sows_refuse_each_other_s_answers() -> None:
    with pytest.raises(Refused, match="Short SOWS, 10 items has no item anxious"):
        score(CURRENT["short_sows"], answers=zeros("sows"))


def test_able_to_stop_is_the_answer_that_scores_nothing_on_the_dast() -> None:
    can_stop = next(item for item in CURRENT["dast_10"].items if item.name == "can_stop")
    others = [item for item in CURRENT["dast_10"].items if item.name != "can_stop"]

    assert [(one.score, one.label) for one in can_stop.choices] == [(0, "yes"), (1, "no")]
    assert {(one.score, one.label) for item in others for one in item.choices} == {
        (0, "no"),
        (1, "yes"),
    }


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        (zeros("phq_9"), Verdict.GO),
        (zeros("phq_9") | {"self_harm": 1}, Verdict.ASK),
        ({"self_harm": 3}, Verdict.ASK),
        (dict.fromkeys(zeros("phq_9"), 3) | {"self_harm": 0}, Verdict.GO),
        ({}, Verdict.GO),
    ],
)
def test_any_thought_of_self_harm_asks_for_a_person(
    answers: dict[str, int], verdict: Verdict
) -> None:
    decision = safety(PHQ_9, answers=answers)

    assert decision.verdict is verdict
    asked = [(reason.code, "call the prescriber" in reason.message) for reason in decision.reasons]
    assert asked == ([("phq_9_self_harm", True)] if verdict is Verdict.ASK else [])


def test_an_instrument_without_prompts_asks_nothing() -> None:
    assert safety(GAD_7, answers=dict.fromkeys(zeros("gad_7"), 3)).reasons == ()


@given(data=st.data(), instrument=st.sampled_from(sorted(CURRENT)))
def test_any_legal_form_has_a_total_within_its_range(data: st.DataObject, instrument: str) -> None:
    edition = CURRENT[instrument]
    answers = {item.name: data.draw(st.sampled_from(item.legal)) for item in edition.items}

    total = score(edition, answers=answers).total

    assert total is not None
    assert edition.minimum <= total <= edition.maximum


def measured(instrument: Instrument, day: int, total: int | None) -> Measurement:
    at = datetime(2026, 3, day, 14, 0, tzinfo=UTC)
    return Measurement(UUID(int=day), instrument, at, at.date(), {}, total, None, "", "Nora Nurse")


def test_a_trend_runs_forward_and_leaves_out_forms_without_a_total() -> None:
    newest_first = [
        measured(COWS, 4, 6),
        measured(GAD_7, 3, 12),
        measured(COWS, 2, None),
        measured(COWS, 1, 14),
    ]

    found = trends(newest_first)

    assert [(one.instrument.id, one.totals) for one in found] == [
        ("cows", (14, 6)),
        ("gad_7", (12,)),
    ]

"""Every rule, asked with sound, missing and impossible fields."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rulebook.registry import RULES
from tests.rulebook.samples import COWS_ITEMS, SAMPLES

REQUIRED = [(rule, name) for rule, sample in SAMPLES.items() for name in sample.required]
OPTIONAL = [(rule, name) for rule, sample in SAMPLES.items() for name in sample.optional]
SETTINGS = [(rule, name) for rule, sample in SAMPLES.items() for name in sample.settings]


def fault(code: str, item: str) -> dict[str, str]:
    return {"error": code, "item": item}


def ask(rule: str, **changed: object) -> dict[str, object]:
    return RULES[rule].answer({**SAMPLES[rule].full, **changed})


def test_every_rule_has_its_sample_and_there_are_34() -> None:
    assert set(RULES) == set(SAMPLES)
    assert len(RULES) == 34


@pytest.mark.parametrize("rule", RULES)
def test_a_sound_input_has_an_answer(rule: str) -> None:
    assert "error" not in ask(rule)


@pytest.mark.parametrize("rule", RULES)
def test_the_settings_listed_are_the_settings_taken(rule: str) -> None:
    assert {setting.name for setting in RULES[rule].settings} == set(SAMPLES[rule].settings)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_names_its_source_and_every_setting_too(rule: str) -> None:
    entry = RULES[rule]
    assert all(entry.sources)
    assert entry.summary.endswith(".")
    assert all(setting.source for setting in entry.settings)


@pytest.mark.parametrize(("rule", "name"), REQUIRED)
def test_a_required_field_left_out_or_null_is_incomplete(rule: str, name: str) -> None:
    given = SAMPLES[rule].full
    assert ask(rule, **{name: None}) == fault("INCOMPLETE", name)
    del given[name]
    assert RULES[rule].answer(given) == fault("INCOMPLETE", name)


@pytest.mark.parametrize(("rule", "name"), OPTIONAL)
def test_an_optional_field_that_is_null_is_as_if_left_out(rule: str, name: str) -> None:
    given = SAMPLES[rule].full
    with_null = ask(rule, **{name: None})
    del given[name]
    assert with_null == RULES[rule].answer(given)
    assert "error" not in with_null


WRONG_KINDS: list[object] = [2.5, -0.0, -1, "no such thing", [1], [None], [[]], {"a": 1}]


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [
        (rule, name, value)
        for rule, name in REQUIRED + OPTIONAL
        for value in WRONG_KINDS
        if not (isinstance(value, dict) and isinstance(SAMPLES[rule].full[name], dict))
    ],
)
def test_a_value_of_the_wrong_kind_is_invalid(rule: str, name: str, value: object) -> None:
    assert ask(rule, **{name: value}) == fault("INVALID", name)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (rule, name)
        for rule, name in REQUIRED + OPTIONAL
        if type(SAMPLES[rule].full[name]) in {int, str}
    ],
)
def test_true_is_neither_a_count_nor_a_text(rule: str, name: str) -> None:
    assert ask(rule, **{name: True}) == fault("INVALID", name)


@pytest.mark.parametrize(("rule", "name"), SETTINGS)
@pytest.mark.parametrize("value", [2.5, -1, True, "8", []])
def test_a_setting_of_the_wrong_kind_is_invalid(rule: str, name: str, value: object) -> None:
    assert ask(rule, settings={name: value}) == fault("INVALID", name)


@pytest.mark.parametrize("rule", RULES)
def test_settings_are_an_object_of_the_settings_listed(rule: str) -> None:
    assert ask(rule, settings=[]) == fault("INVALID", "settings")
    assert ask(rule, settings={"moon_phase": 1}) == fault("INVALID", "moon_phase")
    assert "error" not in ask(rule, settings=None)
    assert "error" not in ask(rule, settings={"moon_phase": None})


@pytest.mark.parametrize("rule", RULES)
def test_a_field_the_rule_does_not_know_is_not_silently_passed_over(rule: str) -> None:
    assert ask(rule, regular_dose_in_hand=3) == fault("INVALID", "regular_dose_in_hand")


@pytest.mark.parametrize("given", [None, [], "text", 1])
def test_an_input_that_is_no_object_is_invalid(given: object) -> None:
    assert RULES["cows_band"].answer(given) == fault("INVALID", "input")


@pytest.mark.parametrize(
    ("rule", "changed", "item"),
    [
        ("take_home", {"dispense_date": "2026-03-01"}, "dispense_date"),
        ("take_home", {"medication": "naltrexone"}, "medication"),
        ("take_home", {"medication": "METHADONE"}, "medication"),
        ("take_home", {"criteria_failed": ["tidiness"]}, "criteria_failed"),
        ("take_home", {"first_dose_date": "2026-02-30"}, "first_dose_date"),
        ("take_home", {"first_dose_date": "20260301"}, "first_dose_date"),
        ("take_home", {"first_dose_date": "2026-W10-1"}, "first_dose_date"),
        ("take_home", {"first_dose_date": "2026-03-01T00:00:00Z"}, "first_dose_date"),
        ("closure_doses", {"next_visit_date": "2026-03-06"}, "next_visit_date"),
        ("missed_dose", {"present_date": "2026-04-30"}, "present_date"),
        ("missed_dose", {"treatment_day": 0}, "treatment_day"),
        ("missed_dose", {"impaired": 0}, "impaired"),
        ("missed_dose_advice", {"usual_dose_mg": "0"}, "usual_dose_mg"),
        ("missed_dose_advice", {"usual_dose_mg": 40}, "usual_dose_mg"),
        ("missed_dose_advice", {"usual_dose_mg": "4e1"}, "usual_dose_mg"),
        ("missed_dose_advice", {"usual_dose_mg": "NaN"}, "usual_dose_mg"),
        ("missed_dose_advice", {"usual_dose_mg": "Infinity"}, "usual_dose_mg"),
        ("missed_dose_advice", {"usual_dose_mg": " 40"}, "usual_dose_mg"),
        ("missed_dose_advice", {"usual_dose_mg": "40."}, "usual_dose_mg"),
        ("missed_dose_advice", {"usual_dose_mg": "\u0664\u0660"}, "usual_dose_mg"),
        ("callback_count", {"bottle_dates": ["2026-10-02"] * 2}, "bottle_dates"),
        ("clinical_clock", {"start_date": "9999-12-31"}, "start_date"),
        ("intake_lookback", {"admission_date": "2026-05-01"}, "admission_date"),
        ("interim_treatment", {"start_date": "9999-12-31"}, "start_date"),
        ("priority_admission", {"requested_at": "2026-08-03T09:00:00"}, "requested_at"),
        ("priority_admission", {"requested_at": "2026-08-03 09:00:00Z"}, "requested_at"),
        ("priority_admission", {"requested_at": "2026-08-03T24:00:00Z"}, "requested_at"),
        ("priority_admission", {"requested_at": "2026-02-30T09:00:00Z"}, "requested_at"),
        ("priority_admission", {"requested_at": "0001-01-01T00:00:00Z"}, "requested_at"),
        ("priority_admission", {"requested_at": "9999-12-31T23:59:59Z"}, "requested_at"),
        ("priority_admission", {"time_zone": "Europe/Paris"}, "time_zone"),
        ("capacity_notice", {"capacity": 0}, "capacity"),
        ("capacity_notice", {"as_of_date": "9999-12-31"}, "as_of_date"),
        ("dea_loss_deadline", {"discovered_date": "9999-12-31"}, "discovered_date"),
        ("inventory_due", {"last_inventory_date": "9998-01-01"}, "last_inventory_date"),
        ("federal_holidays", {"calendar_year": 2021}, "calendar_year"),
        ("federal_holidays", {"calendar_year": 2100}, "calendar_year"),
        ("cows_band", {"total": 49}, "total"),
        ("cows_pulse_item", {"resting_pulse_bpm": 0}, "resting_pulse_bpm"),
        ("cows_pulse_item", {"resting_pulse_bpm": 301}, "resting_pulse_bpm"),
        ("ciwa_band", {"total": 68}, "total"),
        ("buprenorphine_start", {"opioid_class": "buprenorphine"}, "opioid_class"),
        ("buprenorphine_start", {"cows_total": 49}, "cows_total"),
        ("buprenorphine_start", {"settings": {"cows_threshold": 7}}, "cows_threshold"),
        ("buprenorphine_start", {"settings": {"cows_threshold": 14}}, "cows_threshold"),
        ("buprenorphine_start", {"last_use_at": "2026-09-01T08:00:00Z"}, "last_use_at"),
        ("long_acting_window", {"given_date": "9999-12-31"}, "given_date"),
        ("cm_schedule", {"results": "NNQ"}, "results"),
        ("cm_schedule", {"results": "nn"}, "results"),
        ("cm_schedule", {"results": "N" * 25}, "results"),
        ("cm_schedule", {"protocol": "higgins"}, "prize_draw_cap"),
        ("prize_draw_value", {"slips": ["small", None]}, "slips"),
        ("tax_flag", {"calendar_year": 1999}, "calendar_year"),
        ("tax_flag", {"calendar_year": 2101}, "calendar_year"),
        ("tms_course", {"acute_sessions": 0}, "acute_sessions"),
        ("tms_course", {"acute_sessions": 61}, "acute_sessions"),
        ("tms_course", {"start_date": "9999-12-31"}, "start_date"),
        (
            "tms_course",
            {"extra_closed_dates": [f"2026-04-{day}" for day in range(13, 18)]},
            "extra_closed_dates",
        ),
        ("census", {"period_end": "2026-08-31"}, "period_end"),
        ("census", {"beds": 0}, "beds"),
        ("census", {"stays": [{"admit_date": 5}]}, "admit_date"),
        (
            "census",
            {"stays": [{"admit_date": "2026-09-02", "discharge_date": "2026-09-01"}]},
            "discharge_date",
        ),
        ("length_of_stay", {"discharge_date": "2026-08-31"}, "discharge_date"),
        ("retention", {"with_follow_up": 11}, "with_follow_up"),
        ("retention", {"enrolled_on_day": 10}, "enrolled_on_day"),
        ("retention", {"day": 0}, "day"),
        ("uds_rate", {"collected": 51}, "collected"),
        ("uds_rate", {"negative": 45}, "negative"),
        ("uds_rate", {"expected_positive_only": 12}, "expected_positive_only"),
        ("reconciliation", {"concentration_mg_per_ml": "0.0"}, "concentration_mg_per_ml"),
        ("reconciliation", {"start_ml": "-0.1"}, "start_ml"),
    ],
)
def test_a_value_out_of_range_list_or_order_is_invalid(
    rule: str, changed: dict[str, object], item: str
) -> None:
    assert ask(rule, **changed) == fault("INVALID", item)


@pytest.mark.parametrize(
    ("rule", "given", "code", "item"),
    [
        ("take_home", {"medication": "aspirin"}, "INVALID", "medication"),
        (
            "take_home",
            {"medication": "methadone", "dispense_date": "x", "regular_doses": -1},
            "INCOMPLETE",
            "first_dose_date",
        ),
        (
            "take_home",
            {
                "medication": "methadone",
                "first_dose_date": "2026-03-02",
                "dispense_date": "2026-03-01",
            },
            "INVALID",
            "dispense_date",
        ),
        ("retention", {"day": 90, "with_follow_up": -1}, "INCOMPLETE", "admissions"),
        ("tax_flag", {"calendar_year": 2027, "total_cents": -1}, "INVALID", "total_cents"),
        (
            "tax_flag",
            {"calendar_year": 2027, "total_cents": 1},
            "INCOMPLETE",
            "tax_threshold_cents",
        ),
        ("cm_cap", {"caps": [{}], "incentives": "x"}, "INCOMPLETE", "cap"),
        ("cm_cap", {"caps": [{"cap": ""}]}, "INVALID", "cap"),
        ("cm_cap", {"caps": [], "incentives": [{"amount_cents": 1}]}, "INCOMPLETE", "date"),
        (
            "cm_cap",
            {
                "caps": [],
                "incentives": [
                    {"date": "2026-08-03", "amount_cents": 1},
                    {"date": "2026-08-02", "amount_cents": 1},
                ],
            },
            "INVALID",
            "date",
        ),
        ("census", {"period_start": "2026-09-01"}, "INCOMPLETE", "period_end"),
        (
            "buprenorphine_start",
            {"opioid_class": "methadone"},
            "INCOMPLETE",
            "hours_since_last_use",
        ),
        (
            "buprenorphine_start",
            {"opioid_class": "methadone", "last_use_at": "2026-09-01T08:00:00Z"},
            "INCOMPLETE",
            "assessed_at",
        ),
        (
            "buprenorphine_start",
            {"opioid_class": "methadone", "assessed_at": "2026-09-01T08:00:00Z"},
            "INCOMPLETE",
            "last_use_at",
        ),
        (
            "buprenorphine_start",
            {
                "opioid_class": "methadone",
                "last_use_at": "2026-09-01T08:00:00-04:00",
                "assessed_at": "2026-09-01T11:59:59Z",
                "cows_total": 9,
            },
            "INVALID",
            "assessed_at",
        ),
    ],
)
def test_the_first_fault_in_order_is_the_one_reported(
    rule: str, given: dict[str, object], code: str, item: str
) -> None:
    assert RULES[rule].answer(given) == fault(code, item)


@pytest.mark.parametrize(
    ("changed", "code", "item"),
    [
        ({"tremor": None, "sweating": 9}, "INCOMPLETE", "tremor"),
        ({"resting_pulse": None}, "INCOMPLETE", "resting_pulse"),
        ({"resting_pulse": None, "tremor": None}, "INCOMPLETE", "resting_pulse"),
        ({"resting_pulse_bpm": 80}, "INVALID", "resting_pulse_bpm"),
        ({"resting_pulse_bpm": 80, "yawning": None}, "INCOMPLETE", "yawning"),
        ({"resting_pulse": None, "resting_pulse_bpm": 0}, "INVALID", "resting_pulse_bpm"),
        ({"resting_pulse": None, "resting_pulse_bpm": True}, "INVALID", "resting_pulse_bpm"),
        ({"pupil_size": 3, "gooseflesh": 4}, "INVALID", "pupil_size"),
        ({"tremor": True}, "INVALID", "tremor"),
        ({"tremor": "1"}, "INVALID", "tremor"),
        ({"craving": 1}, "INVALID", "craving"),
    ],
)
def test_a_withdrawal_form_reports_the_first_gap_before_any_impossible_score(
    changed: dict[str, object], code: str, item: str
) -> None:
    assert ask("cows", items={**COWS_ITEMS, **changed}) == fault(code, item)


def test_a_counted_pulse_may_stand_in_for_its_item() -> None:
    items = {**COWS_ITEMS, "resting_pulse": None, "resting_pulse_bpm": 121}
    assert ask("cows", items=items) == {"total": 20, "band": "moderate"}


@pytest.mark.parametrize(
    ("rule", "changed", "answers"),
    [
        ("missed_dose_advice", {"usual_dose_mg": "95.10"}, {"dose_mg": "47.55"}),
        ("missed_dose_advice", {"usual_dose_mg": "200"}, {"dose_mg": "100"}),
        ("reconciliation", {"start_ml": "-0"}, {"expected_ml": "-1.5"}),
        (
            "reconciliation",
            {"counted_ml": "98.5000"},
            {"variance_ml": "0", "variance_percent_of_dispensed": "0.000", "direction": "NONE"},
        ),
        (
            "reconciliation",
            {"counted_ml": "98.4999999999999999999999999999999999"},
            {"variance_mg": "-0.000000000000000000000000000000001"},
        ),
        ("capacity_notice", {"census": 0}, {"occupancy_percent": "0.0", "notify_by": None}),
        (
            "priority_admission",
            {"requested_at": "2026-10-31T05:30:00Z", "time_zone": "America/Denver"},
            {"admit_by": "2026-11-13", "interim_services_by": "2026-11-01T22:30:00-07:00"},
        ),
        ("take_home", {"exception_doses": 0}, {"decision": "DENY", "ceiling_doses": 0}),
        ("cm_schedule", {"results": ""}, {"draws": [], "next_draws_if_negative": 1}),
    ],
)
def test_answers_are_exact_and_plainly_written(
    rule: str, changed: dict[str, object], answers: dict[str, object]
) -> None:
    got = ask(rule, **changed)
    assert {name: got[name] for name in answers} == answers


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates().map(str)
    | st.decimals(allow_nan=False, allow_infinity=False).map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("rule", RULES)
@settings(deadline=None)
@given(data=st.data())
def test_whatever_is_asked_the_answer_is_json_and_never_a_crash(
    rule: str, data: st.DataObject
) -> None:
    given = SAMPLES[rule].full
    for name in data.draw(st.sets(st.sampled_from(sorted(given)), max_size=2)):
        given[name] = data.draw(JSON_VALUES)
    answer = RULES[rule].answer(given)
    assert json.loads(json.dumps(answer)) == answer
    assert "error" not in answer or set(answer) == {"error", "item"}

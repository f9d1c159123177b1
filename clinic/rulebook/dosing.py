"""The door to the rules of take-homes, missed doses and first doses."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from clinic.assessments.facts import COWS_MAXIMUM
from clinic.dosing.facts import (
    LONG_ACTING_INTERVALS,
    AdviceTable,
    BuprenorphineStartPolicy,
    LongActingProduct,
    MissedDosePolicy,
    NaloxoneChallenge,
    NaltrexoneFindings,
    NaltrexonePolicy,
    OpioidClass,
    TakeHomeCeilings,
    TakeHomeCriterion,
    TakeHomeRequest,
    UdsOpioid,
    WeekendDay,
)
from clinic.dosing.rules import missed_doses, starts, take_homes
from clinic.rulebook.facts import Answer, RuleEntry, Setting
from clinic.rulebook.reading import Fields, charged_to, invalid
from clinic.rulebook.writing import iso, iso_list, quantity
from clinic.stock.facts import Medication

_PACKAGE = "clinic.dosing"
_SECONDS_AN_HOUR = 3600
_HIGHEST_COWS_THRESHOLD = 13

_MISSED_DOSE_POLICY = MissedDosePolicy()
_START_POLICY = BuprenorphineStartPolicy()


def _take_home(fields: Fields) -> Answer:
    medication = fields.choice(
        "medication", of=Medication, among=(Medication.METHADONE, Medication.BUPRENORPHINE)
    )
    first_dose_date = fields.day("first_dose_date")
    request = TakeHomeRequest(
        medication=medication,
        first_dose_date=first_dose_date,
        dispense_date=fields.day("dispense_date", not_before=first_dose_date),
        regular_doses=fields.count("regular_doses"),
        regular_doses_in_hand=fields.count("regular_doses_in_hand", default=0),
        closure_doses=fields.count("closure_doses", default=0),
        criteria_failed=fields.choices("criteria_failed", of=TakeHomeCriterion, optional=True),
        state_cap_doses=fields.optional_count("state_cap_doses"),
        order_quantity_doses=fields.optional_count("order_quantity_doses"),
        exception_doses=fields.optional_count("exception_doses"),
    )
    answer = take_homes.take_home(request)
    return Answer(
        {
            "decision": answer.outcome.value,
            "reason": answer.reason.value,
            "treatment_day": answer.treatment_day,
            "ceiling_doses": answer.ceiling_doses,
        },
        answer.decision,
    )


def _closure_doses(fields: Fields) -> Answer:
    visit_date = fields.day("visit_date")
    next_visit_date = fields.day("next_visit_date")
    if next_visit_date <= visit_date:
        raise invalid("next_visit_date")
    bottles = take_homes.closure_doses(
        visit_date,
        next_visit_date=next_visit_date,
        holiday_closures=fields.days("holiday_closures"),
        designated_weekend_day=fields.choice("designated_weekend_day", of=WeekendDay),
    )
    return Answer(
        {
            "closure_dates": iso_list(bottles.closure_dates),
            "regular_dates": iso_list(bottles.regular_dates),
            "total_bottles": bottles.total_bottles,
            "criteria_review_required": bottles.criteria_review_required,
        }
    )


def _take_home_ladder_2001(fields: Fields) -> Answer:
    day = fields.count("treatment_day", at_least=1)
    return Answer({"limit": take_homes.take_home_ladder_2001(day).value})


def _callback_count(fields: Fields) -> Answer:
    bottle_dates = fields.days("bottle_dates")
    if len(set(bottle_dates)) < len(bottle_dates):
        raise invalid("bottle_dates")
    count = take_homes.callback_count(
        bottle_dates,
        callback_date=fields.day("callback_date"),
        callback_day_dose_taken=fields.flag("callback_day_dose_taken", default=False),
    )
    return Answer(
        {
            "issued": count.issued,
            "sealed_expected": count.sealed_expected,
            "empties_expected": count.empties_expected,
        }
    )


def _missed_dose(fields: Fields) -> Answer:
    last_observed_date = fields.day("last_observed_date")
    take_home_dates = fields.days("take_home_dates", optional=True)
    present_date = fields.day("present_date", not_before=last_observed_date)
    treatment_day = fields.count("treatment_day", at_least=1)
    impaired = fields.flag("impaired", default=False)
    chosen = fields.settings()
    default = _MISSED_DOSE_POLICY
    policy = replace(
        default,
        hold_after_missed=chosen.count(
            "hold_after_missed", default=default.hold_after_missed, at_least=1
        ),
        hold_after_missed_induction=chosen.count(
            "hold_after_missed_induction", default=default.hold_after_missed_induction, at_least=1
        ),
        induction_days=chosen.count("induction_days", default=default.induction_days),
    )
    missed = missed_doses.missed_days(
        last_observed_date, present_date=present_date, take_home_dates=take_home_dates
    )
    answer = missed_doses.missed_dose(
        missed, treatment_day=treatment_day, impaired=impaired, policy=policy
    )
    return Answer(
        {
            "missed_days": answer.missed_days,
            "gate": answer.gate.value,
            "hold_reason": None if answer.hold_reason is None else answer.hold_reason.value,
            "nurse_assessment_required": answer.nurse_assessment_required,
        },
        answer.decision,
    )


def _missed_dose_advice(fields: Fields) -> Answer:
    advice = missed_doses.missed_dose_advice(
        fields.choice("table", of=AdviceTable),
        missed_days=fields.count("missed_days"),
        usual_dose_mg=fields.decimal("usual_dose_mg", above_zero=True),
    )
    dose_mg = None if advice.dose_mg is None else quantity(advice.dose_mg)
    return Answer({"advice": advice.advice.value, "dose_mg": dose_mg})


def _buprenorphine_start(fields: Fields) -> Answer:
    opioid_class = fields.choice(
        "opioid_class", of=OpioidClass, among=starts.HOURS_BEFORE_BUPRENORPHINE
    )
    hours = _hours_since_last_use(fields)
    cows_total = fields.count("cows_total", at_most=COWS_MAXIMUM)
    threshold = fields.settings().count(
        "cows_threshold",
        default=_START_POLICY.cows_threshold,
        at_least=_START_POLICY.cows_threshold,
        at_most=_HIGHEST_COWS_THRESHOLD,
    )
    answer = starts.buprenorphine_start(
        opioid_class,
        hours_since_last_use=hours,
        cows_total=cows_total,
        policy=replace(_START_POLICY, cows_threshold=threshold),
    )
    return Answer({"gate": answer.gate.value}, answer.decision)


def _hours_since_last_use(fields: Fields) -> Fraction:
    """Hours as told, or elapsed between two instants; one way of saying it, not both."""
    instants = ("last_use_at", "assessed_at")
    told = fields.has("hours_since_last_use")
    if told or not any(fields.has(name) for name in instants):
        hours = Fraction(fields.decimal("hours_since_last_use"))
        for name in instants:
            if fields.has(name):
                raise invalid(name)
        return hours
    last_use_at, assessed_at = (fields.moment(name) for name in instants)
    elapsed = assessed_at - last_use_at
    if elapsed.total_seconds() < 0:
        raise invalid("assessed_at")
    return Fraction(int(elapsed.total_seconds()), _SECONDS_AN_HOUR)


def _naltrexone_gate(fields: Fields) -> Answer:
    findings = NaltrexoneFindings(
        opioid_class=fields.choice("opioid_class", of=OpioidClass),
        days_since_last_opioid=fields.count("days_since_last_opioid"),
        uds_opioid=fields.choice("uds_opioid", of=UdsOpioid),
        naloxone_challenge=fields.choice(
            "naloxone_challenge", of=NaloxoneChallenge, default=NaloxoneChallenge.NOT_DONE
        ),
        withdrawal_signs=fields.flag("withdrawal_signs", default=False),
        on_opioid_analgesic=fields.flag("on_opioid_analgesic", default=False),
        acute_hepatitis_or_liver_failure=fields.flag(
            "acute_hepatitis_or_liver_failure", default=False
        ),
        active_agonist_order=fields.flag("active_agonist_order", default=False),
    )
    answer = starts.naltrexone_gate(findings)
    return Answer({"gate": answer.gate.value}, answer.decision)


def _long_acting_window(fields: Fields) -> Answer:
    product = fields.choice("product", of=LongActingProduct)
    given_date = fields.day("given_date")
    with charged_to("given_date"):
        window = starts.long_acting_window(product, given_date=given_date)
    return Answer(
        {
            "earliest_date": iso(window.earliest_date),
            "due_date": iso(window.due_date),
            "latest_date": iso(window.latest_date),
        }
    )


ENTRIES = (
    RuleEntry(
        name="take_home",
        package=_PACKAGE,
        summary="Whether these take-home bottles may be dispensed on this day of treatment.",
        sources=(
            TakeHomeCeilings().source,
            take_homes.CRITERIA_SOURCE,
            take_homes.CLOSURE_SOURCE,
        ),
        ask=_take_home,
    ),
    RuleEntry(
        name="closure_doses",
        package=_PACKAGE,
        summary="Which dates between two visits the clinic's closure covers.",
        sources=(take_homes.CLOSURE_SOURCE,),
        ask=_closure_doses,
    ),
    RuleEntry(
        name="take_home_ladder_2001",
        package=_PACKAGE,
        summary="The supply the 2001 rule allowed on a day of treatment.",
        sources=(take_homes.LADDER_2001_SOURCE,),
        ask=_take_home_ladder_2001,
    ),
    RuleEntry(
        name="callback_count",
        package=_PACKAGE,
        summary="How many sealed bottles and empties a callback should find.",
        sources=(take_homes.CALLBACK_SOURCE,),
        ask=_callback_count,
    ),
    RuleEntry(
        name="missed_dose",
        package=_PACKAGE,
        summary="Whether a patient who missed days is dosed or held for a new order.",
        sources=(_MISSED_DOSE_POLICY.source, missed_doses.IMPAIRMENT_SOURCE),
        ask=_missed_dose,
        settings=(
            Setting(
                "hold_after_missed",
                _MISSED_DOSE_POLICY.hold_after_missed,
                _MISSED_DOSE_POLICY.source,
            ),
            Setting(
                "hold_after_missed_induction",
                _MISSED_DOSE_POLICY.hold_after_missed_induction,
                _MISSED_DOSE_POLICY.source,
            ),
            Setting(
                "induction_days", _MISSED_DOSE_POLICY.induction_days, _MISSED_DOSE_POLICY.source
            ),
        ),
    ),
    RuleEntry(
        name="missed_dose_advice",
        package=_PACKAGE,
        summary="What a published table advises after missed days; never applied by itself.",
        sources=missed_doses.ADVICE_SOURCES,
        ask=_missed_dose_advice,
    ),
    RuleEntry(
        name="buprenorphine_start",
        package=_PACKAGE,
        summary="Whether a first dose of buprenorphine may be given yet.",
        sources=(starts.BUPRENORPHINE_HOURS_SOURCE, _START_POLICY.source),
        ask=_buprenorphine_start,
        settings=(Setting("cows_threshold", _START_POLICY.cows_threshold, _START_POLICY.source),),
    ),
    RuleEntry(
        name="naltrexone_gate",
        package=_PACKAGE,
        summary="Whether naltrexone may be started, or needs a naloxone challenge first.",
        sources=(NaltrexonePolicy().source,),
        ask=_naltrexone_gate,
    ),
    RuleEntry(
        name="long_acting_window",
        package=_PACKAGE,
        summary="When the next long-acting injection may be given, is due, and is late.",
        sources=tuple(interval.source for interval in LONG_ACTING_INTERVALS.values()),
        ask=_long_acting_window,
    ),
)

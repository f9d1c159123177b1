"""The door to the counts: census, stays, retention, capacity, attendance and urine tests."""

from __future__ import annotations

from clinic.census import rules
from clinic.census.facts import CapacityTerms
from clinic.core.periods import Days
from clinic.rulebook.facts import Answer, RuleEntry
from clinic.rulebook.reading import Fields, charged_to, invalid
from clinic.rulebook.writing import fixed, iso
from clinic.scheduling.rules.attendance import NO_SHOW_SOURCE, no_show_rate
from clinic.toxicology.rules import UDS_RATE_SOURCE, uds_rates

_PACKAGE = "clinic.census"


def _stay(fields: Fields) -> Days:
    admit_date = fields.day("admit_date")
    return Days(admit_date, fields.optional_day("discharge_date", not_before=admit_date))


def _census(fields: Fields) -> Answer:
    first_day = fields.day("period_start")
    last_day = fields.day("period_end", not_before=first_day)
    beds = fields.optional_count("beds", at_least=1)
    stays = [_stay(each) for each in fields.objects("stays")]
    census = rules.period_census(stays, first_day=first_day, last_day=last_day, beds=beds)
    return Answer(
        {
            "patient_days": census.patient_days,
            "calendar_days": census.calendar_days,
            "average_daily_census": fixed(census.average_daily_census),
            "occupancy_percent": fixed(census.occupancy_percent),
        }
    )


def _length_of_stay(fields: Fields) -> Answer:
    admit_date = fields.day("admit_date")
    stay = rules.length_of_stay(
        admit_date, discharge_date=fields.day("discharge_date", not_before=admit_date)
    )
    return Answer({"los_days": stay.los_days, "teds_los": stay.teds_los})


def _retention(fields: Fields) -> Answer:
    fields.count("day", at_least=1)
    admissions = fields.count("admissions")
    with_follow_up = fields.count("with_follow_up", at_most=admissions)
    rate = rules.retention_rate(
        with_follow_up, enrolled_on_day=fields.count("enrolled_on_day", at_most=with_follow_up)
    )
    return Answer({"rate_percent": fixed(rate)})


def _retention_from_episodes(fields: Fields) -> Answer:
    day = fields.count("day", at_least=1)
    as_of_date = fields.day("as_of_date")
    episodes = [_stay(each) for each in fields.objects("episodes")]
    retention = rules.retention_from_episodes(episodes, day=day, as_of_date=as_of_date)
    return Answer(
        {
            "admissions": retention.admissions,
            "with_follow_up": retention.with_follow_up,
            "enrolled_on_day": retention.enrolled_on_day,
            "rate_percent": fixed(retention.rate_percent),
        }
    )


def _capacity_notice(fields: Fields) -> Answer:
    capacity = fields.count("capacity", at_least=1)
    census = fields.count("census")
    as_of_date = fields.day("as_of_date")
    with charged_to("as_of_date"):
        notice = rules.capacity_notice(capacity, census=census, as_of_date=as_of_date)
    return Answer(
        {
            "occupancy_percent": fixed(notice.occupancy_percent),
            "notice_required": notice.notice_required,
            "notify_by": iso(notice.notify_by),
        }
    )


def _no_show_rate(fields: Fields) -> Answer:
    completed = fields.count("completed")
    no_show = fields.count("no_show")
    late_cancel = fields.count("late_cancel")
    for left_out in ("timely_cancel", "clinic_cancel"):
        fields.count(left_out, default=0)
    rate = no_show_rate(completed, no_show=no_show, late_cancel=late_cancel)
    return Answer({"rate_percent": fixed(rate)})


def _uds_rate(fields: Fields) -> Answer:
    due = fields.count("due")
    collected = fields.count("collected", at_most=due)
    negative = fields.count("negative", at_most=collected)
    expected_positive_only = fields.count("expected_positive_only", default=0)
    if negative + expected_positive_only > collected:
        raise invalid("expected_positive_only")
    rates = uds_rates(
        due,
        collected=collected,
        negative=negative,
        expected_positive_only=expected_positive_only,
    )
    return Answer(
        {
            "observed_negative_percent": fixed(rates.observed_negative_percent),
            "strict_negative_percent": fixed(rates.strict_negative_percent),
        }
    )


ENTRIES = (
    RuleEntry(
        name="census",
        package=_PACKAGE,
        summary="Patient-days, average daily census and occupancy of a period.",
        sources=(rules.CENSUS_SOURCE,),
        ask=_census,
    ),
    RuleEntry(
        name="length_of_stay",
        package=_PACKAGE,
        summary="How long a stay lasted, and the band it is reported in.",
        sources=(rules.LENGTH_OF_STAY_SOURCE,),
        ask=_length_of_stay,
    ),
    RuleEntry(
        name="retention",
        package=_PACKAGE,
        summary="The share still enrolled on a day of treatment, from counts.",
        sources=(rules.RETENTION_SOURCE,),
        ask=_retention,
    ),
    RuleEntry(
        name="retention_from_episodes",
        package=_PACKAGE,
        summary="The share still enrolled on a day of treatment, from the episodes.",
        sources=(rules.RETENTION_SOURCE,),
        ask=_retention_from_episodes,
    ),
    RuleEntry(
        name="capacity_notice",
        package=_PACKAGE,
        summary="Whether the state must hear that the program is nearly full, and by when.",
        sources=(CapacityTerms().source,),
        ask=_capacity_notice,
    ),
    RuleEntry(
        name="no_show_rate",
        package="clinic.scheduling",
        summary="The share of booked visits that were not kept.",
        sources=(NO_SHOW_SOURCE,),
        ask=_no_show_rate,
    ),
    RuleEntry(
        name="uds_rate",
        package="clinic.toxicology",
        summary="The share of negative urine tests, of those collected and of those due.",
        sources=(UDS_RATE_SOURCE,),
        ask=_uds_rate,
    ),
)

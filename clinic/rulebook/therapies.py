"""The door to the dates of a course, and to the holidays it goes around."""

from __future__ import annotations

from functools import partial

from clinic.rulebook.facts import Answer, RuleEntry
from clinic.rulebook.reading import Fields, charged_to
from clinic.rulebook.writing import iso_list
from clinic.sites.rules import FEDERAL_HOLIDAY_SOURCE, observed_federal_holidays
from clinic.therapies.facts import HolidayCalendar, TmsTaper
from clinic.therapies.rules import tms

_MOST_ACUTE_SESSIONS = 60
_FIRST_YEAR, _LAST_YEAR = 2022, 2099


def _tms_course(fields: Fields) -> Answer:
    start_date = fields.day("start_date")
    acute_sessions = fields.count("acute_sessions", at_least=1, at_most=_MOST_ACUTE_SESSIONS)
    taper = fields.choice("taper", of=TmsTaper)
    holiday_calendar = fields.choice("holiday_calendar", of=HolidayCalendar)
    closed_dates = fields.days("extra_closed_dates", optional=True)
    plan = partial(
        tms.plan_tms_course,
        start_date,
        acute_sessions=acute_sessions,
        taper=taper,
        holiday_calendar=holiday_calendar,
    )
    with charged_to("start_date"):
        course = plan()
    if closed_dates:
        with charged_to("extra_closed_dates"):
            course = plan(closed_dates=closed_dates)
    return Answer(
        {
            "acute_dates": iso_list(course.acute_dates),
            "taper_dates": iso_list(course.taper_dates),
            "session_count": course.session_count,
        }
    )


def _federal_holidays(fields: Fields) -> Answer:
    year = fields.count("calendar_year", at_least=_FIRST_YEAR, at_most=_LAST_YEAR)
    return Answer({"observed_dates": iso_list(observed_federal_holidays(year))})


ENTRIES = (
    RuleEntry(
        name="tms_course",
        package="clinic.therapies",
        summary="Every session date of a course of transcranial magnetic stimulation.",
        sources=(tms.TMS_SOURCE,),
        ask=_tms_course,
    ),
    RuleEntry(
        name="federal_holidays",
        package="clinic.sites",
        summary="The observed federal holidays that fall in a calendar year.",
        sources=(FEDERAL_HOLIDAY_SOURCE,),
        ask=_federal_holidays,
    ),
)

"""Courses as the house reads them: whose, how far, what next; and a course not yet begun."""

from __future__ import annotations

from clinic.therapies.queries.courses import (
    CourseRow,
    OpenCourse,
    ReferralRow,
    courses_of,
    open_courses_on,
    pathway,
    referrals_of,
)
from clinic.therapies.queries.planning import (
    CourseProposal,
    CourseRequest,
    known_facts,
    propose_course,
)

__all__ = [
    "CourseProposal",
    "CourseRequest",
    "CourseRow",
    "OpenCourse",
    "ReferralRow",
    "courses_of",
    "known_facts",
    "open_courses_on",
    "pathway",
    "propose_course",
    "referrals_of",
]

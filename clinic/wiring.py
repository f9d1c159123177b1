"""Which fact wakes which service, and who adds what to whose page: all causality on one page.

Everything here happens in the transaction that announced the fact, one hop deep. If a listener
declines, the fact did not happen either.
"""

from __future__ import annotations

from clinic.data.work import Reactions
from clinic.dosing import queries as doses
from clinic.dosing import services as dosing
from clinic.dosing.queries import pours
from clinic.programs.facts import Discharged, ModalityBegun
from clinic.rewards import services as rewards
from clinic.scheduling import services as scheduling
from clinic.scheduling.facts import AttendanceRecorded
from clinic.scheduling.queries import DueSource
from clinic.stock.queries import DayCheck
from clinic.therapies import services as therapies
from clinic.toxicology.facts import ResultConfirmed, ResultRecorded

REACTIONS: Reactions = {
    ResultRecorded: (rewards.award_for_result,),
    ResultConfirmed: (rewards.settle_confirmation,),
    AttendanceRecorded: (rewards.award_for_attendance,),
    ModalityBegun: (therapies.follow,),
    Discharged: (
        dosing.stop_orders,
        rewards.close_enrolments,
        scheduling.cancel_future_bookings,
        therapies.close_courses,
    ),
}

DUE_SOURCES: tuple[DueSource, ...] = (doses.due_on,)
"""What the domains above the schedule add to the day board, besides bookings."""

DAY_CHECKS: tuple[DayCheck, ...] = (doses.log_check, pours.pour_check)
"""What the domains above the stock keep a day open for."""

"""Which fact wakes which service: the whole causality of the house, on one page.

Everything here happens in the transaction that announced the fact, one hop deep. If a listener
declines, the fact did not happen either.
"""

from __future__ import annotations

from clinic.data.work import Reactions
from clinic.dosing import services as dosing
from clinic.programs.facts import Discharged
from clinic.rewards import services as rewards
from clinic.scheduling import services as scheduling
from clinic.therapies import services as therapies
from clinic.toxicology.facts import ResultRecorded

REACTIONS: Reactions = {
    ResultRecorded: (rewards.award_for_result,),
    Discharged: (
        dosing.stop_orders,
        rewards.close_enrolments,
        scheduling.cancel_future_bookings,
        therapies.close_courses,
    ),
}

"""What dosing reads: the queue, the window, the chart, the log, the bottles."""

from __future__ import annotations

from clinic.dosing.queries.chart import chart, doses_of, last_days
from clinic.dosing.queries.injections import injection_due, injections_due, injections_of
from clinic.dosing.queries.log import dose, log
from clinic.dosing.queries.orders import (
    active_medication_on,
    decide_order,
    decide_plan,
    episode_in_care,
    missed_advice,
    order_history,
    orders_of,
    plans_of,
    products_of,
    reported_of,
)
from clinic.dosing.queries.outreach import (
    attendance,
    clinic_caused,
    contacts_of_day,
    missed_on,
    open_tasks,
    outreach_due,
    shut_by_misses,
)
from clinic.dosing.queries.outreach import task as outreach_task
from clinic.dosing.queries.starts import ecgs_of, start_evidence
from clinic.dosing.queries.window import (
    AtWindow,
    at_window,
    closed_because,
    due_on,
    facts_for_dose,
    missed_list,
    queue,
)

__all__ = [
    "AtWindow",
    "active_medication_on",
    "at_window",
    "attendance",
    "chart",
    "clinic_caused",
    "closed_because",
    "contacts_of_day",
    "decide_order",
    "decide_plan",
    "dose",
    "doses_of",
    "due_on",
    "ecgs_of",
    "episode_in_care",
    "facts_for_dose",
    "injection_due",
    "injections_due",
    "injections_of",
    "last_days",
    "log",
    "missed_advice",
    "missed_list",
    "missed_on",
    "open_tasks",
    "order_history",
    "orders_of",
    "outreach_due",
    "outreach_task",
    "plans_of",
    "products_of",
    "queue",
    "reported_of",
    "shut_by_misses",
    "start_evidence",
]

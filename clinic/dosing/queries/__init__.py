"""What dosing reads: the queue, the window, the chart, the log, the bottles."""

from __future__ import annotations

from clinic.dosing.queries.chart import chart, doses_of, last_days
from clinic.dosing.queries.injections import (
    injection_before,
    injection_due,
    injections_due,
    injections_of,
)
from clinic.dosing.queries.log import dose, log, log_check, signatures
from clinic.dosing.queries.missed import missed_list
from clinic.dosing.queries.orders import (
    active_medication_on,
    decide_order,
    decide_plan,
    ends_of,
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
    callers,
    clinic_caused,
    contacts_of_day,
    missed_on,
    open_tasks,
    outreach_due,
    shut_by_misses,
)
from clinic.dosing.queries.outreach import require_task as require_outreach_task
from clinic.dosing.queries.starts import ecgs_of, start_evidence
from clinic.dosing.queries.window import (
    AtWindow,
    at_window,
    clock_behind,
    closed_because,
    due_on,
    facts_for_dose,
    queue,
)

__all__ = [
    "AtWindow",
    "active_medication_on",
    "at_window",
    "attendance",
    "callers",
    "chart",
    "clinic_caused",
    "clock_behind",
    "closed_because",
    "contacts_of_day",
    "decide_order",
    "decide_plan",
    "dose",
    "doses_of",
    "due_on",
    "ecgs_of",
    "ends_of",
    "episode_in_care",
    "facts_for_dose",
    "injection_before",
    "injection_due",
    "injections_due",
    "injections_of",
    "last_days",
    "log",
    "log_check",
    "missed_advice",
    "missed_list",
    "missed_on",
    "open_tasks",
    "order_history",
    "orders_of",
    "outreach_due",
    "plans_of",
    "products_of",
    "queue",
    "reported_of",
    "require_outreach_task",
    "shut_by_misses",
    "signatures",
    "start_evidence",
]

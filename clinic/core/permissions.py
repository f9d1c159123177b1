"""Every verb that needs leave. Who holds which is in ``staff/facts.py``."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One verb each. A route names exactly one; a role holds a set."""

    SIGN_IN_ONLY = "sign_in_only"
    """Pages every signed-in person has: own home, own password, sign out."""

    FIND_PATIENT = "find_patient"
    REGISTER_PATIENT = "register_patient"
    VIEW_CHART = "view_chart"
    EDIT_PATIENT = "edit_patient"

    VIEW_PROGRAMS = "view_programs"
    REFER = "refer"
    MOVE_CARE = "move_care"
    """Admit, transfer between levels of care, discharge, readmit."""

    VIEW_CATALOGUE = "view_catalogue"
    START_COURSE = "start_course"

    VIEW_SCHEDULE = "view_schedule"
    BOOK = "book"
    CHECK_IN = "check_in"
    MANAGE_RESOURCES = "manage_resources"

    VIEW_DOSING = "view_dosing"
    ORDER_MEDICATION = "order_medication"
    GIVE_DOSE = "give_dose"

    VIEW_RESULTS = "view_results"
    RECORD_RESULT = "record_result"

    VIEW_REWARDS = "view_rewards"
    ENROL_REWARDS = "enrol_rewards"
    REDEEM_REWARD = "redeem_reward"

    VIEW_CENSUS = "view_census"
    IMPORT_RECORDS = "import_records"

    VIEW_AUDIT = "view_audit"
    MANAGE_STAFF = "manage_staff"
    MANAGE_SITE = "manage_site"

    OWN_PORTAL = "own_portal"
    """A patient's own page; shows that patient and nobody else."""

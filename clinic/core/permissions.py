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
    DECIDE_TAKE_HOMES = "decide_take_homes"
    """The six criteria, exceptions, revocations: the practitioner's decision."""
    DECLARE_EMERGENCY = "declare_emergency"
    """Close the clinic at short notice, with bottles for everybody who may have them."""
    VIEW_INSPECTION = "view_inspection"

    VIEW_STOCK = "view_stock"
    MANAGE_STOCK = "manage_stock"
    """Receive, open, move, waste, count, close the day."""
    SIGN_STOCK_INCIDENT = "sign_stock_incident"
    """Say what is behind a difference the counts found: the supervisor's signature."""

    VIEW_RESULTS = "view_results"
    RECORD_RESULT = "record_result"

    VIEW_REWARDS = "view_rewards"
    ENROL_REWARDS = "enrol_rewards"
    REDEEM_REWARD = "redeem_reward"
    VOID_REWARD = "void_reward"
    VIEW_FIDELITY = "view_fidelity"
    """Liability, budget, and who records what how often."""
    MANAGE_FUNDS = "manage_funds"
    """Funding sources, prize and gift-card stock, closing a period."""
    MANAGE_PROTOCOLS = "manage_protocols"
    OVERRIDE_REWARD_TARGET = "override_reward_target"
    """Pay for opioid-negative samples after all: the medical director's, with the safety note."""

    VIEW_CENSUS = "view_census"
    IMPORT_RECORDS = "import_records"

    VIEW_AUDIT = "view_audit"
    MANAGE_STAFF = "manage_staff"
    MANAGE_SITE = "manage_site"

    OWN_PORTAL = "own_portal"
    """A patient's own page; shows that patient and nobody else."""

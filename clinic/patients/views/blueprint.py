"""The blueprint the pages of this domain hang on, and the tabs every chart page shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request, url_for

from clinic.core.permissions import Permission
from clinic.web.edge import actor
from clinic.web.permission import permission_of

patients = Blueprint("patients", __name__)

CHART_TABS = (
    ("Overview", "programs.chart"),
    ("Treatments", "therapies.courses"),
    ("Dosing", "dosing.chart"),
    ("Measures", "assessments.history"),
    ("Tests", "toxicology.history"),
    ("Rewards", "rewards.card"),
    ("Schedule", "scheduling.patient"),
    ("Coverage", "patients.coverage"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    href: str
    active: bool


@patients.app_context_processor
def chart_tabs() -> dict[str, Callable[..., list[Tab]]]:
    """Give templates ``chart_tabs(patient_id, tab)``: the tabs that exist and may be opened."""
    return {"chart_tabs": tabs_of}


def tabs_of(patient_id: UUID, tab: str | None = None) -> list[Tab]:
    """The tabs of a patient's chart.

    Shape: ``tab`` names the active one by label or endpoint; without it the page's own
    blueprint decides.
    """
    return [
        Tab(label, url_for(endpoint, patient_id=patient_id), _is_active(label, endpoint, tab))
        for label, endpoint in CHART_TABS
        if endpoint in current_app.view_functions and _may_open(endpoint)
    ]


def _may_open(endpoint: str) -> bool:
    needed: Any = permission_of(current_app.view_functions[endpoint])
    return isinstance(needed, Permission) and actor().may(needed)


def _is_active(label: str, endpoint: str, tab: str | None) -> bool:
    if tab:
        return tab.casefold() in {label.casefold(), endpoint}
    return request.blueprint == endpoint.partition(".")[0]

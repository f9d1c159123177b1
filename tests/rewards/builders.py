"""Enrolled patients for tests."""

from __future__ import annotations

from uuid import UUID

from clinic.data.work import Work
from clinic.rewards import services
from clinic.sites import services as sites
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission
from tests.toxicology.builders import a_visit


def an_enrolled_patient(work: Work, *, protocol_code: str = "higgins", visits: str = "") -> UUID:
    """A patient in opioid treatment, on a protocol, with the visits these letters tell."""
    patient_id = a_patient(work)
    an_admission(work, patient_id=patient_id)
    services.enrol(work, patient_id=patient_id, protocol_code=protocol_code)
    for letter in visits:
        a_visit(work, letter, patient_id=patient_id)
    return patient_id


def the_funder_caps(work: Work, cents: int) -> None:
    """The funder's yearly cap at this site, so that a test reaches it in a few visits."""
    sites.choose_setting(
        work,
        setting="rewards.yearly_cap_cents",
        value=cents,
        starts_on=work.service_date,
        source="grant terms",
    )

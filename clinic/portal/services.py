"""Give a patient the key to their own page."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.portal.models import PortalAccess
from clinic.staff import services as staff
from clinic.staff.facts import Role


def open_portal(work: Work, *, patient_id: UUID, username: str, password_hash: str) -> UUID:
    """An account through which the patient sees their own record.

    Raises: NotFound for an unknown patient; Clash when they have one already.
    """
    person = patients.get(work, patient_id=patient_id)
    held = work.session.scalar(
        sa.select(PortalAccess.id).where(
            PortalAccess.organization_id == work.site.organization_id,
            PortalAccess.patient_id == patient_id,
        )
    )
    if held is not None:
        raise Clash("This patient already has an account of their own.")
    user_id = staff.add_person(
        work,
        username=username,
        display_name=person.name.spoken,
        password_hash=password_hash,
        roles=[Role.PATIENT],
    )
    work.session.add(
        PortalAccess(
            organization_id=work.site.organization_id, user_id=user_id, patient_id=patient_id
        )
    )
    audit.record(work, action="portal.open", subject=f"account {username}", patient_id=patient_id)
    return user_id

"""Which account belongs to which patient."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Id, OfOrganization
from clinic.data.db import Model


class PortalAccess(OfOrganization, Model):
    """The account through which a patient sees their own record, and no other."""

    __tablename__ = "portal_access"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "user_id"),
        sa.UniqueConstraint("organization_id", "patient_id"),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))

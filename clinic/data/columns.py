"""Columns that many tables share, each with one meaning."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from clinic.data.types import UtcDateTime, new_id

Id = Annotated[UUID, mapped_column(sa.Uuid, primary_key=True, default=new_id)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Text = Annotated[str, mapped_column(sa.Text)]
Word = Annotated[str, mapped_column(sa.String(80))]
Json = Annotated[dict[str, Any], mapped_column(sa.JSON)]
ShortName = Annotated[str, mapped_column(sa.String(200))]


class OfSite:
    """The row belongs to one site; every unique constraint of its table begins with it."""

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"))


class OfOrganization:
    """The row belongs to the whole organisation, as patients and staff do."""

    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organization.id"))


class Attributed:
    """Who recorded the row and when. ``recorded_by`` is None for a job; its name stands beside."""

    recorded_at: Mapped[Instant]
    recorded_by_name: Mapped[ShortName]

    @declared_attr
    def recorded_by(cls) -> Mapped[UUID | None]:  # noqa: N805
        return mapped_column(sa.ForeignKey("user_account.id"))


class OnServiceDay:
    """A clinical act: the instant it happened, and the site's own date and zone at that instant."""

    occurred_at: Mapped[Instant]
    service_date: Mapped[date]
    time_zone: Mapped[str] = mapped_column(sa.String(64))


class Versioned:
    """An editable row. A form sends back the version it showed; a stale one is a Clash."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version}

"""Organisation, site, opening hours, closures, and the policy numbers a site chose."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Attributed, Id, OfOrganization, OfSite, ShortName, Versioned, Word
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.sites.facts import ClosureKind


class Organization(Model):
    """Who runs the sites. Patients and staff belong to it."""

    __tablename__ = "organization"

    id: Mapped[Id]
    name: Mapped[ShortName]


class Site(OfOrganization, Versioned, Model):
    """One clinic: its address, its zone, and when its day begins."""

    __tablename__ = "site"
    __table_args__ = (sa.UniqueConstraint("organization_id", "code"),)

    id: Mapped[Id]
    code: Mapped[Word]
    name: Mapped[ShortName]
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    day_starts_at: Mapped[time] = mapped_column(default=time(0, 0))
    address: Mapped[ShortName] = mapped_column(default="")
    telephone: Mapped[Word] = mapped_column(default="")
    beds: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class OpeningHours(OfSite, Model):
    """When a site is open on a weekday (Monday is 0). No row: closed that weekday."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "weekday"),
        sa.CheckConstraint("weekday between 0 and 6", "weekday"),
        sa.CheckConstraint("opens_at < closes_at", "order"),
    )

    id: Mapped[Id]
    weekday: Mapped[int]
    opens_at: Mapped[time]
    closes_at: Mapped[time]


class Closure(OfSite, Attributed, Model):
    """A whole day the site is shut, and why."""

    __tablename__ = "closure"
    __table_args__ = (sa.UniqueConstraint("site_id", "closed_on"),)

    id: Mapped[Id]
    closed_on: Mapped[date]
    kind: Mapped[ClosureKind] = mapped_column(EnumText(ClosureKind))
    reason: Mapped[ShortName]


class PolicySetting(OfSite, Attributed, Model):
    """A number the site chose in place of the default, from a date on, and on whose authority."""

    __tablename__ = "policy_setting"
    __table_args__ = (sa.UniqueConstraint("site_id", "setting", "starts_on"),)

    id: Mapped[Id]
    setting: Mapped[Word]
    value: Mapped[Any] = mapped_column(sa.JSON)
    starts_on: Mapped[date]
    source: Mapped[ShortName]

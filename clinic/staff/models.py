"""Accounts, the roles they hold at each site, and the sessions they have open."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import (
    Id,
    Instant,
    OfOrganization,
    OfSite,
    ShortName,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.staff.facts import Role


class UserAccount(OfOrganization, Versioned, Model):
    """One person's sign-in. Never shared, never reused."""

    __tablename__ = "user_account"
    __table_args__ = (sa.UniqueConstraint("organization_id", "username"),)

    id: Mapped[Id]
    username: Mapped[Word]
    display_name: Mapped[ShortName]
    password_hash: Mapped[ShortName]
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[Instant | None]
    last_signed_in_at: Mapped[Instant | None]


class SiteRole(OfSite, Model):
    """A role an account holds at a site."""

    __tablename__ = "site_role"
    __table_args__ = (sa.UniqueConstraint("site_id", "user_id", "role"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    role: Mapped[Role] = mapped_column(EnumText(Role))


class SignInSession(OfSite, Model):
    """An open or ended session. The cookie holds a secret whose hash is kept here."""

    __tablename__ = "sign_in_session"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64))
    started_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ended_why: Mapped[str | None] = mapped_column(sa.String(80))


class KeptForm(OfSite, Model):
    """A form that arrived after its session had timed out, waiting for its sender to come back."""

    __tablename__ = "kept_form"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    path: Mapped[ShortName]
    fields: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    kept_at: Mapped[Instant]


class UserPin(OfOrganization, Versioned, Model):
    """Six digits by which somebody signs at a window, after the password opened the session."""

    __tablename__ = "user_pin"
    __table_args__ = (sa.UniqueConstraint("organization_id", "user_id"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    pin_hash: Mapped[ShortName]
    failures: Mapped[int] = mapped_column(default=0)
    set_at: Mapped[Instant]


class SessionLock(OfSite, Versioned, Model):
    """Whether an open session is locked, and how its person last said who they are."""

    __tablename__ = "session_lock"
    __table_args__ = (sa.UniqueConstraint("site_id", "session_id"),)

    id: Mapped[Id]
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("sign_in_session.id"), index=True)
    locked_at: Mapped[Instant | None]
    signed_at: Mapped[Instant | None]

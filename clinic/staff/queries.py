"""Who is behind a session, and who works here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clinic.core.actors import Actor
from clinic.core.service_dates import SiteClock
from clinic.data.work import Work
from clinic.sites import queries as sites
from clinic.sites.models import Site
from clinic.staff.facts import LockPolicy, Role, SignedIn, verbs_of
from clinic.staff.models import SessionLock, SignInSession, SiteRole, UserAccount, UserPin


@dataclass(frozen=True, slots=True)
class Account:
    """What signing in needs to know of an account."""

    user_id: UUID
    display_name: str
    password_hash: str
    is_active: bool
    locked_until: datetime | None
    site: SiteClock | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A live session with everything a request asks of it."""

    person: SignedIn
    secret_hash: str
    started_at: datetime
    last_seen_at: datetime
    site: SiteClock
    site_name: str
    actor: Actor
    locked_at: datetime | None
    signed_at: datetime
    """When the person last proved who they are: by PIN, or by password when the session began."""
    has_pin: bool


@dataclass(frozen=True, slots=True)
class KnownPin:
    """The PIN of an account: its hash, and how often in a row it was mistyped."""

    pin_hash: str
    failures: int


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One line of the staff list."""

    user_id: UUID
    username: str
    display_name: str
    is_active: bool
    locked_until: datetime | None
    last_signed_in_at: datetime | None
    roles: tuple[Role, ...]


def account(session: Session, *, username: str) -> Account | None:
    """The account of a username, at the first site where it holds a role."""
    row = session.execute(
        sa.select(UserAccount, Site)
        .outerjoin(SiteRole, SiteRole.user_id == UserAccount.id)
        .outerjoin(Site, Site.id == SiteRole.site_id)
        .where(UserAccount.username == username)
        .order_by(Site.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    found: UserAccount = row[0]
    site: Site | None = row[1]
    return Account(
        user_id=found.id,
        display_name=found.display_name,
        password_hash=found.password_hash,
        is_active=found.is_active,
        locked_until=found.locked_until,
        site=_clock(site) if site else None,
    )


_OPEN_SESSION = (
    sa.select(
        SignInSession.secret_hash,
        SignInSession.started_at,
        SignInSession.last_seen_at,
        UserAccount.id.label("user_id"),
        UserAccount.username,
        UserAccount.display_name,
        UserAccount.organization_id,
        Site.id.label("site_id"),
        Site.name.label("site_name"),
        Site.time_zone,
        Site.day_starts_at,
        SiteRole.role,
        SessionLock.locked_at,
        SessionLock.signed_at,
        UserPin.id.label("pin_id"),
    )
    .join(UserAccount, UserAccount.id == SignInSession.user_id)
    .join(Site, Site.id == SignInSession.site_id)
    .join(
        SiteRole,
        (SiteRole.user_id == UserAccount.id) & (SiteRole.site_id == SignInSession.site_id),
    )
    .outerjoin(SessionLock, SessionLock.session_id == SignInSession.id)
    .outerjoin(
        UserPin,
        (UserPin.organization_id == UserAccount.organization_id)
        & (UserPin.user_id == UserAccount.id),
    )
    .where(
        SignInSession.id == sa.bindparam("session_id"),
        SignInSession.ended_at.is_(None),
        UserAccount.is_active,
    )
)


def open_session(session: Session, *, session_id: UUID) -> OpenSession | None:
    """The session, unless it ended, its account was disabled, or it lost every role here."""
    rows = session.execute(_OPEN_SESSION, {"session_id": session_id}).all()
    if not rows:
        return None
    first = rows[0]
    roles = frozenset(row.role for row in rows)
    return OpenSession(
        person=SignedIn(
            session_id=session_id,
            user_id=first.user_id,
            username=first.username,
            display_name=first.display_name,
            organization_id=first.organization_id,
            site_id=first.site_id,
            roles=roles,
        ),
        secret_hash=first.secret_hash,
        started_at=first.started_at,
        last_seen_at=first.last_seen_at,
        site=SiteClock(first.site_id, first.organization_id, first.time_zone, first.day_starts_at),
        site_name=first.site_name,
        actor=Actor(first.user_id, first.display_name, verbs_of(roles)),
        locked_at=first.locked_at,
        signed_at=first.signed_at or first.started_at,
        has_pin=first.pin_id is not None,
    )


def pin_of(session: Session, *, user_id: UUID) -> KnownPin | None:
    """The PIN of an account; None when it has none."""
    row = session.execute(
        sa.select(UserPin.pin_hash, UserPin.failures).where(UserPin.user_id == user_id)
    ).first()
    return KnownPin(row.pin_hash, row.failures) if row else None


def lock_policy(work: Work) -> LockPolicy:
    """How soon this site's windows lock."""
    return sites.policy(work, LockPolicy(), of="window_lock", on=work.service_date)


def sites_of(session: Session, *, user_id: UUID) -> Sequence[tuple[UUID, str]]:
    """The sites where an account holds a role, by name."""
    rows = session.execute(
        sa.select(Site.id, Site.name)
        .join(SiteRole, SiteRole.site_id == Site.id)
        .where(SiteRole.user_id == user_id, Site.is_active)
        .distinct()
        .order_by(Site.name)
    )
    return [(row.id, row.name) for row in rows]


def members(work: Work) -> list[StaffMember]:
    """Everybody with a role at this site, by name; two statements however many they are."""
    roles: dict[UUID, list[Role]] = {}
    for user_id, role in work.session.execute(
        sa.select(SiteRole.user_id, SiteRole.role).where(SiteRole.site_id == work.site.id)
    ):
        roles.setdefault(user_id, []).append(role)
    rows = work.session.scalars(
        sa.select(UserAccount).where(UserAccount.id.in_(roles)).order_by(UserAccount.display_name)
    )
    return [
        StaffMember(
            user_id=row.id,
            username=row.username,
            display_name=row.display_name,
            is_active=row.is_active,
            locked_until=row.locked_until,
            last_signed_in_at=row.last_signed_in_at,
            roles=tuple(sorted(roles[row.id])),
        )
        for row in rows
    ]


def names_by_role(work: Work, *, role: Role) -> list[tuple[UUID, str]]:
    """Active people holding a role at this site: id and name, by name."""
    rows = work.session.execute(
        sa.select(UserAccount.id, UserAccount.display_name)
        .join(SiteRole, SiteRole.user_id == UserAccount.id)
        .where(SiteRole.site_id == work.site.id, SiteRole.role == role, UserAccount.is_active)
        .order_by(UserAccount.display_name)
    )
    return [(row.id, row.display_name) for row in rows]


def _clock(site: Site) -> SiteClock:
    day_starts_at: time = site.day_starts_at
    return SiteClock(site.id, site.organization_id, site.time_zone, day_starts_at)

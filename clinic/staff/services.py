"""Sign in and out, add people, give and take roles. Passwords arrive here already hashed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import Work
from clinic.staff.facts import Role, UnsentForm
from clinic.staff.models import (
    KeptForm,
    SessionLock,
    SignInSession,
    SiteRole,
    UserAccount,
    UserPin,
)

KEPT_FOR = timedelta(hours=12)
"""A kept form outlives its session by a working day at most."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the cookie of a new session carries: its id and its secret, in clear."""

    session_id: UUID
    secret: str

    def __str__(self) -> str:
        return f"{self.session_id.hex}.{self.secret}"


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    """Source: site policy; OWASP ASVS 5.0 V6 asks for a limit and names no number."""

    failures_max: int
    lockout: timedelta


def hash_secret(secret: str) -> str:
    """What of a session's secret is kept: enough to know it again, not to use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_in(work: Work, *, user_id: UUID, replaces: UUID | None = None) -> Ticket:
    """Open a session for an account whose password was right, and end the one it ``replaces``."""
    account = work.session.get_one(UserAccount, user_id)
    account.failed_sign_ins = 0
    account.locked_until = None
    account.last_signed_in_at = work.now
    _forgive_pin(work, user_id)
    if replaces is not None:
        _end_session(work, replaces, why="signed in again")
    secret = secrets.token_urlsafe(32)
    opened = SignInSession(
        id=work.new_id(),
        site_id=work.site.id,
        user_id=user_id,
        secret_hash=hash_secret(secret),
        started_at=work.now,
        last_seen_at=work.now,
    )
    work.session.add(opened)
    audit.record(work, action="session.sign_in", subject=f"account {account.username}")
    return Ticket(opened.id, secret)


def note_failure(work: Work, *, user_id: UUID, policy: LockoutPolicy) -> None:
    """Count a wrong password; at the policy's number the account is locked for a while."""
    account = work.session.get_one(UserAccount, user_id)
    account.failed_sign_ins += 1
    if account.failed_sign_ins >= policy.failures_max:
        account.locked_until = work.now + policy.lockout
        account.failed_sign_ins = 0
    audit.record(work, action="session.sign_in_failed", subject=f"account {account.username}")


def touch(work: Work, *, session_id: UUID) -> None:
    """Note that the session is in use."""
    work.session.execute(
        sa.update(SignInSession).where(SignInSession.id == session_id).values(last_seen_at=work.now)
    )


def sign_out(work: Work, *, session_id: UUID, why: str) -> None:
    """End one session; its cookie is worthless from now on."""
    _end_session(work, session_id, why=why)
    audit.record(work, action="session.sign_out", subject=f"session {session_id}")


def sign_out_everywhere(work: Work, *, user_id: UUID, why: str) -> int:
    """End every open session of an account, on whatever machine; how many there were."""
    ended = work.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None))
        .values(ended_at=work.now, ended_why=why)
        .returning(SignInSession.id)
    ).all()
    audit.record(work, action="session.sign_out_everywhere", subject=f"account {user_id}")
    return len(ended)


def switch_site(work: Work, *, session_id: UUID, user_id: UUID, site_id: UUID) -> None:
    """Work at another site from the next request on.

    Raises: NotFound when the account holds no role there.
    """
    held = work.session.scalar(
        sa.select(SiteRole.id)
        .where(SiteRole.user_id == user_id, SiteRole.site_id == site_id)
        .limit(1)
    )
    if held is None:
        raise NotFound("site")
    work.session.execute(
        sa.update(SignInSession).where(SignInSession.id == session_id).values(site_id=site_id)
    )
    audit.record(work, action="session.switch_site", subject=f"site {site_id}")


def add_person(
    work: Work,
    *,
    username: str,
    display_name: str,
    password_hash: str,
    roles: Iterable[Role],
) -> UUID:
    """Open an account with roles at this site.

    Raises: Clash when the username is taken; Refused without a role.
    """
    wanted = frozenset(roles)
    if not wanted:
        raise Refused("Choose at least one role.")
    taken = work.session.scalar(
        sa.select(UserAccount.id).where(
            UserAccount.organization_id == work.site.organization_id,
            UserAccount.username == username,
        )
    )
    if taken is not None:
        raise Clash(f"The username {username} is taken.")
    account = UserAccount(
        id=work.new_id(),
        organization_id=work.site.organization_id,
        username=username,
        display_name=display_name,
        password_hash=password_hash,
    )
    work.session.add(account)
    work.session.flush()
    _grant(work, account.id, wanted)
    audit.record(
        work,
        action="staff.add",
        subject=f"account {username}",
        detail={"roles": sorted(role.value for role in wanted)},
    )
    return account.id


def set_roles(work: Work, *, user_id: UUID, roles: Iterable[Role]) -> None:
    """Replace an account's roles at this site; open sessions lose what they lose at once.

    Raises: NotFound; Refused when an administrator would take their own last administration.
    """
    wanted = frozenset(roles)
    account = _member(work, user_id)
    if user_id == work.actor.id and Role.ADMINISTRATOR not in wanted:
        raise Refused("You cannot take the administrator role from yourself.")
    work.session.execute(
        sa.delete(SiteRole).where(SiteRole.site_id == work.site.id, SiteRole.user_id == user_id)
    )
    _grant(work, user_id, wanted)
    audit.record(
        work,
        action="staff.set_roles",
        subject=f"account {account.username}",
        detail={"roles": sorted(role.value for role in wanted)},
    )


def set_active(work: Work, *, user_id: UUID, is_active: bool) -> None:
    """Let somebody in again, or shut them out: their next request already fails.

    Raises: NotFound unless they hold a role at this site; Refused when it is your own account.
    """
    account = _member(work, user_id)
    if not _holds_role(work, user_id):
        raise NotFound("account")
    if user_id == work.actor.id:
        raise Refused("You cannot disable your own account.")
    account.is_active = is_active
    if not is_active:
        sign_out_everywhere(work, user_id=user_id, why="account disabled")
    audit.record(
        work,
        action="staff.enable" if is_active else "staff.disable",
        subject=f"account {account.username}",
    )


def change_password(work: Work, *, user_id: UUID, password_hash: str, keep: UUID | None) -> None:
    """Set a new password and end every other session of the account."""
    account = work.session.get_one(UserAccount, user_id)
    account.password_hash = password_hash
    work.session.execute(
        sa.update(SignInSession)
        .where(
            SignInSession.user_id == user_id,
            SignInSession.ended_at.is_(None),
            SignInSession.id != keep if keep else sa.true(),
        )
        .values(ended_at=work.now, ended_why="password changed")
    )
    audit.record(work, action="staff.change_password", subject=f"account {account.username}")


def set_pin(work: Work, *, user_id: UUID, pin_hash: str) -> None:
    """Give an account a PIN to sign with, or another one."""
    pin = _pin(work, user_id)
    if pin is None:
        pin = UserPin(
            id=work.new_id(),
            organization_id=work.site.organization_id,
            user_id=user_id,
            pin_hash=pin_hash,
            set_at=work.now,
        )
        work.session.add(pin)
    pin.pin_hash, pin.failures, pin.set_at = pin_hash, 0, work.now
    work.session.flush()
    audit.record(work, action="staff.set_pin", subject=f"account {user_id}")


def note_pin_failure(work: Work, *, user_id: UUID) -> int:
    """Count a wrong PIN; how many in a row there were."""
    failures = work.session.scalar(
        sa.update(UserPin)
        .where(UserPin.user_id == user_id)
        .values(failures=UserPin.failures + 1)
        .returning(UserPin.failures)
    )
    audit.record(work, action="session.pin_failed", subject=f"account {user_id}")
    return failures or 0


def accept_pin(work: Work, *, user_id: UUID) -> None:
    """A right PIN was given: earlier mistakes are forgotten."""
    _forgive_pin(work, user_id)


def lock(work: Work, *, session_id: UUID) -> None:
    """Nobody was there: this session gives no dose until its person signs again."""
    _lock_row(work, session_id).locked_at = work.now
    work.session.flush()
    audit.record(work, action="session.lock", subject=f"session {session_id}")


def sign(work: Work, *, session_id: UUID, user_id: UUID) -> None:
    """The session's own person signed by PIN: it goes on, and this is their latest signature."""
    _forgive_pin(work, user_id)
    row = _lock_row(work, session_id)
    row.locked_at, row.signed_at = None, work.now
    touch(work, session_id=session_id)
    work.session.flush()
    audit.record(work, action="session.sign", subject=f"session {session_id}")


def keep_form(work: Work, *, user_id: UUID, form: UnsentForm) -> UUID:
    """Keep what somebody sent after their session had timed out; older leftovers of the site go."""
    work.session.execute(
        sa.delete(KeptForm).where(
            KeptForm.site_id == work.site.id, KeptForm.kept_at < work.now - KEPT_FOR
        )
    )
    kept = KeptForm(
        id=work.new_id(),
        site_id=work.site.id,
        user_id=user_id,
        path=form.path,
        fields=[list(field) for field in form.fields],
        kept_at=work.now,
    )
    work.session.add(kept)
    return kept.id


def take_kept_form(work: Work, *, form_id: UUID, user_id: UUID) -> UnsentForm | None:
    """Hand a kept form back to the person who typed it, once; None to anybody else."""
    kept = work.session.get(KeptForm, form_id)
    if kept is None or kept.user_id != user_id or kept.kept_at < work.now - KEPT_FOR:
        return None
    work.session.delete(kept)
    return UnsentForm(kept.path, tuple((name, value) for name, value in kept.fields))


def is_locked(*, locked_until: datetime | None, now: datetime) -> bool:
    """Whether an account's lock still holds; it opens at ``locked_until`` itself."""
    return locked_until is not None and now < locked_until


def _end_session(work: Work, session_id: UUID, *, why: str) -> None:
    work.session.execute(
        sa.update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .values(ended_at=work.now, ended_why=why)
    )


def _forgive_pin(work: Work, user_id: UUID) -> None:
    work.session.execute(
        sa.update(UserPin)
        .where(UserPin.user_id == user_id, UserPin.failures > 0)
        .values(failures=0)
    )


def _pin(work: Work, user_id: UUID) -> UserPin | None:
    return work.session.scalar(sa.select(UserPin).where(UserPin.user_id == user_id))


def _lock_row(work: Work, session_id: UUID) -> SessionLock:
    row = work.session.scalar(sa.select(SessionLock).where(SessionLock.session_id == session_id))
    if row is None:
        row = SessionLock(id=work.new_id(), site_id=work.site.id, session_id=session_id)
        work.session.add(row)
    return row


def _holds_role(work: Work, user_id: UUID) -> bool:
    here = sa.exists().where(SiteRole.site_id == work.site.id, SiteRole.user_id == user_id)
    return bool(work.session.scalar(sa.select(here)))


def _grant(work: Work, user_id: UUID, roles: frozenset[Role]) -> None:
    work.session.add_all(
        SiteRole(site_id=work.site.id, user_id=user_id, role=role) for role in sorted(roles)
    )


def _member(work: Work, user_id: UUID) -> UserAccount:
    account = work.session.get(UserAccount, user_id)
    if account is None or account.organization_id != work.site.organization_id:
        raise NotFound("account")
    return account

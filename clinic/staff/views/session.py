"""Signing in and out, the idle lock, and each role's own first page."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import (
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from clinic.core.actors import Actor
from clinic.core.permissions import Permission
from clinic.data.db import db
from clinic.data.work import unit_of_work
from clinic.staff import queries, services
from clinic.staff.facts import UnsentForm
from clinic.staff.forms import PasswordForm, PinForm, SignInForm, UnlockForm
from clinic.staff.queries import OpenSession
from clinic.staff.rules import looks_like_pin
from clinic.staff.services import LockoutPolicy
from clinic.staff.views.blueprint import staff
from clinic.staff.views.login import load_person, opened_by
from clinic.staff.views.pins import WRONG_PIN, signs
from clinic.web import passwords
from clinic.web.edge import begin_work, clock
from clinic.web.forms import given
from clinic.web.navigation import items_for
from clinic.web.pages import local_path, page, see_other
from clinic.web.permission import public, requires

WRONG = "That username and password do not match, or the account is locked for a while."
KEPT_PATH_LENGTH_MAX = 200
NEVER_KEPT = frozenset({"csrf_token", "password", "current", "new", "again", "pin", "pin_again"})


def unknown() -> ResponseReturnValue:
    """Somebody without a live session asked for a page: sign in, then go on where they were.

    A form sent after the idle limit is not lost: it is kept on the server, and the same person may
    send it again once they are back.
    """
    form = SignInForm(formdata=None)
    if request.method == "POST":
        form.kept.data = _keep_form()
        return page("staff/sign_in", form=form, expired=g.get("expired")), 401
    return redirect(url_for("staff.sign_in", next=request.full_path.rstrip("?")))


@staff.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for("staff.home"))
    return page("staff/sign_in", form=SignInForm(formdata=None), expired=None)


@staff.post("/sign-in")
@public
def open_session() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return page("staff/sign_in", form=form, expired=None), 422
    ticket = _attempt(
        given(form.username.data), given(form.password.data), former=_former_session()
    )
    if ticket is None:
        form.password.errors = [WRONG]
        return page("staff/sign_in", form=form, expired=None), 422
    _enter(ticket)
    kept = _kept_form(form.kept.data)
    if kept is not None:
        return page("staff/kept_form", kept=kept)
    return see_other(local_path(request.args.get("next"), otherwise=url_for("staff.home")))


@staff.post("/unlock")
@public
def unlock() -> ResponseReturnValue:
    """The idle lock: a PIN goes on with the session, a password opens a new one behind the page.

    Only the same person's.
    """
    former = _former_session()
    form = UnlockForm()
    if former is None or not form.validate():
        return jsonify(message="Sign in again."), 401
    if looks_like_pin(given(form.password.data)):
        return _unlock_by_pin(given(form.password.data))
    ticket = _attempt(former.person.username, given(form.password.data), former=former)
    if ticket is None:
        return jsonify(message=WRONG), 422
    _enter(ticket, keep_token=True)
    return jsonify(unlocked=True)


def _unlock_by_pin(pin: str) -> ResponseReturnValue:
    """A PIN goes on with a session that still lives; one that timed out wants the password."""
    if not current_user.is_authenticated:
        return jsonify(message="Too long ago for a PIN: your password, please."), 422
    if not signs(pin):
        return jsonify(message=WRONG_PIN), 422
    return jsonify(unlocked=True)


@staff.post("/sign-out")
@requires(Permission.SIGN_IN_ONLY)
def sign_out() -> ResponseReturnValue:
    with begin_work() as work:
        services.sign_out(work, session_id=current_user.session_id, why="signed out")
    logout_user()
    session.clear()
    return see_other(url_for("staff.sign_in"))


@staff.post("/sign-out-everywhere")
@requires(Permission.SIGN_IN_ONLY)
def sign_out_everywhere() -> ResponseReturnValue:
    with begin_work() as work:
        services.sign_out_everywhere(work, user_id=current_user.id, why="signed out everywhere")
    logout_user()
    session.clear()
    return see_other(url_for("staff.sign_in"))


@staff.post("/site")
@requires(Permission.SIGN_IN_ONLY)
def switch_site() -> ResponseReturnValue:
    site_id = request.form.get("site_id", type=UUID)
    if site_id is None:
        abort(404)
    with begin_work() as work:
        services.switch_site(
            work,
            session_id=current_user.session_id,
            user_id=current_user.id,
            site_id=site_id,
        )
    return see_other(url_for("staff.home"))


@staff.get("/")
@requires(Permission.SIGN_IN_ONLY)
def home() -> ResponseReturnValue:
    """Everybody starts where their day does: the first place their role may open."""
    places = items_for(current_user.actor)
    first = {
        "nurse": "dosing.queue",
        "pharmacist": "dosing.queue",
        "counselor": "scheduling.day_board",
        "administrator": "census.day",
        "inspector": "census.day",
        "prescriber": "patients.find",
    }
    for role, endpoint in first.items():
        if role in current_user.roles:
            return redirect(url_for(endpoint))
    return redirect(url_for(places[0].endpoint if places else "staff.account"))


@staff.get("/account")
@requires(Permission.SIGN_IN_ONLY)
def account() -> ResponseReturnValue:
    return page("staff/account", form=PasswordForm(formdata=None), pin_form=PinForm(formdata=None))


@staff.post("/account")
@requires(Permission.SIGN_IN_ONLY)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate():
        return page("staff/account", form=form, pin_form=PinForm(formdata=None)), 422
    known = queries.account(db.session(), username=current_user.username)
    if known is None or not passwords.matches(known.password_hash, given(form.current.data)):
        form.current.errors = ["That is not your current password."]
        return page("staff/account", form=form, pin_form=PinForm(formdata=None)), 422
    hashed = passwords.hash_of(given(form.new.data))
    with begin_work() as work:
        services.change_password(
            work, user_id=current_user.id, password_hash=hashed, keep=current_user.session_id
        )
    flash("Password changed. Every other session of yours has ended.", "ok")
    return see_other(url_for("staff.account"))


def _former_session() -> OpenSession | None:
    """The session this browser's cookie still names, idle or not."""
    return opened_by(str(session.get("_user_id", "")))


def _attempt(username: str, password: str, *, former: OpenSession | None) -> str | None:
    """A ticket for the right password, else None; unknown, disabled and locked look alike.

    The ``former`` session ends; the same person goes on at the site they were working at.
    """
    known = queries.account(db.session(), username=username)
    right = passwords.matches(known.password_hash if known else None, password)
    if known is None or known.site is None or not known.is_active:
        return None
    now = clock()
    if services.is_locked(locked_until=known.locked_until, now=now):
        return None
    same = former is not None and former.person.user_id == known.user_id
    site = former.site if former and same else known.site
    actor = Actor(known.user_id, known.display_name, frozenset())
    with unit_of_work(actor=actor, now=now, site=site, reactions={}) as work:
        if not right:
            services.note_failure(work, user_id=known.user_id, policy=_lockout())
            return None
        replaces = former.person.session_id if former else None
        return str(services.sign_in(work, user_id=known.user_id, replaces=replaces))


def _enter(ticket: str, *, keep_token: bool = False) -> None:
    """Put the ticket in a fresh cookie. The form token is kept only for the same person's page."""
    token = session.get("csrf_token") if keep_token else None
    session.clear()
    if token:
        session["csrf_token"] = token
    login_user(load_person(ticket))


def _lockout() -> LockoutPolicy:
    settings = current_app.config
    return LockoutPolicy(
        failures_max=settings["SIGN_IN_FAILURES_MAX"],
        lockout=timedelta(minutes=settings["LOCKOUT_MINUTES"]),
    )


def _keep_form() -> str:
    """The id under which the fields just sent are kept; empty when they can't be.

    Only a cookie whose own session timed out keeps anything: strangers fill no table.
    """
    expired: OpenSession | None = g.get("expired")
    if expired is None or request.files or len(request.path) > KEPT_PATH_LENGTH_MAX:
        return ""
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in NEVER_KEPT]
    with unit_of_work(actor=expired.actor, now=clock(), site=expired.site, reactions={}) as work:
        form = UnsentForm(request.path, tuple(fields))
        return str(services.keep_form(work, user_id=expired.person.user_id, form=form))


def _kept_form(kept: str | None) -> UnsentForm | None:
    """The form this person sent before, if they did."""
    try:
        form_id = UUID(kept or "")
    except ValueError:
        return None
    with begin_work() as work:
        return services.take_kept_form(work, form_id=form_id, user_id=current_user.id)

"""Six digits at the window: set them, lock, sign again."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from clinic.core.permissions import Permission
from clinic.data.db import db
from clinic.staff import queries, services
from clinic.staff.forms import PasswordForm, PinForm, UnlockForm
from clinic.staff.rules import looks_like_pin
from clinic.staff.views.blueprint import staff
from clinic.web import passwords
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import local_path, page, see_other
from clinic.web.permission import permission_of, requires

WRONG_PIN = "That is not the PIN. After a few wrong ones only your password opens."


@staff.post("/account/pin")
@requires(Permission.SIGN_IN_ONLY)
def set_pin() -> ResponseReturnValue:
    form = PinForm()
    if not form.validate() or not _knows_password(form):
        return page("staff/account", form=PasswordForm(formdata=None), pin_form=form), 422
    hashed = passwords.hash_of(given(form.pin.data))
    with begin_work() as work:
        services.set_pin(work, user_id=current_user.id, pin_hash=hashed)
    flash("You sign with this PIN from now on.", "ok")
    return see_other(url_for("staff.account"))


@staff.post("/present")
@requires(Permission.SIGN_IN_ONLY)
def present() -> ResponseReturnValue:
    """Somebody is typing or moving: reading who they are has already noted it."""
    return jsonify(locked=current_user.is_locked)


@staff.post("/lock")
@requires(Permission.SIGN_IN_ONLY)
def lock() -> ResponseReturnValue:
    with begin_work() as work:
        services.lock(work, session_id=current_user.session_id)
    return jsonify(locked=True)


@staff.post("/sign")
@requires(Permission.SIGN_IN_ONLY)
def sign() -> ResponseReturnValue:
    """Without JavaScript, or after the lock: sign, then go back to the page and give the dose."""
    form = UnlockForm()
    if not form.validate() or not signs(given(form.password.data)):
        form.password.errors = [WRONG_PIN]
        return page("staff/locked", form=form, back=request.args.get("next")), 422
    return see_other(local_path(request.args.get("next"), otherwise=url_for("staff.home")))


def refuse_while_locked() -> ResponseReturnValue | None:
    """Before any request: a locked session gives no dose and touches no stock."""
    if request.method != "POST" or not current_user.is_authenticated or not request.endpoint:
        return None
    needed = permission_of(current_app.view_functions[request.endpoint])
    if needed is not Permission.GIVE_DOSE or not current_user.is_locked:
        return None
    return page("staff/locked", form=UnlockForm(formdata=None), back=_came_from()), 423


def signs(secret: str) -> bool:
    """Whether the signed-in person gave their own PIN or password; the lock then opens."""
    if not looks_like_pin(secret):
        right = passwords.matches(_own_hash(), secret)
    else:
        right = pin_fits(current_user.id, secret)
    if right:
        with begin_work() as work:
            services.sign(work, session_id=current_user.session_id, user_id=current_user.id)
    return right


def pin_fits(user_id: UUID, pin: str) -> bool:
    """Whether it is the account's PIN. A wrong one counts; after too many none fits any more."""
    known = queries.pin_of(db.session(), user_id=user_id)
    right = passwords.matches(known.pin_hash if known else None, pin)
    with begin_work() as work:
        if known is None or known.failures >= queries.lock_policy(work).pin_failures_max:
            return False
        if right:
            services.accept_pin(work, user_id=user_id)
        else:
            services.note_pin_failure(work, user_id=user_id)
    return right


def _knows_password(form: PinForm) -> bool:
    if passwords.matches(_own_hash(), given(form.password.data)):
        return True
    form.password.errors = ["That is not your password."]
    return False


def _own_hash() -> str | None:
    with begin_reading() as work:
        known = queries.account(work.session, username=current_user.username)
    return known.password_hash if known else None


def _came_from() -> str:
    """The page whose form was refused: its own address without the last word."""
    return local_path(request.path.rpartition("/")[0], otherwise=url_for("staff.home"))

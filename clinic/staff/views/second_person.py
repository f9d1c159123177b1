"""A second person signs on the screen of the first, by PIN or password: a witness, a verifier."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import current_app

from clinic.data.db import db
from clinic.staff import queries, services
from clinic.staff.forms import SecondPersonForm
from clinic.staff.rules import looks_like_pin
from clinic.staff.services import LockoutPolicy
from clinic.staff.views.pins import pin_fits
from clinic.web import passwords
from clinic.web.edge import begin_work
from clinic.web.forms import given

WRONG_SIGNATURE = "That username and PIN or password do not match."


def signed_by(form: SecondPersonForm) -> UUID | None:
    """Whose signature the validated form carries; None, said at the field, when it is wrong.

    A wrong one counts against its account as at sign-in. Begins work of its own, so it is asked
    before the act's. Whether this person may witness is the act's own question.
    """
    known = queries.account(db.session(), username=given(form.witness.data))
    if known is None or not known.is_active or not _signs(known, given(form.witness_password.data)):
        form.witness_password.errors = [WRONG_SIGNATURE]
        return None
    return known.user_id


def _signs(known: queries.Account, secret: str) -> bool:
    if looks_like_pin(secret):
        return pin_fits(known.user_id, secret)
    return _counts(known, right=passwords.matches(known.password_hash, secret))


def _counts(known: queries.Account, *, right: bool) -> bool:
    """A right password of an account that is not locked; a wrong one is noted as at sign-in."""
    with begin_work() as work:
        if services.is_locked(locked_until=known.locked_until, now=work.now):
            return False
        if not right:
            policy = LockoutPolicy(
                failures_max=current_app.config["SIGN_IN_FAILURES_MAX"],
                lockout=timedelta(minutes=current_app.config["LOCKOUT_MINUTES"]),
            )
            services.note_failure(work, user_id=known.user_id, policy=policy)
    return right

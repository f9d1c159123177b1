"""Every route names the verb it needs, or says that it is public. Nothing else is reachable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from clinic.core.errors import Forbidden
from clinic.core.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
_MARK = "clinic_permission"


def requires(permission: Permission) -> Callable[[View], View]:
    """Let only actors who hold ``permission`` reach the view."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        return view

    return mark


def public(view: View) -> View:
    """Let anybody reach the view, signed in or not."""
    setattr(view, _MARK, PUBLIC)
    return view


def permission_of(view: Callable[..., Any]) -> Permission | str | None:
    """What the view was marked with; None when somebody forgot, and then nobody may enter."""
    mark: Permission | str | None = getattr(view, _MARK, None)
    return mark


def guard() -> ResponseReturnValue | None:
    """Runs before every request. Raises: Forbidden; sends the unknown to the sign-in page."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    needed = permission_of(current_app.view_functions[request.endpoint])
    if needed == PUBLIC:
        return None
    if not current_user.is_authenticated:
        answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return answer
    if not isinstance(needed, Permission):
        raise Forbidden("this page names no permission")
    current_user.actor.require(needed)
    return None

"""Turning an answer into a page, and sending people on only within the house."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, render_template, request
from werkzeug.wrappers import Response


def page(template: str, **values: object) -> str:
    """Render ``templates/<template>.html``; the name mirrors the endpoint."""
    return render_template(f"{template}.html", **values)


def see_other(url: str) -> Response:
    """After a form: fetch that page, so that a reload repeats nothing."""
    return redirect(url, 303)


def is_fragment() -> bool:
    """The page asked for a part of itself and wants no frame around it."""
    return request.headers.get("HX-Request") == "true"


def local_path(target: str | None, *, otherwise: str) -> str:
    """``target`` if it is a path of this house, else ``otherwise``: no open redirects."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc or "\\" in target else target

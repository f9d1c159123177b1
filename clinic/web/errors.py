"""One page for each way a request can end badly: what happened, what is true now, what to do."""

from __future__ import annotations

import structlog
from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.data.work import OutcomeUnknown
from clinic.web.edge import request_id
from clinic.web.pages import page

log = structlog.get_logger()
RETRY_SECONDS = "5"
OWN_PAGES = {403, 404, 409, 413, 422, 429, 500, 503}
TOO_OLD = "This form is too old or came from elsewhere. Open the page again, then repeat it."


def register_errors(app: Flask) -> None:
    """Map each kind of refusal to one status and one page."""
    app.register_error_handler(NotFound, not_found)
    app.register_error_handler(Forbidden, forbidden)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(Clash, clash)
    app.register_error_handler(CSRFError, bad_token)
    app.register_error_handler(HTTPException, by_status)
    app.register_error_handler(DBAPIError, database)
    app.register_error_handler(PoolTimeout, database)
    app.register_error_handler(OutcomeUnknown, database)
    app.register_error_handler(Exception, bug)


def not_found(_error: NotFound) -> ResponseReturnValue:
    return page("errors/404"), 404


def forbidden(error: Forbidden) -> ResponseReturnValue:
    return page("errors/403", permission=str(error)), 403


def refused(error: Refused) -> ResponseReturnValue:
    return page("errors/422", reasons=error.reasons, decision=error.decision), 422


def clash(error: Clash) -> ResponseReturnValue:
    return page("errors/409", message=str(error)), 409


def bad_token(_error: CSRFError) -> ResponseReturnValue:
    return page("errors/422", reasons=[TOO_OLD]), 400


def by_status(error: HTTPException) -> ResponseReturnValue:
    if error.code in OWN_PAGES:
        return page(f"errors/{error.code}", message=error.description or ""), error.code
    return error


def database(error: Exception) -> ResponseReturnValue:
    """The database failed under us: 503, never 500. Only after a lost commit is "saved?" open."""
    log.error("database", error=type(error).__name__, path=request.path, request=request_id())
    g.without_frame = True  # the frame would ask the database again
    unknown = isinstance(error, OutcomeUnknown)
    text = page("errors/503", request_id=request_id(), unknown=unknown)
    return text, 503, {"Retry-After": RETRY_SECONDS}


def bug(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    log.error("bug", path=request.path, request=request_id(), exc_info=error)
    return page("errors/500", request_id=request_id()), 500

"""One page for each way a request can end badly: what happened, what is true now, what to do."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.web.edge import request_id
from clinic.web.pages import page

log = structlog.get_logger()
RETRY_SECONDS = "5"
OWN_PAGES = {403, 404, 409, 413, 422, 429, 500, 503}


def register_errors(app: Flask) -> None:
    """Map each kind of refusal to one status and one page."""

    @app.errorhandler(NotFound)
    def not_found(_error: NotFound) -> Any:
        return page("errors/404"), 404

    @app.errorhandler(Forbidden)
    def forbidden(error: Forbidden) -> Any:
        return page("errors/403", message=str(error)), 403

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        return page("errors/422", reasons=error.reasons, decision=error.decision), 422

    @app.errorhandler(Clash)
    def clash(error: Clash) -> Any:
        return page("errors/409", message=str(error)), 409

    @app.errorhandler(CSRFError)
    def bad_token(_error: CSRFError) -> Any:
        reason = "This form is too old or came from elsewhere. Open the page again, then repeat it."
        return page("errors/422", reasons=[reason], decision=None), 400

    @app.errorhandler(HTTPException)
    def by_status(error: HTTPException) -> Any:
        if error.code in OWN_PAGES:
            return page(f"errors/{error.code}", message=error.description or ""), error.code
        return error

    @app.errorhandler(DBAPIError)
    @app.errorhandler(PoolTimeout)
    def database(error: Exception) -> Any:
        log.error("database", error=type(error).__name__, path=request.path, request=request_id())
        headers = {"Retry-After": RETRY_SECONDS}
        return page("errors/503", request_id=request_id()), 503, headers

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Any:
        if app.testing:
            raise error
        log.exception("bug", path=request.path, request=request_id())
        return page("errors/500", request_id=request_id()), 500

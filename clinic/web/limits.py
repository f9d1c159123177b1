"""How much one request may send: a form is small, only an upload may be large."""

from __future__ import annotations

from flask import Flask, Request, current_app


class LimitedRequest(Request):
    """Werkzeug holds a plain form whole in memory and limits only the fields of a multipart one."""

    @property
    def max_content_length(self) -> int | None:
        if self.mimetype == "multipart/form-data":
            return super().max_content_length
        limit: int = current_app.config["MAX_FORM_MEMORY_SIZE"]
        return limit

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value


def register_limits(app: Flask) -> None:
    """Hold every request of the app to its limit."""
    app.request_class = LimitedRequest

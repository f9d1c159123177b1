"""Styles, scripts and pictures: fetched once, kept until their content changes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

STAMP_LENGTH = 10
KEPT_FOR = "public, max-age=31536000, immutable"
"""A year, the longest a cache is asked to keep anything. Source: RFC 9111 5.2.2.1, RFC 8246."""


def register_assets(app: Flask) -> None:
    """Put a stamp of its content on each static address, and let stamped ones be kept."""
    stamps: dict[str, str] = {}

    @app.url_defaults
    def stamped(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint != "static" or "filename" not in values:
            return
        name = values["filename"]
        if app.debug or name not in stamps:
            stamps[name] = stamp(Path(app.static_folder or "") / name)
        if stamps[name]:
            values["v"] = stamps[name]

    @app.after_request
    def kept(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            response.headers["Cache-Control"] = KEPT_FOR if "v" in request.args else "no-cache"
        return response


def stamp(path: Path) -> str:
    """The beginning of the hash of a file's content; empty for one that is not there."""
    if not path.is_file():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:STAMP_LENGTH]

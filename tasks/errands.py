"""Errands that need a setting of this installation: where letters are handed in."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from clinic.census import services as census
from clinic.census.drivers import MailServer
from clinic.census.services.deliveries import Begin


def send_reports(begin: Begin, _folder: Path) -> int:
    """Hand the letters that wait in at the mail server; without one they go on waiting."""
    settings = current_app.config
    if not settings["SMTP_HOST"]:
        return 0
    server = MailServer(
        host=settings["SMTP_HOST"],
        port=settings["SMTP_PORT"],
        sender=settings["SMTP_SENDER"],
        security=settings["SMTP_SECURITY"],
        username=settings["SMTP_USERNAME"],
        password=settings["SMTP_PASSWORD"],
        timeout_seconds=settings["SMTP_TIMEOUT_SECONDS"],
    )
    return census.send_waiting(begin, post=server.post)

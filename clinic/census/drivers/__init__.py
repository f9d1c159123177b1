"""The one room here that opens sockets: a mail server. Never called inside a transaction."""

from __future__ import annotations

from clinic.census.drivers.mail import MailServer

__all__ = ["MailServer"]

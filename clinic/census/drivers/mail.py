"""One letter to a mail server, and exactly what it made of it.

Source: RFC 5321; STARTTLS RFC 3207; submission over TLS RFC 8314.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from email.utils import format_datetime

from clinic.census.facts.deliveries import Letter, PostOutcome, PostResult

START_MAIL_INPUT = 354
PERMANENT_FROM = 500
_REASON_LENGTH_MAX = 200
_LINE_OF_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in, and as whom. ``security`` as in ``config.py``."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: int = 20
    certificates: ssl.SSLContext | None = None
    """Whom to trust; the machine's own authorities when None."""

    def post(self, letter: Letter) -> PostResult:
        """Hand one letter in. Never raises for what a network or a server does.

        Invariant: NOT_NOW and REFUSED promise that the server has nothing of the letter: it only
        takes it with the final dot, and only a line lost after that dot leaves it open.
        """
        try:
            server = self._connected()
            try:
                return _hand_in(server, self.message(letter), letter.recipient)
            finally:
                _leave(server)
        except _Lost as lost:
            return PostResult(PostOutcome.UNKNOWN, str(lost))
        except smtplib.SMTPAuthenticationError as error:
            return PostResult(PostOutcome.NOT_NOW, f"sign-in refused: {error.smtp_code}")
        except smtplib.SMTPResponseException as error:
            return _answered(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return PostResult(PostOutcome.NOT_NOW, _short(f"{type(error).__name__}: {error}"))

    def message(self, letter: Letter) -> bytes:
        """The letter as it travels. The same letter is the same bytes, whenever it is sent."""
        message = EmailMessage(policy=CRLF)
        message["From"] = self.sender
        message["To"] = letter.recipient
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.written_at)
        message["Message-ID"] = f"<{letter.id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body, cte="quoted-printable")
        return message.as_bytes()

    def _connected(self) -> smtplib.SMTP:
        context = self.certificates or ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout_seconds, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.username:
                server.login(self.username, self.password)
            server.ehlo_or_helo_if_needed()
            _expect(server.mail(self.sender))
        except BaseException:
            server.close()
            raise
        return server


class _Lost(Exception):
    """The line broke after the final dot."""


def _hand_in(server: smtplib.SMTP, message: bytes, recipient: str) -> PostResult:
    _expect(server.rcpt(recipient))
    code, answer = server.docmd("DATA")
    if code != START_MAIL_INPUT:
        return _answered(code, answer)
    server.send(_LINE_OF_DOT.sub(b"..", message))
    try:
        server.send(b".\r\n")
        code, answer = server.getreply()
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        raise _Lost("the line broke before the server said that it has the letter") from error
    return _answered(code, answer)


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; what a server answers to that changes nothing any more."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _expect(reply: tuple[int, bytes]) -> None:
    """Raises: SMTPResponseException when the server does not agree."""
    code, answer = reply
    if not 200 <= code < 300:  # noqa: PLR2004  # RFC 5321 4.2.1: 2yz is agreement
        raise smtplib.SMTPResponseException(code, answer)


def _answered(code: int, answer: bytes | str) -> PostResult:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    if 200 <= code < 300:  # noqa: PLR2004
        return PostResult(PostOutcome.ACCEPTED)
    outcome = PostOutcome.REFUSED if code >= PERMANENT_FROM else PostOutcome.NOT_NOW
    return PostResult(outcome, _short(f"{code} {text}"))


def _short(text: str) -> str:
    return " ".join(text.split())[:_REASON_LENGTH_MAX]

"""Letters handed to a real mail server on this machine, as well as to broken ones."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from clinic.census.drivers import MailServer
from clinic.census.facts.deliveries import Letter, PostOutcome

LETTER = Letter(
    id=UUID("00000000-0000-7000-8000-00000000f001"),
    recipient="ada@clinic.example",
    subject="Morning report, Núñez House",
    body="In care 40\n.\n..two dots\nCafé\n",
    written_at=datetime(2026, 3, 3, 11, 0, tzinfo=UTC),
)


class Mailbox:
    """Keeps what arrives; says ``rcpt`` and ``data`` in answer, where they are given."""

    def __init__(self, *, rcpt: str = "", data: str = "") -> None:
        self.arrived: list[Envelope] = []
        self.rcpt, self.data = rcpt, data

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's names
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.data:
            return self.data
        self.arrived.append(envelope)
        return "250 Taken"


@contextmanager
def running(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def at(port: int, **options: object) -> MailServer:
    values: dict[str, object] = {"security": "none", "timeout_seconds": 5} | options
    return MailServer(host="127.0.0.1", port=port, sender="reports@clinic.example", **values)  # type: ignore[arg-type]


def test_a_letter_arrives_whole_and_once() -> None:
    mailbox = Mailbox()
    with running(mailbox) as port:
        result = at(port).post(LETTER)

    assert result.outcome is PostOutcome.ACCEPTED
    [envelope] = mailbox.arrived
    assert envelope.mail_from == "reports@clinic.example"
    assert envelope.rcpt_tos == ["ada@clinic.example"]
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=default)
    assert message["Subject"] == "Morning report, Núñez House"
    assert message["Message-ID"] == "<00000000-0000-7000-8000-00000000f001@clinic.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == "In care 40\n.\n..two dots\nCafé\n"


@pytest.mark.parametrize(
    ("mailbox", "outcome", "reason"),
    [
        (Mailbox(rcpt="550 no such mailbox"), PostOutcome.REFUSED, "550 no such mailbox"),
        (Mailbox(rcpt="450 greylisted"), PostOutcome.NOT_NOW, "450 greylisted"),
        (Mailbox(data="451 try again later"), PostOutcome.NOT_NOW, "451 try again later"),
        (Mailbox(data="554 not wanted"), PostOutcome.REFUSED, "554 not wanted"),
    ],
)
def test_a_server_that_does_not_take_it(
    mailbox: Mailbox, outcome: PostOutcome, reason: str
) -> None:
    with running(mailbox) as port:
        result = at(port).post(LETTER)

    assert (result.outcome, result.reason) == (outcome, reason)
    assert mailbox.arrived == []


def test_nobody_listens() -> None:
    assert at(free_port()).post(LETTER).outcome is PostOutcome.NOT_NOW


@contextmanager
def breaking(*, after: bytes) -> Iterator[int]:
    """A server that agrees with everything, and hangs up once it has read ``after``."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listening.accept()
        with line:
            line.sendall(b"220 ready\r\n")
            seen = b""
            while received := line.recv(65536):
                seen += received
                if after in seen:
                    return
                if b"DATA\r\n" in received:
                    line.sendall(b"354 go on\r\n")
                elif b"DATA\r\n" not in seen:
                    line.sendall(b"250 fine\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        thread.join(5)
        listening.close()


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        (b"mail FROM", PostOutcome.NOT_NOW),
        (b"rcpt TO", PostOutcome.NOT_NOW),
        (b"DATA\r\n", PostOutcome.NOT_NOW),
        (b"\r\n.\r\n", PostOutcome.UNKNOWN),
    ],
)
def test_the_line_breaks(after: bytes, outcome: PostOutcome) -> None:
    """Only after the final dot can the letter be there without our knowing."""
    with breaking(after=after) as port:
        assert at(port).post(LETTER).outcome is outcome


def test_a_goodbye_that_fails_does_not_make_a_letter_unsent() -> None:
    class Rude(SMTP):
        async def smtp_QUIT(self, arg: str) -> None:  # noqa: ARG002, N802
            await self.push("421 go away")

    class RudeController(Controller):
        def factory(self) -> SMTP:
            return Rude(self.handler)

    mailbox = Mailbox()
    controller = RudeController(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        result = at(controller.port).post(LETTER)
    finally:
        controller.stop()

    assert result.outcome is PostOutcome.ACCEPTED
    assert len(mailbox.arrived) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A key and a certificate for 127.0.0.1, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = str(folder / "key.pem"), str(folder / "cert.pem")
    openssl = shutil.which("openssl")
    assert openssl is not None
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", cert],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return key, cert


def server_side(certificate: tuple[str, str]) -> ssl.SSLContext:
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def sign_in(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
) -> AuthResult:
    right = LoginPassword(b"clinic", b"harbor")
    return AuthResult(success=data == right, handled=False)


@pytest.mark.parametrize(
    ("password", "outcome"),
    [("harbor", PostOutcome.ACCEPTED), ("wrong", PostOutcome.NOT_NOW)],
)
def test_encrypted_and_signed_in(
    certificate: tuple[str, str], password: str, outcome: PostOutcome
) -> None:
    mailbox = Mailbox()
    with running(
        mailbox,
        tls_context=server_side(certificate),
        require_starttls=True,
        authenticator=sign_in,
        auth_required=True,
    ) as port:
        trusted = ssl.create_default_context(cafile=certificate[1])
        server = at(
            port, security="starttls", username="clinic", password=password, certificates=trusted
        )
        result = server.post(LETTER)

    assert result.outcome is outcome
    assert len(mailbox.arrived) == (outcome is PostOutcome.ACCEPTED)
    assert "wrong" not in result.reason


def test_a_stranger_s_certificate_gets_no_letter(certificate: tuple[str, str]) -> None:
    mailbox = Mailbox()
    with running(mailbox, tls_context=server_side(certificate), require_starttls=True) as port:
        result = at(port, security="starttls").post(LETTER)

    assert result.outcome is PostOutcome.NOT_NOW
    assert mailbox.arrived == []


def test_a_password_is_not_shown() -> None:
    assert "harbor" not in repr(at(25, username="clinic", password="harbor"))

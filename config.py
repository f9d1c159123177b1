"""Every setting with its unit and default. Secrets come from the environment.

Read once, in ``create_app``; nothing below ``clinic/web`` reads it. In production the application
refuses to start with a default secret, with debugging on, or with a cookie that travels in clear.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SECRET_LENGTH_MIN = 32
SMTP_SECURITIES = ("starttls", "tls", "none")


class UnsafeConfiguration(RuntimeError):
    """The configuration would expose patients; the application does not start."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one running application. Flask reads the upper-case names."""

    SQLALCHEMY_DATABASE_URI: str
    SECRET_KEY: str
    PRODUCTION: bool = False
    DEBUG: bool = False
    TESTING: bool = False

    INSTANCE: Path = ROOT / "instance"
    IDLE_MINUTES: int = 10
    """Automatic log-off after this long without a request. Source: 45 CFR 164.312(a)(2)(iii)."""
    SESSION_HOURS_MAX: int = 12
    SIGN_IN_FAILURES_MAX: int = 5
    LOCKOUT_MINUTES: int = 15
    PASSWORD_HASH_ROUNDS: int = 3
    PASSWORD_HASH_MEMORY_KIB: int = 65536
    PASSWORD_LENGTH_MIN: int = 12

    MAX_CONTENT_LENGTH: int = 64 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE: int = 1024 * 1024
    MAX_FORM_PARTS: int = 1000
    IMPORT_FILE_BYTES_MAX: int = 50 * 1024 * 1024

    HEARTBEAT_SECONDS_MAX: int = 90
    """A scheduler silent for longer than this is reported by /healthz."""
    JOB_LATE_MINUTES: int = 60
    """A job not done this long after its moment is shown to the administrators."""

    SMTP_HOST: str = ""
    """The mail server that takes reports; without one they wait in the outbox."""
    SMTP_PORT: int = 587
    SMTP_SECURITY: str = "starttls"
    """``starttls`` (RFC 3207), ``tls`` from the first byte (RFC 8314), or ``none``."""
    SMTP_USERNAME: str = ""
    SMTP_PASSWORD: str = field(default="", repr=False)
    SMTP_SENDER: str = ""
    """The address the reports come from."""
    SMTP_TIMEOUT_SECONDS: int = 20

    SESSION_COOKIE_HTTPONLY: bool = True
    SESSION_COOKIE_SAMESITE: str = "Lax"
    SESSION_COOKIE_SECURE: bool = False
    SESSION_COOKIE_NAME: str = "clinic"
    WTF_CSRF_TIME_LIMIT: None = None
    """A form stays good as long as its session: the idle limit ends both."""

    def __post_init__(self) -> None:
        """Raises: UnsafeConfiguration naming everything that is wrong, not only the first."""
        if self.SMTP_SECURITY not in SMTP_SECURITIES:
            raise UnsafeConfiguration(
                f"CLINIC_SMTP_SECURITY is one of {', '.join(SMTP_SECURITIES)}"
            )
        if self.SMTP_HOST and "@" not in self.SMTP_SENDER:
            raise UnsafeConfiguration("CLINIC_SMTP_SENDER must be the address mail comes from")
        if not self.PRODUCTION:
            return
        faults = []
        if len(self.SECRET_KEY) < SECRET_LENGTH_MIN:
            faults.append(f"CLINIC_SECRET_KEY needs at least {SECRET_LENGTH_MIN} characters")
        if self.DEBUG:
            faults.append("debugging must be off")
        if not self.SESSION_COOKIE_SECURE:
            faults.append("the session cookie must be Secure")
        if self.SMTP_HOST and self.SMTP_SECURITY == "none":
            faults.append("mail must be encrypted: CLINIC_SMTP_SECURITY=starttls or tls")
        if faults:
            raise UnsafeConfiguration("refusing to start in production: " + "; ".join(faults))


def from_environment() -> Config:
    """Settings for this process, from ``CLINIC_*`` variables.

    Raises: UnsafeConfiguration when ``CLINIC_ENV=production`` and something is missing or weak.
    """
    production = os.environ.get("CLINIC_ENV") == "production"
    instance = Path(os.environ.get("CLINIC_INSTANCE", ROOT / "instance"))
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    default_url = f"sqlite:///{instance / 'clinic.db'}"
    secret = os.environ.get("CLINIC_SECRET_KEY", "")
    return Config(
        SQLALCHEMY_DATABASE_URI=os.environ.get("CLINIC_DATABASE_URL", default_url),
        SECRET_KEY=secret or ("" if production else _kept_secret(instance)),
        PRODUCTION=production,
        DEBUG=os.environ.get("CLINIC_DEBUG") == "1",
        INSTANCE=instance,
        SESSION_COOKIE_SECURE=production,
        SESSION_COOKIE_NAME="__Host-clinic" if production else "clinic",
        SMTP_HOST=os.environ.get("CLINIC_SMTP_HOST", ""),
        SMTP_PORT=int(os.environ.get("CLINIC_SMTP_PORT", "587")),
        SMTP_SECURITY=os.environ.get("CLINIC_SMTP_SECURITY", "starttls"),
        SMTP_USERNAME=os.environ.get("CLINIC_SMTP_USERNAME", ""),
        SMTP_PASSWORD=os.environ.get("CLINIC_SMTP_PASSWORD", ""),
        SMTP_SENDER=os.environ.get("CLINIC_SMTP_SENDER", ""),
    )


def _kept_secret(instance: Path) -> str:
    """A secret of this installation's own, made at first start, so that restarts keep sessions."""
    path = instance / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()

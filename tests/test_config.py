from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config import Config, UnsafeConfiguration, from_environment

SECRET = "0123456789abcdef0123456789abcdef"
VARIABLES = ("CLINIC_ENV", "CLINIC_SECRET_KEY", "CLINIC_DEBUG", "CLINIC_DATABASE_URL")


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLINIC_INSTANCE", str(tmp_path / "instance"))
    return tmp_path / "instance"


@pytest.mark.usefixtures("instance")
def test_production_names_every_fault_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINIC_ENV", "production")
    monkeypatch.setenv("CLINIC_DEBUG", "1")
    with pytest.raises(UnsafeConfiguration) as refused:
        from_environment()
    assert "CLINIC_SECRET_KEY needs at least 32 characters" in str(refused.value)
    assert "debugging must be off" in str(refused.value)


def test_production_refuses_a_cookie_that_travels_in_clear() -> None:
    with pytest.raises(UnsafeConfiguration, match="the session cookie must be Secure"):
        Config(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY=SECRET, PRODUCTION=True)


@pytest.mark.parametrize(("secret", "starts"), [(SECRET, True), (SECRET[1:], False), ("", False)])
def test_production_starts_only_with_a_secret_long_enough(
    instance: Path, monkeypatch: pytest.MonkeyPatch, secret: str, *, starts: bool
) -> None:
    monkeypatch.setenv("CLINIC_ENV", "production")
    monkeypatch.setenv("CLINIC_SECRET_KEY", secret)
    if not starts:
        with pytest.raises(UnsafeConfiguration):
            from_environment()
        return
    config = from_environment()
    assert (config.PRODUCTION, config.DEBUG, config.SESSION_COOKIE_SECURE) == (True, False, True)
    assert config.SESSION_COOKIE_NAME == "__Host-clinic"
    assert instance.is_dir()


@pytest.mark.usefixtures("instance")
def test_production_never_falls_back_on_a_secret_kept_on_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from_environment()
    monkeypatch.setenv("CLINIC_ENV", "production")
    with pytest.raises(UnsafeConfiguration):
        from_environment()


def test_elsewhere_an_installation_keeps_a_secret_of_its_own(instance: Path) -> None:
    first, again = from_environment().SECRET_KEY, from_environment().SECRET_KEY
    assert first == again
    assert len(first) >= 32
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700


def test_two_installations_have_two_secrets(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = from_environment().SECRET_KEY
    monkeypatch.setenv("CLINIC_INSTANCE", str(instance / "other"))
    assert first != from_environment().SECRET_KEY


def test_the_database_is_a_file_of_the_instance_unless_named(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"sqlite:///{instance / 'clinic.db'}" == from_environment().SQLALCHEMY_DATABASE_URI
    monkeypatch.setenv("CLINIC_DATABASE_URL", "postgresql+psycopg://clinic@/clinic")
    assert from_environment().SQLALCHEMY_DATABASE_URI == "postgresql+psycopg://clinic@/clinic"

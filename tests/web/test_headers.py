from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from clinic.app import create_app
from tests import cast
from tests.conftest import SignIn, settings

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in", 200),
        ("/account", 200),
        ("/staff", 403),
        ("/nowhere", 404),
        ("/sign-out", 405),
        ("/site/closures", 405),
        ("/", 302),
    ],
)
def test_every_answer_carries_the_security_headers(sign_in: SignIn, path: str, status: int) -> None:
    client = sign_in(cast.INGRID)
    if path == "/sign-in":
        client.delete_cookie("clinic")
    answer = client.get(path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'self'" in policy
    assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert {"form-action 'self'"} <= set(policy)


def test_the_policy_lets_nothing_inline_and_nothing_from_elsewhere(app: Flask) -> None:
    policy = app.test_client().get("/sign-in").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy


def test_files_may_be_cached_and_are_guarded_too(app: Flask) -> None:
    with app.test_client().get("/static/css/tokens.css") as answer:
        assert answer.status_code == 200
        assert "no-store" not in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask) -> None:
    sent = {"username": "ada", "password": cast.PASSWORD}
    cookies = app.test_client().post("/sign-in", data=sent).headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    parts = cookies[0].split("; ")
    assert parts[0].startswith("clinic=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert "Domain" not in cookies[0]


@pytest.fixture
def in_production(tmp_path: Path) -> Flask:
    config = replace(
        settings(f"sqlite:///{tmp_path / 'clinic.db'}", tmp_path),
        PRODUCTION=True,
        TESTING=False,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_NAME="__Host-clinic",
    )
    return create_app(config)


def test_in_production_the_cookie_travels_only_encrypted_and_the_host_is_pinned(
    in_production: Flask,
) -> None:
    answer = in_production.test_client().get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer.headers["Set-Cookie"].split("; ")
    assert cookie[0].startswith("__Host-clinic=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie)


def test_outside_production_no_browser_is_told_to_insist_on_encryption(app: Flask) -> None:
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers

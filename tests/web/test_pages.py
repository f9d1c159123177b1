from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from clinic.web.pages import local_path
from tests import cast

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "//evil.example/%2e%2e",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "https://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "//evil.example@localhost",
    "https://localhost@evil.example",
    "//localhost:80@evil.example",
    "@evil.example",
    ".evil.example",
    "evil.example",
    "//[::1]",
    "//0x7f000001",
    "/a/..//evil.example\\..",
    "\x00//evil.example",
    "%2f%2fevil.example",
    "?next=//evil.example",
    "",
]


def destination(location: str) -> str | None:
    """The host a browser would go to, dropping tabs and line ends, reading \\ as /."""
    read = location.strip().replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    return urlsplit(urljoin("http://localhost/sign-in", read)).hostname


def test_there_are_thirty_ways_to_be_led_elsewhere() -> None:
    assert len(ELSEWHERE) >= 30
    leaving = [target for target in ELSEWHERE if destination(target) != "localhost"]
    assert len(leaving) > 20


def test_nobody_is_sent_elsewhere_after_signing_in(app: Flask) -> None:
    sent = {"username": "ada", "password": cast.PASSWORD}
    left = []
    for target in ELSEWHERE:
        answer = app.test_client().post("/sign-in", query_string={"next": target}, data=sent)
        assert answer.status_code == 303
        if destination(answer.location) != "localhost" or not answer.location.startswith("/"):
            left.append((target, answer.location))

    assert left == []


@pytest.mark.parametrize("target", ["/", "/audit", "/audit?before=2026-03-01T00:00", "/site#hours"])
def test_paths_of_the_house_are_kept(target: str) -> None:
    assert local_path(target, otherwise="/home") == target


@pytest.mark.parametrize("target", [None, *ELSEWHERE])
def test_everything_else_leads_home(target: str | None) -> None:
    found = local_path(target, otherwise="/home")
    assert destination(found) == "localhost"

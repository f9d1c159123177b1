"""Templates mirror endpoints, print, and run nothing of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.house.source import ROOT

TEMPLATES = ROOT / "templates"
FRAME = {"base.html"}
SHARED = {"_kit", "errors"}

PAGELESS = {
    # GET endpoint -> why no template of its name exists
    "static": "files",
    "healthz": "JSON",
    "patients.photo": "the image itself",
    "dosing.print_card": "the card as a PDF",
    "dosing.guest_packet": "a packet as a PDF",
    "dosing.labels": "labels as a PDF",
    "dosing.log_paper": "the log as a PDF",
    "stock.inventory_paper": "the inventory as a PDF",
    "stock.receiving_paper": "the deliveries as a PDF",
    "dosing.take_pack": "a pack as a PDF",
    "hardware.scanner_code": "a code as a PDF",
    "inspection.pack_pdf": "the pack as a PDF",
    "inspection.pack_zip": "the pack as files",
    "staff.home": "sends people on to their first place",
    "census.capacity_letter": "a letter as a PDF",
    "census.contingency_report": "a report as a file",
    "census.survey_file": "answers as a file",
    "census.day_file": "a table as a file",
    "exchange.teds_file": "records as a file",
}
WITHOUT_GET = {
    # template -> why no GET endpoint of its name exists
    "staff/kept_form.html": "shown once, after signing in again, in answer to a POST",
    "staff/locked.html": "shown when a locked window sends anything, in answer to a POST",
}

FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>{]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(
        r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE
    ),
    "an inline handler": re.compile(r"<[^>{]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript link": re.compile(r"javascript:", re.IGNORECASE),
    "another host": re.compile(r"(?:src|href|action)\s*=\s*\"(?:https?:)?//", re.IGNORECASE),
    "an unescaped value": re.compile(r"\|\s*safe\b"),
}


def templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def pages() -> set[str]:
    """Templates that are whole pages: partials begin with an underscore."""
    found = (path.relative_to(TEMPLATES) for path in templates())
    return {
        str(path)
        for path in found
        if str(path) not in FRAME and path.parts[0] not in SHARED and not path.name.startswith("_")
    }


def test_every_get_endpoint_has_the_template_of_its_name_and_no_other_exists(house: Flask) -> None:
    wanted = {
        f"{rule.endpoint.replace('.', '/')}.html"
        for rule in house.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in PAGELESS
    }

    assert pages() - WITHOUT_GET.keys() == wanted


def test_the_lists_of_exceptions_are_no_longer_than_needed(house: Flask) -> None:
    endpoints = {rule.endpoint for rule in house.url_map.iter_rules()}
    assert PAGELESS.keys() <= endpoints
    assert not {f"{one.replace('.', '/')}.html" for one in PAGELESS} & pages()
    assert WITHOUT_GET.keys() <= pages()


def test_no_template_carries_style_or_script_or_another_host_s_things() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {what}: {match.group()}"
        for path in templates()
        for what, pattern in FORBIDDEN.items()
        for match in pattern.finditer(path.read_text())
    ]

    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a style attribute", '<p class="x" style="color: red">'),
        ("a style element", "<style>p { color: red }</style>"),
        ("an inline script", "<script>alert(1)</script>"),
        ("an inline handler", '<button type="button" onclick="go()">'),
        ("a javascript link", '<a href="javascript:go()">'),
        ("another host", '<script src="https://cdn.example/x.js"></script>'),
        ("an unescaped value", "{{ note | safe }}"),
    ],
)
def test_what_is_forbidden_is_recognised(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text)


@pytest.mark.parametrize(
    "text",
    [
        '<script src="/static/js/keys.js" defer></script>',
        '<script type="application/json">{}</script>',
        '<link rel="stylesheet" href="/static/css/tokens.css">',
        "<p>Once only: on = off</p>",
    ],
)
def test_what_is_allowed_passes(text: str) -> None:
    assert not [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]

"""Decisions are numbered once, links lead somewhere, migrations follow one another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from tests.house.source import ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def papers() -> Iterator[Path]:
    yield from ROOT.glob("*.md")
    yield from (ROOT / "docs").rglob("*.md")


def broken_links(text: str, folder: Path) -> list[str]:
    """Relative links that lead nowhere."""
    return [
        target
        for target in LINK.findall(text)
        if not re.match(r"[a-z]+:|#", target)
        and not (folder / target.partition("#")[0]).resolve().exists()
    ]


def test_decisions_are_numbered_once() -> None:
    names = [path.name for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert [name for name in names if not re.match(r"\d{4}-[a-z0-9-]+\.md$", name)] == []
    assert [
        number for number, times in Counter(name[:4] for name in names).items() if times > 1
    ] == []


def test_links_in_papers_lead_somewhere() -> None:
    found = {
        str(path.relative_to(ROOT)): broken
        for path in papers()
        if (broken := broken_links(path.read_text(), path.parent))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("see [the map](docs/nowhere.md)", ["docs/nowhere.md"]),
        ("see [the settings](pyproject.toml#L1)", []),
        ("see [the law](https://www.ecfr.gov) and [below](#below)", []),
    ],
)
def test_a_broken_link_is_recognised(text: str, broken: list[str]) -> None:
    assert broken_links(text, ROOT) == broken


def test_migrations_have_four_digits_and_one_head() -> None:
    names = [path.name for path in (ROOT / "migrations" / "versions").glob("*.py")]
    assert names
    assert [name for name in names if not re.match(r"\d{4}_[a-z0-9_]+\.py$", name)] == []
    assert len(ScriptDirectory(ROOT / "migrations").get_heads()) == 1


def test_no_file_names_the_machine_it_was_written_on() -> None:
    tell_tale = re.compile(r"(?<![\w.])/(?:work|tmp)/")
    folders = ("clinic", "tasks", "tests", "templates", "tools", "docs", "migrations")
    found = [
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".md", ".js", ".css"}
        and "vendor" not in path.parts
        and tell_tale.search(path.read_text())
        and path != Path(__file__)
    ]
    assert found == []

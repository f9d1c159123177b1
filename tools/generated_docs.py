"""Documents that are drawn from the code, so that they cannot drift from it.

``python -m tools.generated_docs`` writes them; ``--check`` only compares, and fails if one differs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from clinic.programs.rules import moves
from clinic.rulebook.registry import RULES
from clinic.therapies.catalogue import CATALOGUE
from clinic.wiring import REACTIONS

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Drawn from the code by `make fix`; `make check` compares. -->\n"


def states() -> str:
    """The levels of care and the moves between them."""
    return (
        "# States of an episode of care\n\n"
        "Source: ASAM Criteria and 45 CFR 96.126; the table is `ALLOWED_MOVES` in "
        "`clinic/programs/facts.py`.\n\n"
        f"```mermaid\n{moves.diagram()}\n```\n"
    )


def flows() -> str:
    """Which fact wakes which service."""
    lines = ["# Announcements\n", "| fact | wakes |", "|---|---|"]
    for fact, listeners in REACTIONS.items():
        wakes = ", ".join(
            f"`{one.__module__.removeprefix('clinic.')}.{one.__name__}`" for one in listeners
        )
        lines.append(f"| `{fact.__module__.removeprefix('clinic.')}.{fact.__name__}` | {wakes} |")
    return "\n".join(lines) + "\n"


def treatments() -> str:
    """The catalogue of modalities, one line each."""
    lines = [
        "# Treatments\n",
        "| treatment | standing | course | who | special work in |",
        "|---|---|---|---|---|",
    ]
    for one in CATALOGUE.values():
        sessions = f"{one.total_sessions} sessions" if one.total_sessions else "as ordered"
        who = ", ".join(need.skill.value.replace("_", " ") for need in one.staff)
        lines.append(
            f"| {one.name} | {one.evidence.standing.value.replace('_', ' ')} | {sessions} | {who} "
            f"| {one.owned_by.value} |"
        )
    return "\n".join(lines) + "\n"


def rules() -> str:
    """Every rule with its source."""
    lines = ["# Rules\n", "| rule | what it answers | source |", "|---|---|---|"]
    lines.extend(
        f"| `{rule.name}` | {rule.summary} | {'; '.join(rule.sources)} |" for rule in RULES.values()
    )
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "states.md": states,
    "flows.md": flows,
    "treatments.md": treatments,
    "rules.md": rules,
}


def main(arguments: list[str]) -> int:
    """0 when every document is as the code says."""
    stale = []
    for name, draw in PAGES.items():
        path, text = DOCS / name, NOTE + draw()
        if path.exists() and path.read_text() == text:
            continue
        if "--check" in arguments:
            stale.append(name)
        else:
            path.write_text(text)
    for name in stale:
        print(f"docs/{name} is not what the code says: run `make fix`")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

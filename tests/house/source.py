"""The clinic's own source, read as text and as syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLINIC = ROOT / "clinic"


def modules(*folders: str) -> Iterator[Path]:
    """Every Python file of the given folders (all of the clinic and its tasks if none)."""
    for folder in folders or ("clinic", "tasks"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def rooms(*names: str) -> Iterator[Path]:
    """The files of these rooms in every domain, whether the room is a file or a folder."""
    for path in modules("clinic"):
        parts = path.relative_to(CLINIC).with_suffix("").parts
        if len(parts) > 1 and parts[1] in names:
            yield path


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def place(path: Path, node: ast.expr | ast.stmt) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def dotted(path: Path) -> str:
    """The name a module is imported by."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path) -> set[str]:
    """Dotted names of everything a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found

"""How the code itself must read: no clock below the edge, thin views, a sentence on each verb."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import CLINIC, ROOT, dotted, imports, modules, place, rooms, tree

CLOCKS = {"clinic/web/edge.py", "tasks/__main__.py"}
"""The two places that read the wall clock."""

LOGIN = {"flask", "flask_login", "werkzeug", "flask_wtf"}
VIEW_STATEMENTS_MAX = 12
FRAMEWORKS = {"flask", "sqlalchemy", "wtforms", "flask_sqlalchemy", "clinic.data", "clinic.web"}


def clock_reads(syntax: ast.Module) -> list[ast.expr]:
    """Calls of datetime.now, datetime.utcnow, date.today, time.time and their like."""
    return [
        node
        for node in ast.walk(syntax)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and (ast.unparse(node.func.value).rpartition(".")[2], node.func.attr)
        in {
            ("datetime", "now"),
            ("datetime", "utcnow"),
            ("datetime", "today"),
            ("date", "today"),
            ("time", "time"),
            ("time", "time_ns"),
        }
    ]


def test_the_clock_is_read_at_the_edge_and_in_the_scheduler_and_nowhere_else() -> None:
    found = {str(path.relative_to(ROOT)) for path in modules() if clock_reads(tree(path))}
    assert found == CLOCKS


@pytest.mark.parametrize(
    "line",
    ["datetime.now(UTC)", "date.today()", "datetime.datetime.utcnow()", "time.time()"],
)
def test_a_clock_read_is_recognised(line: str) -> None:
    assert clock_reads(ast.parse(line))


def test_no_login_below_the_edge() -> None:
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in rooms("facts", "rules", "queries", "services", "models")
        for name in imports(path)
        if name.partition(".")[0] in LOGIN
    ]
    assert found == []


def views() -> list[tuple[Path, ast.FunctionDef]]:
    """Every function that a blueprint's get, post or route makes a view."""
    return [
        (path, node)
        for path in rooms("views")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and any(map(_makes_view, node.decorator_list))
    ]


def _makes_view(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in {"get", "post", "put", "patch", "delete", "route"}
    )


def _statements(view: ast.FunctionDef) -> int:
    inside = sum(isinstance(node, ast.stmt) for node in ast.walk(view)) - 1
    return inside - (ast.get_docstring(view) is not None)


def test_a_view_is_permission_shape_one_verb_and_away() -> None:
    found = views()
    assert len(found) > 15

    too_long = [place(p, v) for p, v in found if _statements(v) > VIEW_STATEMENTS_MAX]
    trying = [
        place(path, node)
        for path, view in found
        for node in ast.walk(view)
        if isinstance(node, ast.Try)
    ]
    several = [
        place(path, view)
        for path, view in found
        if len(re.findall(r"\bbegin_(?:work|reading)\(", ast.unparse(view))) > 1
    ]
    assert (too_long, trying, several) == ([], [], [])


def test_every_public_rule_query_and_verb_has_its_sentence() -> None:
    silent = [
        f"{place(path, node)} {node.name}"
        for path in rooms("rules", "queries", "services")
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_module_says_what_it_holds() -> None:
    assert [dotted(path) for path in modules() if not ast.get_docstring(tree(path))] == []


def test_services_take_work_first_and_never_commit() -> None:
    committing = [
        place(path, node)
        for path in rooms("services", "queries")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback", "begin"}
    ]
    assert committing == []


def test_only_the_storage_layer_commits() -> None:
    committing = {
        str(path.relative_to(ROOT))
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    }
    assert committing == {"clinic/data/work.py"}


def test_no_statement_is_built_from_text_that_varies() -> None:
    """OpenEMR's lesson: no f-string, % or + on its way into text() or execute()."""
    found = [
        place(path, node)
        for path in modules()
        if path.parent != CLINIC / "data"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and ast.unparse(node.func).rpartition(".")[2] in {"text", "execute", "exec_driver_sql"}
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert found == []


LOADED = """
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
print(*sorted(set(sys.modules) & {unwanted!r}))
"""


def loaded_by(names: list[str], unwanted: set[str]) -> set[str]:
    """Which of the unwanted modules a fresh interpreter has after importing these."""
    asked = LOADED.format(names=names, unwanted=unwanted)
    finished = subprocess.run(
        [sys.executable, "-c", asked], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return set(finished.stdout.split())


def test_rules_and_facts_load_no_framework() -> None:
    names = [dotted(path) for path in rooms("rules", "facts", "readers", "catalogue")]
    names += [dotted(path) for path in modules("clinic/core")]
    assert len(names) > 20
    assert loaded_by(names, FRAMEWORKS) == set()


def test_a_framework_that_is_loaded_would_be_noticed() -> None:
    assert "sqlalchemy" in loaded_by(["clinic.staff.queries"], FRAMEWORKS)

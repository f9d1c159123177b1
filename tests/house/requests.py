"""Every door of the house as a request that can be sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from flask import Flask
from werkzeug.routing import FloatConverter, IntegerConverter, Rule, UUIDConverter

NOBODY = UUID("00000000-0000-7000-8000-00000000dead")


@dataclass(frozen=True, slots=True)
class Door:
    endpoint: str
    method: str
    path: str


def doors(app: Flask, *methods: str) -> Iterator[Door]:
    """Each rule with each of its methods, ids of nobody filled in; HEAD comes with GET."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        path = adapter.build(rule.endpoint, _arguments(rule), method=None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if not methods or method in methods:
                yield Door(rule.endpoint, method, path)


def _arguments(rule: Rule) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in rule.arguments - set(rule.defaults or ()):
        converter = rule._converters[name]
        if isinstance(converter, UUIDConverter):
            values[name] = NOBODY
        elif isinstance(converter, IntegerConverter | FloatConverter):
            values[name] = 1
        else:
            values[name] = "2026-03-03" if name in {"day", "on", "service_date"} else "nothing"
    return values

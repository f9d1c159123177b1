"""What the rulebook knows of a rule: its name, its settings, its sources, and how to ask it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from clinic.core.decision import Decision
from clinic.rulebook.reading import Fields, Unreadable

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Setting:
    """A number a site may choose in place of the default. None: there is no default."""

    name: str
    default: int | None
    source: str

    def to_json(self) -> dict[str, object]:
        return {"name": self.name, "default": self.default, "source": self.source}


@dataclass(frozen=True, slots=True)
class Answer:
    """The result a rule gives, ready for JSON, and the decision behind it if it is a gate."""

    result: dict[str, object]
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule of the house under the name other programs call it by."""

    name: str
    package: str
    summary: str
    sources: tuple[str, ...]
    ask: Callable[[Fields], Answer]
    settings: tuple[Setting, ...] = ()

    def explain(self, given: object) -> Answer:
        """The answer with its decision; a faulty input gives its error, and no partial result."""
        try:
            fields = Fields.of(given, name="input")
            answer = self.ask(fields)
            fields.close()
        except Unreadable as fault:
            return Answer({"error": fault.code.value, "item": fault.item})
        return answer

    def answer(self, given: object) -> dict[str, object]:
        return self.explain(given).result

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "package": self.package,
            "summary": self.summary,
            "settings": [setting.to_json() for setting in self.settings],
            "sources": list(self.sources),
        }


class FailureKind(StrEnum):
    MISMATCH = "mismatch"
    NOT_IMPLEMENTED = "not_implemented"
    DUPLICATE_ID = "duplicate_id"


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a file of cases."""

    line_number: int
    id: str
    rule: str
    given: object
    expected: object


@dataclass(frozen=True, slots=True)
class Failure:
    kind: FailureKind
    line_number: int
    id: str
    rule: str
    expected: object
    got: object

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind.value,
            "line": self.line_number,
            "id": self.id,
            "rule": self.rule,
            "expected": self.expected,
            "got": self.got,
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """How a file of cases came out; a rule that is not there is a failure, not a skip."""

    total: int
    failures: tuple[Failure, ...] = field(default=())

    @property
    def failed(self) -> int:
        return len(self.failures)

    @property
    def passed(self) -> int:
        return self.total - self.failed

    @property
    def not_implemented(self) -> int:
        return sum(failure.kind is FailureKind.NOT_IMPLEMENTED for failure in self.failures)

    def to_json(self) -> dict[str, object]:
        return {
            "total": self.total,
            "passed": self.passed,
            "failed": self.failed,
            "not_implemented": self.not_implemented,
            "failures": [failure.to_json() for failure in self.failures],
        }

"""``clinic rules``: list the rules, check a file of cases, explain one answer."""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path

import click

from clinic.rulebook.check import BrokenLine, check, read_cases
from clinic.rulebook.facts import Answer, CheckReport, Failure, RuleEntry
from clinic.rulebook.registry import RULES

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class UnusableFile(click.ClickException):
    """The file of cases cannot be read; no case has been judged."""

    exit_code = 2


@click.group("rules")
def rules_group() -> None:
    """The rules of the house: what they are, whether they hold, what they say."""


@rules_group.command("list")
@_as_json
def list_rules(*, as_json: bool) -> None:
    """Every rule with its settings, their defaults and its sources."""
    if as_json:
        _print_json([entry.to_json() for entry in RULES.values()])
        return
    for entry in RULES.values():
        _print_entry(entry)


@rules_group.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_as_json
def check_file(*, file: Path, as_json: bool) -> None:
    """Put every case of FILE, one JSON object a line, to its rule.

    Exits with 1 when a case fails, 2 when the file cannot be read.
    """
    try:
        with file.open(encoding="utf-8-sig") as lines:
            report = check(read_cases(lines), rules=RULES)
    except BrokenLine as fault:
        raise UnusableFile(f"{file}, {fault}") from fault
    except (OSError, UnicodeDecodeError) as fault:
        raise UnusableFile(f"{file} cannot be read: {fault}") from fault
    if as_json:
        _print_json(report.to_json())
    else:
        _print_report(report)
    sys.exit(1 if report.failed else 0)


@rules_group.command("explain")
@click.argument("rule")
@click.option("--input", "given", required=True, help="The fields of the rule, as JSON.")
@_as_json
def explain_rule(*, rule: str, given: str, as_json: bool) -> None:
    """What RULE answers, and the reasons and sources behind it."""
    entry = _entry(rule)
    try:
        fields = json.loads(given)
    except (ValueError, RecursionError) as fault:
        raise click.BadParameter(f"not JSON ({fault})", param_hint="--input") from fault
    answer = entry.explain(fields)
    if as_json:
        decision = None if answer.decision is None else answer.decision.to_json()
        _print_json(
            {
                "rule": entry.name,
                "answer": answer.result,
                "decision": decision,
                "sources": list(entry.sources),
            }
        )
    else:
        _print_answer(entry, answer=answer)


def _entry(name: str) -> RuleEntry:
    entry = RULES.get(name)
    if entry is None:
        near = difflib.get_close_matches(name, RULES, n=1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        raise click.BadParameter(f'there is no rule "{name}".{hint}', param_hint="RULE")
    return entry


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _print_entry(entry: RuleEntry) -> None:
    click.echo(f"{entry.name}  ({entry.package})")
    click.echo(f"  {entry.summary}")
    for setting in entry.settings:
        default = "none, must be set" if setting.default is None else setting.default
        click.echo(f"  setting {setting.name}, default {default}: {setting.source}")
    for source in entry.sources:
        click.echo(f"  source: {source}")


def _print_report(report: CheckReport) -> None:
    for failure in report.failures:
        click.echo(_line(failure))
    click.echo(
        f"{report.total} cases: {report.passed} passed, {report.failed} failed"
        f" ({report.not_implemented} not implemented)"
    )


def _line(failure: Failure) -> str:
    expected = json.dumps(failure.expected, ensure_ascii=False)
    got = failure.got if isinstance(failure.got, str) else json.dumps(failure.got)
    return f"{failure.id}  expected {expected}  got {got}"


def _print_answer(entry: RuleEntry, *, answer: Answer) -> None:
    for name, value in answer.result.items():
        click.echo(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    if answer.decision is not None:
        click.echo(f"verdict: {answer.decision.verdict.value}")
        for reason in answer.decision.reasons:
            click.echo(f"  {reason.effect.value}  {reason.message}  [{reason.source}]")
    for source in entry.sources:
        click.echo(f"source: {source}")

"""The query page: a question in the address, its answer as a table or a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from urllib.parse import urlencode
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from clinic.census.facts.questions import (
    FIELDS,
    GROUPS_MAX,
    Answer,
    Cell,
    FieldType,
    GroupBy,
    Question,
    RowKind,
    Show,
)
from clinic.census.forms import SaveViewForm
from clinic.census.queries import questions
from clinic.census.rules.questions import read_question, without_small_groups
from clinic.census.services import runs
from clinic.census.views.blueprint import census
from clinic.core.permissions import Permission
from clinic.patients.facts import chart_path
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

_OF_THE_PAGE = frozenset({"ask", "format"})


@census.get("/census/query")
@requires(Permission.VIEW_CENSUS)
def query() -> ResponseReturnValue:
    """Ask for rows or counts: ``ask`` answers, ``format=csv`` answers with a file."""
    said = list(request.args.items(multi=True))
    question = read_question(pair for pair in said if pair[0] not in _OF_THE_PAGE)
    if not request.args.get("ask"):
        return page("census/query", **asking(question))
    if not all(value for _, value in said):
        return see_other(question_address(question))
    return _answered(question, as_file=request.args.get("format") == "csv")


def _answered(question: Question, *, as_file: bool) -> ResponseReturnValue:
    _put_on_record(question, as_file=as_file)
    with begin_reading() as work:
        answer = questions.answer(work, question=question)
    if answer and as_file:
        return answer_file(answer)
    return page("census/query", **asking(question), answer=answer, asked=True)


def _put_on_record(question: Question, *, as_file: bool) -> None:
    """Whoever asked is on record before the answer is read, and no writer waits for it."""
    with begin_work() as work:
        runs.record_question(work, question=question, as_file=as_file)


def asking(question: Question) -> dict[str, object]:
    """What the form of a question shows."""
    fields = FIELDS[question.rows]
    address = question_address(question)
    return {
        "question": question,
        "kinds": [
            {
                "label": kind.label,
                "href": url_for("census.query", rows=kind.value),
                "active": kind is question.rows,
            }
            for kind in RowKind
        ],
        "fields": [field for field in fields if field.comparisons],
        "groupings": [GroupBy(field, part) for field in fields for part in field.groups],
        "numbers": [field for field in fields if field.type is FieldType.NUMBER],
        "shows": list(Show),
        "groups_max": GROUPS_MAX,
        "chosen": dict(question.pairs()),
        "address": address,
        "columns": answer_columns,
        "person_of": person_of,
        "save_form": SaveViewForm(formdata=None, address=address, name=question.in_words()[:80]),
    }


def question_address(question: Question) -> str:
    """Where the question is asked; it holds nothing of the answer and nothing of the reader."""
    return f"{url_for('census.query')}?{urlencode([*question.pairs(), ('ask', 'yes')])}"


def answer_columns(answer: Answer) -> tuple[Column[Sequence[Cell]], ...]:
    """The answer's columns; numbers to the right."""
    return tuple(
        Column(label, itemgetter(place), align="end" if _holds_numbers(answer, place) else "start")
        for place, label in enumerate(answer.labels)
    )


def _holds_numbers(answer: Answer, place: int) -> bool:
    cells = [row[place] for row in answer.rows if row[place] is not None]
    return bool(cells) and all(isinstance(cell, int | float) for cell in cells)


def person_of(answer: Answer, number: int) -> str | None:
    """The chart behind a row, where rows are people's."""
    return chart_path(UUID(answer.people[number])) if answer.people else None


def answer_file(answer: Answer) -> ResponseReturnValue:
    """The answer as it may leave the house."""
    shown = without_small_groups(answer)
    rows: Iterable[Sequence[Cell]] = shown.rows
    return csv_response("census-query", answer_columns(shown), rows)

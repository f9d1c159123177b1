"""Long reports: started, watched, cancelled, read."""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qsl
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.census.queries import runs as queries
from clinic.census.rules.questions import read_question
from clinic.census.services import runs as services
from clinic.census.views.blueprint import census
from clinic.census.views.query import answer_columns, answer_file, person_of, question_address
from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.web.aside import holder, run_aside
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import is_fragment, page, see_other
from clinic.web.permission import requires


@census.post("/census/runs")
@requires(Permission.VIEW_CENSUS)
def start_run() -> ResponseReturnValue:
    """Have a question answered aside; asked twice, it runs once."""
    _, _, asked = request.form.get("address", "").partition("?")
    question = read_question(pair for pair in parse_qsl(asked) if pair[0] != "ask")
    with begin_work() as work:
        run_id, is_new = services.start_report(
            work, question=question, address=question_address(question), holder=holder()
        )
    if is_new:
        run_aside(partial(services.carry_out, run_id=run_id, question=question))
    return see_other(url_for("census.run", run_id=run_id))


@census.get("/census/runs/<uuid:run_id>")
@requires(Permission.VIEW_CENSUS)
def run(run_id: UUID) -> ResponseReturnValue:
    """How far a report of one's own is, or its answer; by itself every second, or by reload."""
    if request.args.get("format") == "csv":
        return _file(run_id)
    with begin_reading() as work:
        found = queries.report(work, run_id=run_id)
    return page(
        "census/_run" if is_fragment() else "census/run",
        report=found,
        columns=answer_columns,
        person_of=person_of,
    )


def _file(run_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        answer = queries.report(work, run_id=run_id).answer
        if answer is None:
            raise NotFound("answer")
        services.record_export(work, run_id=run_id)
    return answer_file(answer)


@census.post("/census/runs/<uuid:run_id>/cancel")
@requires(Permission.VIEW_CENSUS)
def cancel_run(run_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.cancel_report(work, run_id=run_id)
    flash("The report is cancelled.", "ok")
    return see_other(url_for("census.run", run_id=run_id))

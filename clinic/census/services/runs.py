"""Long reports: asked for, carried out part by part, cancelled, forgotten after a day."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.census.facts.questions import Answer, Question
from clinic.census.facts.runs import KEPT_FOR, LOST_AFTER, ReportStatus
from clinic.census.models import ReportRun
from clinic.census.queries import questions
from clinic.core.errors import NotFound
from clinic.data import limits
from clinic.data.work import Work

Begin = Callable[[], AbstractContextManager[Work]]
_UNDER_WAY = (ReportStatus.WAITING, ReportStatus.RUNNING)


def record_question(work: Work, *, question: Question, as_file: bool) -> None:
    """Put on record who asked what."""
    audit.record(
        work,
        action="census.export" if as_file else "census.query",
        subject=question.in_words(),
        detail={"question": question.pairs()},
    )


def record_export(work: Work, *, run_id: UUID) -> None:
    """Put on record that an answer leaves as a file."""
    audit.record(work, action="census.export", subject=f"report {run_id}")


def start_report(work: Work, *, question: Question, address: str, holder: str) -> tuple[UUID, bool]:
    """A report on its way, and whether it is new: whoever asks twice gets the one under way."""
    running = work.session.scalar(
        sa.select(ReportRun.id).where(
            *_own(work),
            ReportRun.address == address,
            ReportRun.status.in_(_UNDER_WAY),
            ReportRun.cancel_asked_at.is_(None),
            ReportRun.beat_at > work.now - LOST_AFTER,
        )
    )
    if running is not None:
        return running, False
    record_question(work, question=question, as_file=False)
    run = ReportRun(
        id=work.new_id(),
        site_id=work.site.id,
        title=question.in_words(),
        address=address,
        status=ReportStatus.WAITING,
        holder=holder,
        beat_at=work.now,
        **work.attribution,
    )
    work.session.add(run)
    work.session.flush()
    return run.id, True


def carry_out(begin: Begin, begin_reading: Begin, *, run_id: UUID, question: Question) -> None:
    """Answer a report part by part, telling how far it is after each.

    Invariant: one transaction reads everything, so that the answer is of one moment; the
    progress is written in others. Nothing is written once the report is no longer under way.
    """
    try:
        with begin_reading() as work:
            _read_of_one_moment(work)
            made = questions.gathering(work, question=question)
            ranges = questions.parts(work)
            for done, part in enumerate(ranges):
                if not _beat(begin, run_id, percent=100 * done // len(ranges), made=made):
                    break
                questions.gather(work, made, part=part, known_as=run_id)
    except limits.StatementStopped:
        _finish(begin, run_id, ReportStatus.FAILED)
    except Exception:
        _finish(begin, run_id, ReportStatus.FAILED)
        raise
    else:
        _finish(begin, run_id, ReportStatus.DONE, made.answer())


def cancel_report(work: Work, *, run_id: UUID) -> None:
    """Ask a report of one's own to stop. Raises: NotFound when there is none."""
    found = work.session.execute(
        sa.update(ReportRun)
        .where(*_own(work), ReportRun.id == run_id)
        .values(cancel_asked_at=sa.func.coalesce(ReportRun.cancel_asked_at, work.now))
        .returning(ReportRun.id)
    ).first()
    if found is None:
        raise NotFound("report")
    _close(work, run_id, ReportStatus.CANCELLED, None)
    limits.stop(run_id)
    audit.record(work, action="census.cancel_report", subject=f"report {run_id}")


def forget_reports(work: Work, _day: date) -> int:
    """Remove what was kept for a day, and what was lost that long ago; how many there were."""
    gone = work.session.execute(
        sa.delete(ReportRun)
        .where(ReportRun.site_id == work.site.id, ReportRun.beat_at < work.now - KEPT_FOR)
        .returning(ReportRun.id)
    ).all()
    return len(gone)


def _own(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    return (ReportRun.site_id == work.site.id, ReportRun.recorded_by == work.actor.id)


def _read_of_one_moment(work: Work) -> None:
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def _beat(begin: Begin, run_id: UUID, *, percent: int, made: questions.Gathering) -> bool:
    """Say how far the report is, and that what waits behind it here still waits; False to stop."""
    with begin() as work:
        run = work.session.execute(
            sa.update(ReportRun)
            .where(ReportRun.id == run_id, ReportRun.status.in_(_UNDER_WAY))
            .values(
                status=ReportStatus.RUNNING,
                percent=percent,
                rows_done=made.rows_done,
                beat_at=work.now,
            )
            .returning(ReportRun.holder)
        ).first()
        if run is None:
            return False
        work.session.execute(
            sa.update(ReportRun)
            .where(ReportRun.holder == run.holder, ReportRun.status == ReportStatus.WAITING)
            .values(beat_at=work.now)
        )
    return True


def _finish(begin: Begin, run_id: UUID, status: ReportStatus, answer: Answer | None = None) -> None:
    with begin() as work:
        _close(work, run_id, status, answer)


def _close(work: Work, run_id: UUID, status: ReportStatus, answer: Answer | None) -> None:
    """Write the end of a report that is under way; one that has ended keeps its end."""
    ended = {"status": status, "finished_at": work.now, "beat_at": work.now}
    if answer is not None:
        ended |= {"answer": asdict(answer), "percent": 100, "rows_done": len(answer.rows)}
    work.session.execute(
        sa.update(ReportRun)
        .where(ReportRun.id == run_id, ReportRun.status.in_(_UNDER_WAY))
        .values(**ended)
    )

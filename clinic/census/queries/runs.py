"""Reports of one's own and views one may open."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.census.facts.questions import Answer
from clinic.census.facts.runs import LOST_AFTER, Report, ReportStatus, SavedViewLine
from clinic.census.models import ReportRun, SavedView
from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.staff.models import UserAccount


def report(work: Work, *, run_id: UUID) -> Report:
    """A report whoever works asked for.

    Raises: NotFound for anybody else's, and for names one may no longer see.
    """
    run = work.session.scalar(sa.select(ReportRun).where(*_own(work), ReportRun.id == run_id))
    if run is None:
        raise NotFound("report")
    found = _report(work, run, with_answer=True)
    if found.answer and found.answer.people and not work.actor.may(Permission.VIEW_CHART):
        raise NotFound("report")
    return found


def reports(work: Work) -> list[Report]:
    """One's own reports not yet forgotten, the latest first, without their answers."""
    runs = work.session.scalars(
        sa.select(ReportRun).where(*_own(work)).order_by(ReportRun.recorded_at.desc())
    )
    return [_report(work, run, with_answer=False) for run in runs]


def saved_views(work: Work) -> list[SavedViewLine]:
    """One's own views and those shared at the site, by name; one statement."""
    rows = work.session.execute(
        _views(work)
        .add_columns(UserAccount.display_name)
        .join(UserAccount, UserAccount.id == SavedView.owner_id)
        .order_by(SavedView.name, SavedView.id)
    )
    return [
        SavedViewLine(
            id=view.id,
            name=view.name,
            address=view.address,
            is_shared=view.is_shared,
            is_own=view.owner_id == work.actor.id,
            owner_name=owner,
            version=view.version,
        )
        for view, owner in rows
    ]


def _views(work: Work) -> sa.Select[Any]:
    return sa.select(SavedView).where(
        SavedView.site_id == work.site.id,
        SavedView.removed_at.is_(None),
        sa.or_(SavedView.owner_id == work.actor.id, SavedView.is_shared),
    )


def _own(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    return (ReportRun.site_id == work.site.id, ReportRun.recorded_by == work.actor.id)


def _report(work: Work, run: ReportRun, *, with_answer: bool) -> Report:
    silent = run.status.is_under_way and run.beat_at <= work.now - LOST_AFTER
    return Report(
        id=run.id,
        title=run.title,
        address=run.address,
        status=ReportStatus.LOST if silent else run.status,
        asked_at=run.recorded_at,
        percent=run.percent,
        rows_done=run.rows_done,
        answer=_answer(run.answer) if with_answer and run.answer else None,
    )


def _answer(kept: dict[str, Any]) -> Answer:
    return Answer(
        labels=tuple(kept["labels"]),
        rows=tuple(tuple(row) for row in kept["rows"]),
        people=tuple(kept["people"]),
        is_cut=kept["is_cut"],
        withheld=kept["withheld"],
    )

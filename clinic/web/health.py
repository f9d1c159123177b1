"""GET /healthz: is the database there, is its schema ours, is the scheduler alive."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from clinic.data import jobs
from clinic.data.db import UnsafeStorage, check_storage, db
from clinic.web.edge import clock
from clinic.web.permission import public


def register_health(app: Flask) -> None:
    """Add the health page; it needs no sign-in and tells nothing of any patient."""
    app.add_url_rule("/healthz", "healthz", healthz, methods=["GET"])


@public
def healthz() -> ResponseReturnValue:
    faults: list[str] = []
    report: dict[str, object] = {"database": "unreachable", "migration": None, "scheduler": None}
    try:
        session = db.session()
        check_storage(session.connection())
        report["database"] = session.get_bind().dialect.name
        report["migration"] = _migration(faults)
        report["scheduler"] = _scheduler(faults)
    except UnsafeStorage as error:
        faults.append(str(error))
    except SQLAlchemyError:
        faults.append("the database does not answer")
    finally:
        db.session.remove()
    report["faults"] = faults
    return jsonify(report), 503 if faults else 200


def _migration(faults: list[str]) -> str | None:
    directory = current_app.extensions["migrate"].directory
    wanted = ScriptDirectory(directory).get_current_head()
    found = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if found != wanted:
        faults.append(
            f"the schema is at {found}, this program needs {wanted}: run `clinic migrate`"
        )
    return str(found) if found else None


def _scheduler(faults: list[str]) -> str | None:
    beat = jobs.heartbeat(db.session())
    silent = timedelta(seconds=current_app.config["HEARTBEAT_SECONDS_MAX"])
    if beat is None or clock() - beat > silent:
        faults.append("the scheduler is silent: start `python -m tasks`")
    return beat.isoformat() if beat else None

"""What was brought in from outside: files waiting to be imported, each run, each refusal."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Attributed, Id, Json, OfSite, ShortName, Text, Word
from clinic.data.db import Model


class ImportUpload(OfSite, Attributed, Model):
    """Files sent by a browser, kept until somebody has seen what they would do. Then deleted.

    ``content`` is one zip archive of them. The run that imports them takes over ``id``.
    """

    __tablename__ = "import_upload"

    id: Mapped[Id]
    files: Mapped[int]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


class ImportRun(OfSite, Attributed, Model):
    """One import: what it read, what it added, what it changed nothing about."""

    __tablename__ = "import_run"
    __table_args__ = (sa.Index("ix_import_run_recorded_at", "site_id", "recorded_at"),)

    id: Mapped[Id]
    kind: Mapped[Word]
    counts: Mapped[Json]


class ImportRefusal(OfSite, Model):
    """A file the house would not take, where in it, and why."""

    __tablename__ = "import_refusal"

    id: Mapped[Id]
    run_id: Mapped[UUID] = mapped_column(sa.ForeignKey("import_run.id"), index=True)
    file: Mapped[ShortName]
    place: Mapped[ShortName]
    reason: Mapped[Text]

"""What was brought in from outside: each run, and each file that was refused."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Attributed, Id, Json, OfSite, ShortName, Text, Word
from clinic.data.db import Model


class ImportRun(OfSite, Attributed, Model):
    """One import: what it read, what it added, what it changed nothing about."""

    __tablename__ = "import_run"

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

"""Files a browser sent: kept until somebody saw what they would do, then imported and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.exchange.facts.records import ReadTogether
from clinic.exchange.models import ImportRun, ImportUpload
from clinic.exchange.readers.archive import OutsideFile, packed
from clinic.exchange.services.records import import_records

UPLOADS_KEPT = timedelta(hours=24)
"""Files nobody imports hold patients' data to no purpose. Source: 42 CFR 2.16(a)(1)(iii), 45 CFR
164.502(b) (minimum necessary); the length is site policy."""


def keep_upload(work: Work, *, files: Sequence[OutsideFile]) -> UUID:
    """Keep these files for a look at what they would do; forgets those nobody imported."""
    work.session.execute(
        sa.delete(ImportUpload).where(
            ImportUpload.site_id == work.site.id,
            ImportUpload.recorded_at < work.now - UPLOADS_KEPT,
        )
    )
    upload = ImportUpload(
        id=work.new_id(),
        site_id=work.site.id,
        files=len(files),
        content=packed(files),
        **work.attribution,
    )
    work.session.add(upload)
    audit.record(
        work,
        action="records.upload",
        subject=f"import {upload.id}",
        detail={"files": len(files), "bytes": sum(len(file.content) for file in files)},
    )
    return upload.id


def import_upload(work: Work, *, upload_id: UUID, read: ReadTogether) -> UUID:
    """Import what was read from an upload, and delete the files. Pressed twice, it acts once.

    Shape: the run's id, which is the upload's.
    Raises: NotFound when the files were discarded.
    """
    if work.session.get(ImportRun, upload_id) is not None:
        return upload_id
    discard_upload(work, upload_id=upload_id)
    import_records(
        work,
        records=read.records,
        files=read.files_read,
        refusals=read.refusals,
        run_id=upload_id,
    )
    return upload_id


def discard_upload(work: Work, *, upload_id: UUID) -> None:
    """Delete files nobody wants to import.

    Raises: NotFound.
    """
    gone = work.session.execute(
        sa.delete(ImportUpload)
        .where(ImportUpload.site_id == work.site.id, ImportUpload.id == upload_id)
        .returning(ImportUpload.id)
    ).first()
    if gone is None:
        raise NotFound("upload")

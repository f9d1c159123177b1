"""Downtime packs on disk: written before they are needed, readable without program or database."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clinic.audit import services as audit
from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.dosing.facts.downtime import DowntimePack, KeptPack
from clinic.dosing.papers import pack_pdf
from clinic.dosing.queries import downtime as queries
from clinic.dosing.rules.downtime import pack_is_due
from clinic.sites import queries as sites
from clinic.web.paper import printed_by

Begin = Callable[[], AbstractContextManager[Work]]
_NAME = "downtime-{:%Y%m%dT%H%M%SZ}.pdf"
_PATTERN = "downtime-%Y%m%dT%H%M%SZ.pdf"


def keep_pack(begin: Begin, folder: Path) -> KeptPack | None:
    """Write the site's pack when it is due; None when the newest one is fresh enough."""
    with begin() as work:
        if not _is_due(work, _folder(work, folder)):
            return None
    return write_pack(begin, folder)


def write_pack(begin: Begin, folder: Path) -> KeptPack:
    """Write the pack of the clinic day now, and clear away those kept long enough.

    Read in one transaction, printed outside of any, noted in another.
    """
    with begin() as work:
        pack = queries.pack(work, day=work.service_date)
        printed, now = printed_by(work), work.now
        kept_days = queries.policy_of(work).kept_days
        place = _folder(work, folder)
    kept, digest = _write(pack, place, printed=printed, now=now)
    for old in kept_packs_in(place):
        if old.written_at < now - timedelta(days=kept_days):
            (place / old.name).unlink(missing_ok=True)
    with begin() as work:
        audit.record(
            work,
            action="downtime.write_pack",
            subject=kept.name,
            detail={"patients": len(pack.rows), "bytes": kept.bytes, "sha256": digest},
        )
    return kept


def kept_packs(work: Work, folder: Path) -> list[KeptPack]:
    """The site's packs on disk, newest first."""
    return kept_packs_in(_folder(work, folder))


def read_pack(work: Work, folder: Path, *, name: str) -> bytes:
    """One pack, for whoever may give doses; taking it out is noted.

    Raises: NotFound when none of this name lies there.
    """
    if name not in {kept.name for kept in kept_packs(work, folder)}:
        raise NotFound("pack")
    audit.record(work, action="downtime.take_pack", subject=name)
    return (_folder(work, folder) / name).read_bytes()


def kept_packs_in(place: Path) -> list[KeptPack]:
    """The packs of one folder, newest first."""
    found = []
    for path in place.glob("downtime-*.pdf"):
        try:
            written_at = datetime.strptime(path.name, _PATTERN).replace(tzinfo=UTC)
        except ValueError:
            continue
        found.append(KeptPack(path.name, written_at, path.stat().st_size))
    return sorted(found, key=lambda kept: kept.written_at, reverse=True)


def _is_due(work: Work, place: Path) -> bool:
    day = work.service_date
    hours = sites.opening_hours(work).get(day.weekday())
    closed = sites.closures(work, first=day, until=day + timedelta(days=1))
    is_open = hours is not None and day not in closed
    newest = next((kept.written_at for kept in kept_packs_in(place)), None)
    return pack_is_due(
        now=work.now,
        newest_of_day=newest if newest and work.site.service_date(newest) == day else None,
        opens_at=work.site.instant(day, hours.opens_at) if hours and is_open else None,
        closes_at=work.site.instant(day, hours.closes_at) if hours and is_open else None,
        policy=queries.policy_of(work),
    )


def _folder(work: Work, folder: Path) -> Path:
    return folder / "downtime" / str(work.site.id)


def _write(pack: DowntimePack, place: Path, *, printed: str, now: datetime) -> tuple[KeptPack, str]:
    """Whole or not at all: written beside, then put in place; nobody else on the machine reads."""
    data = pack_pdf(pack, printed=printed)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = _NAME.format(now)
    beside = place / f".{name}.{os.getpid()}"
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(place / name)
    written_at = datetime.strptime(name, _PATTERN).replace(tzinfo=UTC)
    return KeptPack(name, written_at, len(data)), hashlib.sha256(data).hexdigest()

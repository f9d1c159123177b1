"""Write the day's census down, and hold what was written against what the facts say now."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.census import queries
from clinic.census.facts import CountDifference
from clinic.census.models import CensusSnapshot
from clinic.core.errors import Refused
from clinic.data.upsert import insert
from clinic.data.work import Work


def take_snapshot(work: Work, *, service_date: date) -> bool:
    """Write down the census of a clinic day as it is known now; False when it already was.

    Invariant: the first writing stands, so that it keeps telling what was known that night.
    Raises: Refused for a day that has not come yet.
    """
    if service_date > work.service_date:
        raise Refused("That day has not come yet.")
    counts = queries.census_on(work, day=service_date).counts()
    written = work.session.execute(
        insert(work.session, CensusSnapshot)
        .values(site_id=work.site.id, service_date=service_date, taken_at=work.now, counts=counts)
        .on_conflict_do_nothing()
        .returning(CensusSnapshot.service_date)
    ).first()
    if written is None:
        return False
    audit.record(work, action="census.snapshot", subject=f"census {service_date}")
    return True


def rebuild_snapshots(work: Work, *, first: date, until: date) -> list[CountDifference]:
    """Write every snapshot of ``[first, until)`` anew from the facts; what each said otherwise."""
    found = verify_snapshots(work, first=first, until=until)
    for day in sorted({one.service_date for one in found}):
        counts = queries.census_on(work, day=day).counts()
        work.session.execute(
            sa.update(CensusSnapshot)
            .where(CensusSnapshot.site_id == work.site.id, CensusSnapshot.service_date == day)
            .values(taken_at=work.now, counts=counts)
        )
        audit.record(
            work,
            action="census.rebuild",
            subject=f"census {day}",
            detail={
                f"{one.axis}.{one.key}": [one.written, one.derived]
                for one in found
                if one.service_date == day
            },
        )
    return found


def verify_snapshots(work: Work, *, first: date, until: date) -> list[CountDifference]:
    """Every number in the snapshots of ``[first, until)`` that the facts no longer give.

    Shape: empty when all agree. A fact recorded after its day is the honest cause of one.
    """
    written = queries.snapshots(work, first=first, until=until)
    return [
        difference
        for day, (_, counts) in written.items()
        for difference in queries.census_on(work, day=day).differences(counts)
    ]

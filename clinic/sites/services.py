"""Open a site, set its hours, close a day, choose a policy number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from uuid import UUID
from zoneinfo import available_timezones

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clinic.audit import services as audit
from clinic.core.errors import Clash, Refused
from clinic.core.service_dates import SiteClock
from clinic.data.types import new_id
from clinic.data.work import STALE, Work
from clinic.sites.facts import ClosureKind
from clinic.sites.models import Closure, OpeningHours, Organization, PolicySetting, Site


def open_organization(session: Session, *, name: str) -> UUID:
    """The first act of an installation: nobody is signed in yet."""
    organization = Organization(id=new_id(), name=name)
    session.add(organization)
    session.flush()
    return organization.id


def open_site(
    session: Session,
    *,
    organization_id: UUID,
    code: str,
    name: str,
    time_zone: str,
    day_starts_at: time = time(0, 0),
    **details: object,
) -> SiteClock:
    """Add a site to an organisation and give back its clock.

    Raises: Refused when the time zone is not one of the IANA names.
    """
    if time_zone not in available_timezones():
        raise Refused(f"{time_zone} is not a time zone; use a name such as America/New_York.")
    opened = Site(
        id=new_id(),
        organization_id=organization_id,
        code=code,
        name=name,
        time_zone=time_zone,
        day_starts_at=day_starts_at,
        **details,
    )
    session.add(opened)
    session.flush()
    return SiteClock(opened.id, organization_id, time_zone, day_starts_at)


def set_hours(work: Work, *, hours: Mapping[int, tuple[time, time]]) -> None:
    """Replace the weekly hours. Weekdays left out are closed.

    Raises: Refused when a day closes before it opens.
    """
    wrong = [day for day, (opens, closes) in hours.items() if closes <= opens]
    if wrong:
        raise Refused("Closing time must be after opening time.")
    work.session.execute(sa.delete(OpeningHours).where(OpeningHours.site_id == work.site.id))
    for weekday, (opens_at, closes_at) in sorted(hours.items()):
        work.session.add(
            OpeningHours(
                site_id=work.site.id, weekday=weekday, opens_at=opens_at, closes_at=closes_at
            )
        )
    audit.record(work, action="site.set_hours", subject=f"site {work.site.id}")


def close_day(work: Work, *, closed_on: date, kind: ClosureKind, reason: str) -> None:
    """Declare a whole day closed.

    Raises: Clash when it already is.
    """
    taken = work.session.scalar(
        sa.select(Closure.reason).where(
            Closure.site_id == work.site.id, Closure.closed_on == closed_on
        )
    )
    if taken is not None:
        raise Clash(f"{closed_on:%d %b %Y} is already closed: {taken}.")
    work.session.add(
        Closure(
            site_id=work.site.id,
            closed_on=closed_on,
            kind=kind,
            reason=reason,
            **work.attribution,
        )
    )
    audit.record(work, action="site.close_day", subject=f"{closed_on}", detail={"reason": reason})


def choose_setting(
    work: Work, *, setting: str, value: object, starts_on: date, source: str
) -> None:
    """Put the site's own number in place of a default, from a date on.

    Raises: Refused without a source: a number nobody can trace is not a policy.
    """
    if not source:
        raise Refused("Say where this number comes from: a state rule, or who decided it.")
    work.session.add(
        PolicySetting(
            site_id=work.site.id,
            setting=setting,
            value=value,
            starts_on=starts_on,
            source=source,
            **work.attribution,
        )
    )
    audit.record(
        work,
        action="site.choose_setting",
        subject=setting,
        detail={"value": value, "starts_on": str(starts_on), "source": source},
    )


def rename(work: Work, *, version: int, name: str, address: str, telephone: str) -> None:
    """Change what labels and pages say of the site.

    Raises: Clash when somebody else changed it since ``version``.
    """
    here = work.session.get_one(Site, work.site.id)
    if here.version != version:
        raise Clash(STALE)
    here.name, here.address, here.telephone = name, address, telephone
    audit.record(work, action="site.rename", subject=f"site {here.id}", detail={"name": name})

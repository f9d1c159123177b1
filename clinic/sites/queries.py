"""Sites as the house reads them: their clocks, their hours, the policy they chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clinic.core.errors import NotFound
from clinic.core.service_dates import SiteClock
from clinic.data.work import Work
from clinic.sites.models import Closure, OpeningHours, Organization, PolicySetting, Site

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Policy = TypeVar("Policy", bound=DataclassInstance)
    Other = TypeVar("Other", bound=DataclassInstance)
else:
    Policy = TypeVar("Policy")
    Other = TypeVar("Other")

_SETTING: sa.Table = PolicySetting.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What pages and labels say of a site."""

    id: UUID
    code: str
    name: str
    time_zone: str
    day_starts_at: time
    address: str
    telephone: str
    beds: int
    capacity: int | None
    version: int
    organization: str


@dataclass(frozen=True, slots=True)
class Hours:
    weekday: int
    opens_at: time
    closes_at: time


def clocks(session: Session, *, organization_id: UUID | None = None) -> list[SiteClock]:
    """The clock of every active site, oldest site first."""
    query = sa.select(Site.id, Site.organization_id, Site.time_zone, Site.day_starts_at).where(
        Site.is_active
    )
    if organization_id is not None:
        query = query.where(Site.organization_id == organization_id)
    return [SiteClock(*row) for row in session.execute(query.order_by(Site.id))]


def clock_of(session: Session, *, code: str | None) -> SiteClock:
    """The clock of an active site by its code; of the oldest site without one.

    Raises: NotFound with the codes there are.
    """
    query = sa.select(Site.id, Site.organization_id, Site.time_zone, Site.day_starts_at)
    if code is not None:
        query = query.where(Site.code == code)
    row = session.execute(query.where(Site.is_active).order_by(Site.id).limit(1)).first()
    if row is not None:
        return SiteClock(*row)
    known = sorted(session.scalars(sa.select(Site.code).where(Site.is_active)))
    if not known:
        raise NotFound("there is no site yet: run `clinic demo`, or open one")
    raise NotFound(f"there is no site {code!r}; the sites are: {', '.join(known)}")


def site(work: Work) -> SiteFacts:
    """The site this work happens at.

    Raises: NotFound.
    """
    row = work.session.execute(
        sa.select(Site, Organization.name)
        .join(Organization, Organization.id == Site.organization_id)
        .where(Site.id == work.site.id)
    ).first()
    if row is None:
        raise NotFound("site")
    here: Site = row[0]
    return SiteFacts(
        id=here.id,
        code=here.code,
        name=here.name,
        time_zone=here.time_zone,
        day_starts_at=here.day_starts_at,
        address=here.address,
        telephone=here.telephone,
        beds=here.beds,
        capacity=here.capacity,
        version=here.version,
        organization=row[1],
    )


def opening_hours(work: Work) -> dict[int, Hours]:
    """Hours by weekday, Monday 0; a weekday without an entry is closed."""
    rows = work.session.execute(
        sa.select(OpeningHours.weekday, OpeningHours.opens_at, OpeningHours.closes_at)
        .where(OpeningHours.site_id == work.site.id)
        .order_by(OpeningHours.weekday)
    )
    return {row.weekday: Hours(*row) for row in rows}


def closures(work: Work, *, first: date, until: date) -> dict[date, str]:
    """Closed days in ``[first, until)`` with their reason, weekly closed days not among them."""
    rows = work.session.execute(
        sa.select(Closure.closed_on, Closure.reason)
        .where(
            Closure.site_id == work.site.id,
            Closure.closed_on >= first,
            Closure.closed_on < until,
        )
        .order_by(Closure.closed_on)
    )
    return {row.closed_on: row.reason for row in rows}


def closed_dates(work: Work, *, first: date, until: date) -> frozenset[date]:
    """Every day in ``[first, until)`` the site does not open: weekly closed days and closures."""
    open_weekdays = opening_hours(work).keys()
    weekly = {
        day
        for offset in range((until - first).days)
        if (day := first + timedelta(days=offset)).weekday() not in open_weekdays
    }
    return frozenset(weekly | closures(work, first=first, until=until).keys())


_CHOSEN = (
    sa.select(_SETTING.c.setting, _SETTING.c.value)
    .where(
        _SETTING.c.site_id == sa.bindparam("site_id"),
        _SETTING.c.setting.in_(sa.bindparam("names", expanding=True)),
        _SETTING.c.starts_on <= sa.bindparam("on"),
    )
    .order_by(_SETTING.c.starts_on)
)


def policy(work: Work, defaults: Policy, *, of: str, on: date) -> Policy:
    """``defaults`` with every number the site replaced by ``on``.

    Shape: settings are stored as ``<of>.<field>``; a Decimal field is stored as text.
    """
    return replace(defaults, **_chosen(work, {of: defaults}, on=on)[of])


def policies(
    work: Work, first: tuple[str, Policy], second: tuple[str, Other], *, on: date
) -> tuple[Policy, Other]:
    """Two policies in one statement, each named and given as ``policy`` does."""
    chosen = _chosen(work, dict((first, second)), on=on)
    return replace(first[1], **chosen[first[0]]), replace(second[1], **chosen[second[0]])


def _chosen(work: Work, kinds: dict[str, Any], *, on: date) -> dict[str, dict[str, Any]]:
    names = [f"{of}.{one.name}" for of, defaults in kinds.items() for one in fields(defaults)]
    work.session.flush()
    rows = work.session.connection().execute(
        _CHOSEN, {"site_id": work.site.id, "names": names, "on": on}
    )
    chosen: dict[str, dict[str, Any]] = {of: {} for of in kinds}
    for setting, value in rows:
        of, _, name = setting.rpartition(".")
        is_decimal = isinstance(getattr(kinds[of], name), Decimal)
        chosen[of][name] = Decimal(value) if is_decimal else value
    return chosen


def settings(work: Work) -> Sequence[PolicySetting]:
    """Every policy number the site chose, by name and date."""
    return work.session.scalars(
        sa.select(PolicySetting)
        .where(PolicySetting.site_id == work.site.id)
        .order_by(PolicySetting.setting, PolicySetting.starts_on)
    ).all()

"""Enter who and what sessions need, and take it out of use."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import STALE, Work
from clinic.scheduling.facts import ResourceKind
from clinic.scheduling.models import Resource


def add_resource(
    work: Work,
    *,
    kind: ResourceKind,
    name: str,
    skills: Collection[str] = (),
    user_id: UUID | None = None,
) -> UUID:
    """Enter a member of staff, room, device or bed that sessions can hold.

    ``skills``: what staff can do, or what a room or device is, in the catalogue's codes.
    Raises: Refused without a name; Clash when the site has one of that name.
    """
    if not name:
        raise Refused("A resource needs a name.")
    resource = Resource(
        id=work.new_id(),
        site_id=work.site.id,
        kind=kind,
        name=name,
        skills=sorted(set(skills)),
        user_id=user_id,
        is_active=True,
    )
    work.session.add(resource)
    work.session.flush()
    audit.record(work, action="resource.add", subject=f"resource {resource.id}")
    return resource.id


def set_resource_active(work: Work, *, resource_id: UUID, version: int, is_active: bool) -> None:
    """Take a resource out of use, or back into it. What is booked on it stays booked.

    Raises: NotFound; Clash when somebody changed it meanwhile.
    """
    resource = work.session.scalar(
        sa.select(Resource).where(Resource.site_id == work.site.id, Resource.id == resource_id)
    )
    if resource is None:
        raise NotFound("resource")
    if resource.version != version:
        raise Clash(STALE)
    resource.is_active = is_active
    work.session.flush()
    action = "resource.use" if is_active else "resource.rest"
    audit.record(work, action=action, subject=f"resource {resource_id}")

"""Keep an address of the census under a name, rename it, share it, let it go."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.census.models import SavedView
from clinic.core.errors import Clash, NotFound
from clinic.data.work import STALE, Work


def save_view(work: Work, *, name: str, address: str, is_shared: bool) -> UUID:
    """Keep an address. Raises: Clash when the owner keeps one under this name already."""
    view = SavedView(
        id=work.new_id(),
        site_id=work.site.id,
        owner_id=work.actor.id,
        name=name,
        address=address,
        is_shared=is_shared,
        **work.attribution,
    )
    work.session.add(view)
    work.session.flush()
    _record(work, "census.save_view", view)
    return view.id


def change_view(work: Work, *, view_id: UUID, version: int, name: str, is_shared: bool) -> None:
    """Rename a view of one's own, share it or no longer.

    Raises: NotFound for anybody else's; Clash when it changed since it was shown.
    """
    view = _own(work, view_id, version)
    view.name, view.is_shared = name, is_shared
    _record(work, "census.change_view", view)


def remove_view(work: Work, *, view_id: UUID, version: int) -> None:
    """Let a view of one's own go; its row stays. Raises: as ``change_view``."""
    view = _own(work, view_id, version)
    view.removed_at = work.now
    _record(work, "census.remove_view", view)


def _own(work: Work, view_id: UUID, version: int) -> SavedView:
    view = work.session.scalar(
        sa.select(SavedView)
        .where(
            SavedView.site_id == work.site.id,
            SavedView.owner_id == work.actor.id,
            SavedView.id == view_id,
            SavedView.removed_at.is_(None),
        )
        .with_for_update()
    )
    if view is None:
        raise NotFound("saved view")
    if view.version != version:
        raise Clash(STALE)
    return view


def _record(work: Work, action: str, view: SavedView) -> None:
    audit.record(
        work,
        action=action,
        subject=f"view {view.name}",
        detail={"address": view.address, "shared": view.is_shared},
    )

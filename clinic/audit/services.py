"""Write the audit by explicit call, seal it in batches, and verify it from the first leaf."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit.facts import GENESIS, Leaf, chain, merkle_root
from clinic.audit.models import AuditLeaf, AuditSeal, AuditSealedLeaf
from clinic.data.upsert import insert
from clinic.data.work import Work

SEAL_BATCH = 5000
SEAL_LOOK_BACK = timedelta(days=3)
"""How far before the newest sealed leaf the sealer looks for leaves committed late."""


_LEAF: sa.Table = AuditLeaf.__table__  # type: ignore[assignment]
_INSERT_LEAF = sa.insert(_LEAF)


def record(
    work: Work,
    *,
    action: str,
    subject: str,
    patient_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append one leaf for what ``work.actor`` does or sees, in the same transaction.

    Shape: ``action`` is a verb phrase ("dose.give", "chart.view"), ``subject`` names the object;
    ``detail`` holds JSON values.
    """
    leaf = Leaf(
        site_id=work.site.id,
        service_date=work.service_date,
        id=work.new_id(),
        occurred_at=work.now,
        actor_id=work.actor.id,
        actor_name=work.actor.name,
        session_id=work.session_id,
        request_id=work.request_id,
        action=action,
        subject=subject,
        patient_id=patient_id,
        detail=dict(detail or {}),
    )
    work.session.flush()
    work.session.connection().execute(_INSERT_LEAF, leaf.columns() | {"leaf_hash": leaf.hash()})


def seal(work: Work, *, look_back: timedelta | None = SEAL_LOOK_BACK) -> int:
    """Seal the site's committed, unsealed leaves into one batch; the number of leaves sealed.

    ``look_back`` None asks for every leaf ever left out, which takes a walk over all of them.
    Invariant: a leaf is sealed once. One committed after this batch was cut joins the next; of
    two sealers at once, one seals and the other finds nothing to do.
    """
    last = _last_seal(work)  # before the leaves: a seal cut in between then takes our number
    newest = last.newest if last else None
    since = newest - look_back if newest and look_back is not None else None
    leaves = work.session.execute(_unsealed(work, since)).all()
    if not leaves:
        return 0
    sequence, previous = (last.sequence + 1, last.chain) if last else (1, GENESIS)
    root = merkle_root([leaf.leaf_hash for leaf in leaves])
    ours = work.session.execute(
        insert(work.session, AuditSeal)
        .values(
            site_id=work.site.id,
            sequence=sequence,
            sealed_at=work.now,
            leaf_count=len(leaves),
            root=root,
            previous_chain=previous,
            chain=chain(previous, root, len(leaves)),
        )
        .on_conflict_do_nothing()
        .returning(AuditSeal.sequence)
    ).first()
    if ours is None:
        return 0
    work.session.execute(
        sa.insert(AuditSealedLeaf),
        [
            {
                "site_id": work.site.id,
                "service_date": leaf.service_date,
                "leaf_id": leaf.id,
                "sequence": sequence,
                "position": position,
            }
            for position, leaf in enumerate(leaves)
        ],
    )
    return len(leaves)


def seal_left_out(work: Work, _day: date) -> int:
    """Seal leaves of any age that no batch took, as after a long silence; how many there were."""
    return seal(work, look_back=None)


def _last_seal(work: Work) -> sa.Row[int, str, datetime] | None:
    """The site's latest seal, and when its newest leaf happened."""
    return work.session.execute(
        sa.select(AuditSeal.sequence, AuditSeal.chain, AuditLeaf.occurred_at.label("newest"))
        .outerjoin(
            AuditSealedLeaf,
            (AuditSealedLeaf.site_id == AuditSeal.site_id)
            & (AuditSealedLeaf.sequence == AuditSeal.sequence)
            & (AuditSealedLeaf.position == AuditSeal.leaf_count - 1),
        )
        .outerjoin(
            AuditLeaf,
            (AuditLeaf.site_id == AuditSealedLeaf.site_id)
            & (AuditLeaf.service_date == AuditSealedLeaf.service_date)
            & (AuditLeaf.id == AuditSealedLeaf.leaf_id),
        )
        .where(AuditSeal.site_id == work.site.id)
        .order_by(AuditSeal.sequence.desc())
        .limit(1)
    ).first()


def _unsealed(work: Work, since: datetime | None) -> sa.Select[date, UUID, str]:
    """The oldest leaves no seal holds, one batch of them."""
    leaves = (
        sa.select(AuditLeaf.service_date, AuditLeaf.id, AuditLeaf.leaf_hash)
        .where(
            AuditLeaf.site_id == work.site.id,
            ~sa.exists().where(
                AuditSealedLeaf.site_id == AuditLeaf.site_id,
                AuditSealedLeaf.service_date == AuditLeaf.service_date,
                AuditSealedLeaf.leaf_id == AuditLeaf.id,
            ),
        )
        .order_by(AuditLeaf.occurred_at, AuditLeaf.id)
        .limit(SEAL_BATCH)
    )
    return leaves if since is None else leaves.where(AuditLeaf.occurred_at >= since)

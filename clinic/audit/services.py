"""Write the audit by explicit call, seal it in batches, and verify it from the first leaf."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit.facts import GENESIS, Leaf, chain, merkle_root
from clinic.audit.models import AuditLeaf, AuditSeal, AuditSealedLeaf
from clinic.data.work import Work

SEAL_BATCH = 5000
SEAL_LOOK_BACK = timedelta(days=3)
"""How far back the sealer looks for leaves committed late."""


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
    work.session.execute(
        sa.insert(AuditLeaf),
        {name: getattr(leaf, name) for name in Leaf.__dataclass_fields__}
        | {"leaf_hash": leaf.hash()},
    )


def seal(work: Work) -> int:
    """Seal the site's committed, unsealed leaves into one batch; the number of leaves sealed.

    Invariant: a leaf is sealed once. One committed after this batch was cut joins the next.
    """
    first = not work.session.scalar(sa.select(sa.exists().where(AuditSeal.site_id == work.site.id)))
    unsealed = (
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
    if not first:
        unsealed = unsealed.where(AuditLeaf.occurred_at >= work.now - SEAL_LOOK_BACK)
    leaves = work.session.execute(unsealed).all()
    if not leaves:
        return 0
    last = work.session.execute(
        sa.select(AuditSeal.sequence, AuditSeal.chain)
        .where(AuditSeal.site_id == work.site.id)
        .order_by(AuditSeal.sequence.desc())
        .limit(1)
    ).first()
    sequence, previous = (last.sequence + 1, last.chain) if last else (1, GENESIS)
    root = merkle_root([leaf.leaf_hash for leaf in leaves])
    work.session.execute(
        sa.insert(AuditSeal),
        {
            "site_id": work.site.id,
            "sequence": sequence,
            "sealed_at": work.now,
            "leaf_count": len(leaves),
            "root": root,
            "previous_chain": previous,
            "chain": chain(previous, root, len(leaves)),
        },
    )
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

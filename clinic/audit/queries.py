"""Read the audit, and verify it row by row: never only its ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit.facts import GENESIS, Leaf, Tampering, chain, merkle_root
from clinic.audit.models import AuditLeaf, AuditSeal, AuditSealedLeaf
from clinic.data.work import Work

PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the access and change log."""

    occurred_at: datetime
    actor_name: str
    action: str
    subject: str
    patient_id: UUID | None
    detail: dict[str, Any]


def recent(
    work: Work, *, patient_id: UUID | None = None, before: datetime | None = None
) -> list[Entry]:
    """The site's latest entries, newest first, at most ``PAGE_ROWS``."""
    query = (
        sa.select(
            AuditLeaf.occurred_at,
            AuditLeaf.actor_name,
            AuditLeaf.action,
            AuditLeaf.subject,
            AuditLeaf.patient_id,
            AuditLeaf.detail,
        )
        .where(AuditLeaf.site_id == work.site.id)
        .order_by(AuditLeaf.occurred_at.desc(), AuditLeaf.id.desc())
        .limit(PAGE_ROWS)
    )
    if patient_id is not None:
        query = query.where(AuditLeaf.patient_id == patient_id)
    if before is not None:
        query = query.where(AuditLeaf.occurred_at < before)
    return [Entry(*row) for row in work.session.execute(query)]


def last_seal(work: Work) -> tuple[int, str] | None:
    """Sequence and chain value of the site's latest seal: what a printed log carries."""
    row = work.session.execute(
        sa.select(AuditSeal.sequence, AuditSeal.chain)
        .where(AuditSeal.site_id == work.site.id)
        .order_by(AuditSeal.sequence.desc())
        .limit(1)
    ).first()
    return (row.sequence, row.chain) if row else None


def verify(work: Work, *, anchor: tuple[int, str] | None = None) -> list[Tampering]:
    """Recompute every leaf, root and link of the site; what does not agree, with its place.

    ``anchor`` is a (sequence, chain) kept outside the database, as on a printed log: with it a
    cut tail or a restored older copy shows too.
    """
    return [*_bad_leaves(work), *_bad_seals(work, anchor)]


def _bad_leaves(work: Work) -> Iterator[Tampering]:
    rows = work.session.execute(
        sa.select(AuditLeaf.__table__)
        .where(AuditLeaf.site_id == work.site.id)
        .execution_options(yield_per=1000)
    )
    for row in rows.mappings():
        leaf = Leaf(**{name: row[name] for name in Leaf.__dataclass_fields__})
        if leaf.hash() != row["leaf_hash"]:
            yield Tampering(f"leaf {leaf.id} of {leaf.service_date}", "its contents were changed")


def _bad_seals(work: Work, anchor: tuple[int, str] | None) -> Iterator[Tampering]:
    hashes = _sealed_hashes(work)
    previous, expected_sequence, chains = GENESIS, 1, {}
    for seal in work.session.scalars(
        sa.select(AuditSeal).where(AuditSeal.site_id == work.site.id).order_by(AuditSeal.sequence)
    ):
        place = f"seal {seal.sequence} of {seal.sealed_at:%Y-%m-%d %H:%M} UTC"
        held = hashes.pop(seal.sequence, [])
        if seal.sequence != expected_sequence:
            yield Tampering(place, f"seal {expected_sequence} is missing")
        if len(held) != seal.leaf_count or None in held:
            yield Tampering(place, f"holds {len(held)} leaves, sealed {seal.leaf_count}")
        elif merkle_root([leaf for leaf in held if leaf]) != seal.root:
            yield Tampering(place, "its leaves are not those that were sealed")
        if seal.previous_chain != previous or seal.chain != chain(
            previous, seal.root, seal.leaf_count
        ):
            yield Tampering(place, "is not the continuation of the seal before")
        previous, expected_sequence = seal.chain, seal.sequence + 1
        chains[seal.sequence] = seal.chain
    for sequence in hashes:
        yield Tampering(f"seal {sequence}", "is missing, its leaves are still there")
    if anchor is not None and chains.get(anchor[0]) != anchor[1]:
        yield Tampering(f"seal {anchor[0]}", "differs from the copy kept outside")


def _sealed_hashes(work: Work) -> dict[int, list[str | None]]:
    """Leaf hashes by seal, in order; None where a sealed leaf no longer exists."""
    rows = work.session.execute(
        sa.select(AuditSealedLeaf.sequence, AuditLeaf.leaf_hash)
        .outerjoin(
            AuditLeaf,
            (AuditLeaf.site_id == AuditSealedLeaf.site_id)
            & (AuditLeaf.service_date == AuditSealedLeaf.service_date)
            & (AuditLeaf.id == AuditSealedLeaf.leaf_id),
        )
        .where(AuditSealedLeaf.site_id == work.site.id)
        .order_by(AuditSealedLeaf.sequence, AuditSealedLeaf.position)
    )
    hashes: dict[int, list[str | None]] = {}
    for sequence, leaf_hash in rows:
        hashes.setdefault(sequence, []).append(leaf_hash)
    return hashes

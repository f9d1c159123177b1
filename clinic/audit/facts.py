"""What an audit leaf says, and how it is hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

GENESIS = "0" * 64
"""What the first seal of a site is chained to."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Every column of an audit leaf but its hash."""

    site_id: UUID
    service_date: date
    id: UUID
    occurred_at: datetime
    actor_id: UUID | None
    actor_name: str
    session_id: UUID | None
    request_id: str | None
    action: str
    subject: str
    patient_id: UUID | None
    detail: Mapping[str, Any]

    def columns(self) -> dict[str, Any]:
        """Each column by its name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def hash(self) -> str:
        """SHA-256 over the canonical JSON of all columns: any edit of any of them shows."""
        text = json.dumps(self.columns(), sort_keys=True, separators=(",", ":"), default=_text)
        return hashlib.sha256(b"\x00" + text.encode()).hexdigest()


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return str(value)


def merkle_root(leaf_hashes: Sequence[str]) -> str:
    """Root over leaf hashes in order; a lone node is carried up unchanged.

    Leaves and nodes are hashed under different prefixes, so that one can't pose as the other.
    Source: RFC 6962 section 2.1 (the prefixes).
    """
    level = [bytes.fromhex(leaf) for leaf in leaf_hashes]
    if not level:
        raise ValueError("a seal holds at least one leaf")
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        level = [
            hashlib.sha256(b"\x01" + b"".join(pair)).digest() if len(pair) == 2 else pair[0]  # noqa: PLR2004
            for pair in pairs
        ]
    return level[0].hex()


def chain(previous: str, root: str, leaf_count: int) -> str:
    """Ties a seal to the one before: dropping, swapping or shortening a seal breaks the chain."""
    return hashlib.sha256(f"{previous}:{root}:{leaf_count}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Tampering:
    """One place where the audit does not verify."""

    where: str
    what: str

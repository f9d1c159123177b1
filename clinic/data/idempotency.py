"""A form that moves a dose, money, stock or a booking acts once, however often it arrives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clinic.core.errors import Clash
from clinic.data.models import IdempotencyKey
from clinic.data.upsert import insert
from clinic.data.work import Work


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb answered. ``replayed`` when an earlier arrival of the same form got it."""

    values: Mapping[str, Any]
    replayed: bool


def once(
    work: Work,
    *,
    key: str,
    request: Mapping[str, Any],
    verb: Callable[[], Mapping[str, Any]],
) -> Answer:
    """Carry ``verb`` out for the first arrival of ``key``; give later ones its stored answer.

    Shape: ``request`` and the verb's answer are JSON values.
    Raises: Clash when the key comes back with a different request; whatever ``verb`` raises.
    """
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    where = (IdempotencyKey.site_id == work.site.id) & (IdempotencyKey.key == key)
    claim = (
        insert(work.session, IdempotencyKey)
        .values(
            site_id=work.site.id,
            key=key,
            request_hash=digest,
            answer={},
            recorded_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if work.session.execute(claim).first() is None:
        stored = work.session.execute(
            sa.select(IdempotencyKey.request_hash, IdempotencyKey.answer).where(where)
        ).one()
        if stored.request_hash != digest:
            raise Clash("This form was already sent with other contents. Open it again.")
        return Answer(stored.answer, replayed=True)
    values = verb()
    work.session.execute(sa.update(IdempotencyKey).where(where).values(answer=dict(values)))
    return Answer(values, replayed=False)

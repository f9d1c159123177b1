"""A form that moves a dose, money, stock or a booking acts once, however often it arrives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from clinic.core.errors import Clash
from clinic.data.models import IdempotencyKey
from clinic.data.work import Work

_KEY: sa.Table = IdempotencyKey.__table__  # type: ignore[assignment]
_WHERE = (_KEY.c.site_id == sa.bindparam("site")) & (_KEY.c.key == sa.bindparam("form"))
_CLAIM = {
    "sqlite": sqlite.insert(_KEY).on_conflict_do_nothing().returning(_KEY.c.key),
    "postgresql": postgresql.insert(_KEY).on_conflict_do_nothing().returning(_KEY.c.key),
}
_STORED = sa.select(_KEY.c.request_hash, _KEY.c.answer).where(_WHERE)
_ANSWER = (
    sa.update(_KEY).where(_WHERE).values(answer=sa.bindparam("said", type_=_KEY.c.answer.type))
)


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
    connection = work.session.connection()
    this_form = {"site": work.site.id, "form": key}
    claim = {
        "site_id": work.site.id,
        "key": key,
        "request_hash": digest,
        "answer": {},
        "recorded_at": work.now,
    }
    if connection.execute(_CLAIM[connection.dialect.name], claim).first() is None:
        stored = connection.execute(_STORED, this_form).one()
        if stored.request_hash != digest:
            raise Clash("This form was already sent with other contents. Open it again.")
        return Answer(stored.answer, replayed=True)
    values = verb()
    connection.execute(_ANSWER, this_form | {"said": dict(values)})
    return Answer(values, replayed=False)

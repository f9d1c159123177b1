"""Cards in stock, sources that pay, and signatures, for tests of the reward ledger."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from clinic.data.work import Work
from clinic.rewards import services
from clinic.rewards.facts import FunderKind, GoodsCategory, RedeemedAs, Signature

SIGNED = Signature("Pat Example", strokes=(((1, 2), (3, 4)),))


def cards(work: Work, *serials: str, face_cents: int = 1000, issuer: str = "Grocer") -> UUID:
    """Gift cards of one sort, received by their serial numbers."""
    instrument_id = services.list_instrument(
        work,
        kind=RedeemedAs.GIFT_CARD,
        issuer=issuer,
        name="card",
        category=GoodsCategory.GROCERIES,
        face_cents=face_cents,
    )
    if serials:
        services.receive(work, instrument_id=instrument_id, serials=serials)
    return instrument_id


def a_source(
    work: Work, *, name: str = "State grant", year_cap_cents: int | None = None, **changes: object
) -> UUID:
    """A funding source open since the new year."""
    values: dict[str, object] = {
        "kind": FunderKind.GRANT,
        "terms": "grant TI-1",
        "starts_on": date(2026, 1, 1),
    } | changes
    return services.name_source(work, name=name, year_cap_cents=year_cap_cents, **values)  # type: ignore[arg-type]

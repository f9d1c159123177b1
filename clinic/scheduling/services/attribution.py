"""The columns that say whose row it is and by whose hand."""

from __future__ import annotations

from typing import Any

from clinic.data.work import Work


def of_site(work: Work) -> dict[str, Any]:
    """Site, instant and hand of a row recorded now."""
    return {
        "site_id": work.site.id,
        "recorded_at": work.now,
        "recorded_by": work.actor.id,
        "recorded_by_name": work.actor.name,
    }

"""Protocols of a demo site's own: one switched on, a draft of its next version, one that waits.

The one that waits pays for opioid-negative samples and has no override: the editor says why.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from clinic.demo.house import DemoSite, Staff
from clinic.demo.rows import Rows
from clinic.rewards.facts import HIGGINS, Protocol, ProtocolStatus, Target
from clinic.rewards.models import RewardProtocol, RewardProtocolStep
from clinic.rewards.rules.definitions import parameters_of
from clinic.staff.facts import Role

WRITTEN_BEFORE: Final = timedelta(days=60)
EARLY: Final = replace(
    HIGGINS,
    name="early_weeks",
    title="Early weeks, twice a week for twelve weeks",
    scheduled_visits=24,
    first_cents=300,
    step_cents=100,
    bonus_cents=500,
    source="our own, cut from the Higgins schedule to two visits a week",
)
GENTLER: Final = replace(EARLY, version=2, recovers_on_negative=3)
OPIOIDS: Final = replace(
    EARLY,
    name="opioid_free_trial",
    title="Opioid-negative tests, a proposal",
    scheduled_visits=12,
    target=Target.OPIOID_NEGATIVE,
)


def write_protocols(rows: Rows, site: DemoSite) -> None:
    """Three versions of two protocols, as their editor left them."""
    by = next((one for one in site.staff if one.role is Role.ADMINISTRATOR), site.staff[0])
    written = site.no_later(site.as_of - WRITTEN_BEFORE)
    active = _version(rows, site, EARLY, by=by, at=written, why=EARLY.source)
    rows.add(
        RewardProtocolStep,
        id=rows.id_at(written),
        site_id=site.clock.id,
        reward_protocol_id=active,
        number=1,
        status=ProtocolStatus.ACTIVE,
        pays_for_opioid_negative=False,
        override_id=None,
        reason="agreed in the team meeting",
        **by.signs(written),
    )
    later = site.no_later(written + WRITTEN_BEFORE / 2)
    why = "the level comes back on the third negative: three of four gave up waiting for the sixth"
    _version(rows, site, GENTLER, by=by, at=later, why=why)
    _version(rows, site, OPIOIDS, by=by, at=later, why="asked for by a funder; not decided")


def _version(
    rows: Rows, site: DemoSite, protocol: Protocol, *, by: Staff, at: datetime, why: str
) -> UUID:
    protocol_id = rows.id_at(at)
    rows.add(
        RewardProtocol,
        id=protocol_id,
        site_id=site.clock.id,
        name=protocol.name,
        number=protocol.version,
        title=protocol.title,
        target=protocol.target,
        pays_for_opioid_negative=protocol.pays_for_opioid_negative,
        parameters=parameters_of(protocol),
        why=why,
        **by.signs(at),
    )
    return protocol_id

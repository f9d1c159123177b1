"""Which protocols there are: the published ones and the site's own, by name and version."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.rewards.facts import (
    BOWLS,
    PROTOCOL_VERSIONS,
    PROTOCOLS,
    PrizeBowl,
    PrizeProtocol,
    Protocol,
    ProtocolStatus,
    SiteProtocol,
    TargetOverride,
)
from clinic.rewards.models import (
    RewardEnrolment,
    RewardProtocol,
    RewardProtocolStep,
    RewardTargetOverride,
    RewardTargetRevocation,
)
from clinic.rewards.rules.definitions import protocol_from

Key = tuple[str, int]
"""Name and version."""


def protocol_of(work: Work, *, name: str, version: int) -> Protocol:
    """One version of a protocol, whatever has become of it since.

    Raises: NotFound.
    """
    published = PROTOCOL_VERSIONS.get((name, version))
    if published is not None:
        return published
    row = work.session.scalars(
        _own(work).where(RewardProtocol.name == name, RewardProtocol.number == version)
    ).first()
    if row is None:
        raise NotFound("protocol")
    return _protocol(row)


def known_protocols(work: Work) -> Mapping[Key, Protocol]:
    """Every version of every protocol a patient of this site may ever have been enrolled in."""
    own = {(row.name, row.number): _protocol(row) for row in work.session.scalars(_own(work))}
    return own | dict(PROTOCOL_VERSIONS)


def offered_protocols(work: Work) -> tuple[Protocol, ...]:
    """What a patient may be enrolled in at this site now, the newest active version of each.

    One that pays for opioid-negative samples is among them only while an override stands.
    """
    newest = {
        one.protocol.name: one.protocol
        for one in site_protocols(work)[::-1]
        if one.status is ProtocolStatus.ACTIVE
        and (one.override is not None or not one.protocol.pays_for_opioid_negative)
    }
    return (
        *(newest[name] for name in PROTOCOLS if name in newest),
        *(protocol for name, protocol in newest.items() if name not in PROTOCOLS),
    )


def offered_protocol(work: Work, *, name: str) -> Protocol | None:
    """The version of a protocol that new patients start on; None when it is not offered."""
    return next((one for one in offered_protocols(work) if one.name == name), None)


def site_protocols(work: Work) -> tuple[SiteProtocol, ...]:
    """Every version as the editor lists it: the published first, then the site's, newest first.

    The number of statements does not depend on how many there are.
    """
    overrides = standing_overrides(work)
    enrolled = _enrolled(work)
    published = [
        SiteProtocol(
            id=None,
            protocol=protocol,
            status=ProtocolStatus.ACTIVE,
            why=protocol.source,
            recorded_by_name="published",
            override=overrides.get(key),
            enrolled=enrolled.get(key, 0),
        )
        for key, protocol in PROTOCOL_VERSIONS.items()
    ]
    statuses = _statuses(work)
    own = [
        SiteProtocol(
            id=row.id,
            protocol=_protocol(row),
            status=statuses.get(row.id, ProtocolStatus.DRAFT),
            why=row.why,
            recorded_by_name=row.recorded_by_name,
            override=overrides.get((row.name, row.number)),
            enrolled=enrolled.get((row.name, row.number), 0),
        )
        for row in work.session.scalars(
            _own(work).order_by(RewardProtocol.name, RewardProtocol.number.desc())
        )
    ]
    return (*published, *own)


def site_protocol(work: Work, *, name: str, version: int) -> SiteProtocol:
    """One version as the editor lists it.

    Raises: NotFound.
    """
    for one in site_protocols(work):
        if (one.protocol.name, one.protocol.version) == (name, version):
            return one
    raise NotFound("protocol")


def latest_version(work: Work, *, name: str) -> int:
    """The number of the newest version the site keeps of a name; 0 when there is none."""
    number = work.session.scalar(
        sa.select(sa.func.max(RewardProtocol.number)).where(
            RewardProtocol.site_id == work.site.id, RewardProtocol.name == name
        )
    )
    return number or 0


def standing_overrides(work: Work) -> Mapping[Key, TargetOverride]:
    """The medical director's overrides that nobody has revoked, the latest of each version."""
    rows = work.session.scalars(
        sa.select(RewardTargetOverride)
        .outerjoin(
            RewardTargetRevocation,
            (RewardTargetRevocation.site_id == RewardTargetOverride.site_id)
            & (RewardTargetRevocation.override_id == RewardTargetOverride.id),
        )
        .where(RewardTargetOverride.site_id == work.site.id, RewardTargetRevocation.id.is_(None))
        .order_by(RewardTargetOverride.recorded_at, RewardTargetOverride.id)
    )
    return {
        (row.protocol, row.protocol_version): TargetOverride(
            id=row.id,
            decided_on=row.decided_on,
            decided_by_name=row.recorded_by_name,
            reason=row.reason,
        )
        for row in rows
    }


def bowl_of(work: Work, *, name: str, version: int) -> PrizeBowl:
    """One version of a prize bowl, published or the site's own.

    Raises: NotFound.
    """
    published = BOWLS.get((name, version))
    if published is not None:
        return published
    for protocol in known_protocols(work).values():
        if isinstance(protocol, PrizeProtocol) and (
            (protocol.bowl.name, protocol.bowl.version) == (name, version)
        ):
            return protocol.bowl
    raise NotFound("bowl")


def _own(work: Work) -> sa.Select[RewardProtocol]:
    return sa.select(RewardProtocol).where(RewardProtocol.site_id == work.site.id)


def _protocol(row: RewardProtocol) -> Protocol:
    return protocol_from(row.parameters, name=row.name, version=row.number, title=row.title)


def _statuses(work: Work) -> dict[UUID, ProtocolStatus]:
    rows = work.session.execute(
        sa.select(RewardProtocolStep.reward_protocol_id, RewardProtocolStep.status)
        .where(RewardProtocolStep.site_id == work.site.id)
        .order_by(RewardProtocolStep.number)
    )
    return {row.reward_protocol_id: row.status for row in rows}


def _enrolled(work: Work) -> dict[Key, int]:
    rows = work.session.execute(
        sa.select(RewardEnrolment.protocol, RewardEnrolment.protocol_version, sa.func.count())
        .where(RewardEnrolment.site_id == work.site.id, RewardEnrolment.ended_on.is_(None))
        .group_by(RewardEnrolment.protocol, RewardEnrolment.protocol_version)
    )
    return {(name, version): count for name, version, count in rows}

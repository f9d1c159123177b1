"""Write a version of a protocol down, switch it on or off, and record who allows its target."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.rewards import queries
from clinic.rewards.facts import (
    OPIOID_SAFETY_NOTE,
    Protocol,
    ProtocolStatus,
    SiteProtocol,
    Target,
)
from clinic.rewards.models import (
    RewardProtocol,
    RewardProtocolStep,
    RewardTargetOverride,
    RewardTargetRevocation,
)
from clinic.rewards.rules.definitions import (
    as_version,
    check_definition,
    may_activate,
    parameters_of,
)


def draft_protocol(work: Work, *, protocol: Protocol, why: str, based_on: int) -> int:
    """Keep a protocol as the next version of its name; the version's number.

    The version in ``protocol`` is not looked at; ``based_on`` is the latest one whoever typed it
    had seen, 0 for a new name. Nobody can be enrolled in a draft.
    Raises: Refused without a reason, or with every fault of the definition; Clash when somebody
    saved another version meanwhile, or the name is taken.
    """
    if not why.strip():
        raise Refused("Say what this version is for.")
    check_definition(protocol).require()
    latest = queries.latest_version(work, name=protocol.name)
    if latest != based_on:
        raise Clash(f"There is a version {latest} of {protocol.name} already. Look at it first.")
    number = latest + 1
    kept = as_version(protocol, name=protocol.name, version=number)
    work.session.execute(
        sa.insert(RewardProtocol),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "name": kept.name,
            "number": number,
            "title": kept.title,
            "target": Target(kept.target),
            "pays_for_opioid_negative": kept.pays_for_opioid_negative,
            "parameters": parameters_of(kept),
            "why": why.strip(),
            **work.attribution,
        },
    )
    _record(work, "draft", kept.name, number, why=why.strip())
    return number


def activate_protocol(work: Work, *, name: str, version: int, reason: str) -> None:
    """Offer a version to new patients. Whoever runs on another version stays on it.

    Raises: NotFound; Refused without a reason, when it is active already, or when it pays for
    opioid-negative samples and no override stands.
    """
    found = _own(work, name=name, version=version)
    decision = may_activate(
        found.protocol, status=found.status, is_overridden=found.override is not None
    )
    decision.require()
    _step(work, found, status=ProtocolStatus.ACTIVE, reason=reason)
    _record(work, "activate", name, version, reason=reason.strip())


def retire_protocol(work: Work, *, name: str, version: int, reason: str) -> None:
    """Offer a version to nobody from now on. Whoever runs on it stays on it.

    Raises: NotFound; Refused without a reason; Clash when it is not active.
    """
    found = _own(work, name=name, version=version)
    if found.status is not ProtocolStatus.ACTIVE:
        raise Clash(f"Version {version} of {found.protocol.title} is not active.")
    _step(work, found, status=ProtocolStatus.RETIRED, reason=reason)
    _record(work, "retire", name, version, reason=reason.strip())


def override_target(
    work: Work, *, name: str, version: int, reason: str, is_note_confirmed: bool
) -> UUID:
    """Record that a version may pay for opioid-negative samples, with the note that was shown.

    Raises: Forbidden for anybody but the medical director; NotFound; Refused without a reason or
    the confirmed note, or for a protocol that needs no override; Clash when one stands already.
    """
    work.actor.require(Permission.OVERRIDE_REWARD_TARGET)
    found = queries.site_protocol(work, name=name, version=version)
    if not found.protocol.pays_for_opioid_negative:
        raise Refused("This protocol does not pay for opioid-negative samples.")
    if not is_note_confirmed:
        raise Refused("Read the safety note and confirm it.")
    if found.override is not None:
        raise Clash("An override of this version stands already.")
    override_id = work.new_id()
    work.session.execute(
        sa.insert(RewardTargetOverride),
        {
            "id": override_id,
            "site_id": work.site.id,
            "protocol": name,
            "protocol_version": version,
            "decided_on": work.service_date,
            "reason": _said(reason),
            "safety_note": OPIOID_SAFETY_NOTE,
            **work.attribution,
        },
    )
    _record(work, "override", name, version, reason=reason.strip())
    return override_id


def revoke_override(work: Work, *, override_id: UUID, reason: str) -> None:
    """Take an override back: nobody new is enrolled under it, and an active version is retired.

    Raises: Forbidden for anybody but the medical director; NotFound when none such stands;
    Refused without a reason.
    """
    work.actor.require(Permission.OVERRIDE_REWARD_TARGET)
    standing = {one.id: key for key, one in queries.standing_overrides(work).items()}
    if override_id not in standing:
        raise NotFound("override")
    name, version = standing[override_id]
    work.session.execute(
        sa.insert(RewardTargetRevocation),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "override_id": override_id,
            "reason": _said(reason),
            **work.attribution,
        },
    )
    found = queries.site_protocol(work, name=name, version=version)
    if found.id is not None and found.status is ProtocolStatus.ACTIVE:
        _step(work, found, status=ProtocolStatus.RETIRED, reason=reason)
    _record(work, "revoke", name, version, reason=reason.strip())


def _own(work: Work, *, name: str, version: int) -> SiteProtocol:
    found = queries.site_protocol(work, name=name, version=version)
    if found.id is None:
        raise Refused("A published protocol is always as it was published.")
    return found


def _step(work: Work, found: SiteProtocol, *, status: ProtocolStatus, reason: str) -> None:
    latest = work.session.scalar(
        sa.select(sa.func.max(RewardProtocolStep.number)).where(
            RewardProtocolStep.site_id == work.site.id,
            RewardProtocolStep.reward_protocol_id == found.id,
        )
    )
    work.session.execute(
        sa.insert(RewardProtocolStep),
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "reward_protocol_id": found.id,
            "number": 1 + (latest or 0),
            "status": status,
            "pays_for_opioid_negative": found.protocol.pays_for_opioid_negative,
            "override_id": found.override.id if found.override else None,
            "reason": _said(reason),
            **work.attribution,
        },
    )


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refused("Give a reason.")
    return reason.strip()


def _record(work: Work, verb: str, name: str, version: int, **detail: str) -> None:
    audit.record(
        work,
        action=f"rewards.protocol.{verb}",
        subject=f"protocol {name} {version}",
        detail=dict(detail),
    )

"""A site's own protocol: how it is written down, and what may not be in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.money import dollars
from clinic.rewards.facts import (
    OPIOID_SAFETY_NOTE,
    PROTOCOLS,
    EditorTerms,
    EscalatingProtocol,
    FunderTerms,
    PrizeBowl,
    PrizeProtocol,
    PrizeSlip,
    Protocol,
    ProtocolStatus,
    SecondSlip,
    SlipKind,
    SlipTerms,
    Target,
)
from clinic.rewards.rules.costs import maximum_cents

_TERMS = EditorTerms()
_FUNDER = FunderTerms()
_NAME = re.compile(r"[a-z][a-z0-9_]{2,39}")
_OPIOID_SOURCE = "SAMHSA contingency management conditions, January 2025"
_COLUMNS = ("name", "version", "title")
"""Kept in columns of their own, so that they can be looked for."""
SITE_BOWL = "slips_"
"""How the names of bowls begin that a site filled itself; the rest follows from the slips."""


def site_bowl(slips: tuple[SlipKind, ...], *, puts_back: bool = True) -> PrizeBowl:
    """A bowl a site filled itself, named by its contents: two bowls of one name hold the same."""
    text = json.dumps([[kind.slip.value, kind.count, kind.value_cents] for kind in slips])
    if not puts_back:
        text += " kept out"
    return PrizeBowl(
        name=SITE_BOWL + hashlib.sha256(text.encode()).hexdigest()[:24],
        version=1,
        slips=slips,
        source="the site's own bowl",
        puts_back=puts_back,
    )


def parameters_of(protocol: Protocol) -> dict[str, Any]:
    """Everything of a protocol that its columns do not hold, ready for JSON."""
    found = asdict(protocol)
    for name in _COLUMNS:
        del found[name]
    kind = "prize" if isinstance(protocol, PrizeProtocol) else "escalating"
    return {"kind": kind} | found


def protocol_from(
    parameters: Mapping[str, Any], *, name: str, version: int, title: str
) -> Protocol:
    """The protocol that was written down.

    Invariant: ``protocol_from(parameters_of(protocol), ...)`` is ``protocol``.
    """
    values = dict(parameters) | {"name": name, "version": version, "title": title}
    kind = values.pop("kind")
    values["target"] = Target(values["target"])
    slips = dict(values["slips"])
    values["slips"] = SlipTerms(**slips | {"second_slip": SecondSlip(slips["second_slip"])})
    if kind == "prize":
        return PrizeProtocol(**values | {"bowl": _bowl(values["bowl"])})
    return EscalatingProtocol(
        **values | {"final_visits_cents": tuple(values["final_visits_cents"])}
    )


def _bowl(values: Mapping[str, Any]) -> PrizeBowl:
    slips = tuple(
        SlipKind(PrizeSlip(kind["slip"]), kind["count"], kind["value_cents"])
        for kind in values["slips"]
    )
    return PrizeBowl(**dict(values) | {"slips": slips})


def as_version(protocol: Protocol, *, name: str, version: int) -> Protocol:
    """The same terms under another name and number."""
    return replace(protocol, name=name, version=version)


def check_definition(
    protocol: Protocol, *, terms: EditorTerms = _TERMS, funder: FunderTerms = _FUNDER
) -> Decision:
    """Whether a protocol can be kept: every fault, and what else is worth knowing of it.

    Source: each reason names its own.
    """
    named = [Reason("name", message, terms.source) for message in _name_faults(protocol)]
    faults = [Reason("terms", message, terms.source) for message in _faults(protocol, terms)]
    return Decision.of([*named, *(faults or _remarks(protocol, funder))])


def may_activate(protocol: Protocol, *, status: ProtocolStatus, is_overridden: bool) -> Decision:
    """Whether new patients may be enrolled in a version from now on.

    Source: SAMHSA contingency management conditions, January 2025, for opioid targets.
    """
    reasons = list(opioid_reasons(protocol, is_overridden=is_overridden))
    if status is ProtocolStatus.ACTIVE:
        reasons.append(Reason("active", "This version is active already.", _TERMS.source))
    return Decision.of(reasons)


def opioid_reasons(protocol: Protocol, *, is_overridden: bool) -> Iterator[Reason]:
    """Why a protocol that pays for opioid-negative samples is stopped; with an override, a note.

    Source: SAMHSA contingency management conditions, January 2025.
    """
    if not protocol.pays_for_opioid_negative:
        return
    if is_overridden:
        yield Reason("opioid_override", OPIOID_SAFETY_NOTE, _OPIOID_SOURCE, Effect.INFORM)
        return
    yield Reason(
        "opioid_target",
        "It pays for opioid-negative samples: that needs the medical director's recorded override.",
        _OPIOID_SOURCE,
    )


def _name_faults(protocol: Protocol) -> Iterator[str]:
    if not _NAME.fullmatch(protocol.name):
        yield "The short name has 3 to 40 small letters, digits and _, and begins with a letter."
    elif protocol.name in PROTOCOLS:
        yield f"{protocol.name} is a published protocol's name: choose another."


def _faults(protocol: Protocol, terms: EditorTerms) -> Iterator[str]:
    if not 1 <= protocol.scheduled_visits <= terms.visits_max:
        yield f"A protocol has 1 to {terms.visits_max} visits."
    if protocol.negatives_per_step < 1:
        yield "At least one met visit makes a step."
    if not 0 <= protocol.recovers_on_negative <= terms.visits_max:
        yield "The visit of recovery cannot be negative; 0 means never."
    if protocol.yearly_cap_cents is not None and protocol.yearly_cap_cents < 1:
        yield "A yearly cap is more than nothing; leave it empty for none."
    yield from (
        _prize_faults(protocol, terms)
        if isinstance(protocol, PrizeProtocol)
        else _money_faults(protocol, terms)
    )


def _money_faults(protocol: EscalatingProtocol, terms: EditorTerms) -> Iterator[str]:
    amounts = (
        protocol.first_cents,
        protocol.step_cents,
        protocol.bonus_cents,
        *protocol.final_visits_cents,
    )
    if not all(0 <= cents <= terms.amount_max_cents for cents in amounts):
        yield f"An amount is $0.00 to {dollars(terms.amount_max_cents)}."
    if bool(protocol.bonus_cents) != bool(protocol.bonus_every):
        yield "A bonus needs both an amount and after how many in a row; leave both empty for none."
    if protocol.bonus_every < 0:
        yield "A bonus comes after one met visit or more."
    if protocol.escalating_visits < 0:
        yield "There are more flat last visits than visits."
    if not any(amounts):
        yield "The protocol pays nothing at all."


def _prize_faults(protocol: PrizeProtocol, terms: EditorTerms) -> Iterator[str]:
    if not 1 <= protocol.first_draws <= protocol.draw_cap <= terms.draws_max:
        yield (
            "Draws begin with at least 1 and rise to their cap,"
            f" which is at most {terms.draws_max} a visit."
        )
    if not 0 <= protocol.bonus_draws <= terms.draws_max:
        yield f"Bonus draws are 0 to {terms.draws_max}."
    if any(kind.count < 0 for kind in protocol.bowl.slips):
        yield "A bowl cannot hold less than no slip."
    elif not 1 <= protocol.bowl.size <= terms.slips_max:
        yield f"A bowl holds 1 to {terms.slips_max:,} slips."
    if not all(0 <= kind.value_cents <= terms.amount_max_cents for kind in protocol.bowl.slips):
        yield f"A slip is worth $0.00 to {dollars(terms.amount_max_cents)}."
    if not any(kind.count * kind.value_cents for kind in protocol.bowl.slips):
        yield "Nothing can be won from this bowl."


def _remarks(protocol: Protocol, funder: FunderTerms) -> Iterator[Reason]:
    if protocol.pays_for_opioid_negative:
        yield Reason("opioid_target", OPIOID_SAFETY_NOTE, _OPIOID_SOURCE, Effect.ASK)
    if not isinstance(protocol, EscalatingProtocol):
        return
    most_cents = maximum_cents(protocol)
    if most_cents > funder.yearly_cap_cents:
        yield Reason(
            "over_funder_cap",
            f"Its maximum of {dollars(most_cents)} is over the funder's"
            f" {dollars(funder.yearly_cap_cents)} a year: the cap will cut it short.",
            funder.source,
            Effect.INFORM,
        )

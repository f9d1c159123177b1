"""Which protocols there are: the published ones and the site's own, by name and version."""

from __future__ import annotations

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.rewards.facts import BOWLS, PROTOCOL_VERSIONS, PROTOCOLS, PrizeBowl, Protocol


def protocol_of(work: Work, *, name: str, version: int) -> Protocol:
    """One version of a protocol, whatever has become of it since.

    Raises: NotFound.
    """
    protocol = PROTOCOL_VERSIONS.get((name, version))
    if protocol is None:
        raise NotFound("protocol")
    return protocol


def offered_protocols(work: Work) -> tuple[Protocol, ...]:
    """What a patient may be enrolled in at this site now, the newest version of each."""
    return tuple(PROTOCOLS.values())


def bowl_of(work: Work, *, name: str, version: int) -> PrizeBowl:
    """One version of a prize bowl.

    Raises: NotFound.
    """
    bowl = BOWLS.get((name, version))
    if bowl is None:
        raise NotFound("bowl")
    return bowl

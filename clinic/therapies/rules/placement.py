"""What a session of a treatment holds while it lasts, in the schedule's words."""

from __future__ import annotations

from typing import Final

from clinic.scheduling.facts import Need, ResourceKind
from clinic.therapies.facts import Modality, Setting

PLACEMENT_SOURCE: Final = (
    "Site policy: the first skill an entry names gives the session and is held for it; the others"
    " are on site"
)


def needs_of(modality: Modality, *, setting: Setting) -> tuple[Need, ...]:
    """Who and what every session holds: whoever gives it, and in person its room and device.

    A treatment that is never in person holds the rooms its staff work from.
    Source: site policy, ``PLACEMENT_SOURCE``.
    """
    gives = [Need(ResourceKind.STAFF, each.skill, each.count) for each in modality.staff[:1]]
    on_site = setting is Setting.IN_PERSON or Setting.IN_PERSON not in modality.settings
    things = [Need(ResourceKind(each.kind), each.code) for each in modality.resources]
    return (*gives, *(things if on_site else ()))

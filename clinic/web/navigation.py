"""The rail: where a role can go, in the order of a clinic's day."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.core.actors import Actor
from clinic.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Item:
    """One place in the rail. ``key`` follows ``g`` on the keyboard; ``icon`` names a sprite."""

    label: str
    endpoint: str
    icon: str
    key: str
    permission: Permission


ITEMS = (
    Item("Day board", "scheduling.day_board", "calendar3-week", "b", Permission.VIEW_SCHEDULE),
    Item("Dosing queue", "dosing.queue", "capsule", "d", Permission.VIEW_DOSING),
    Item("Injections", "dosing.injections", "eyedropper", "j", Permission.VIEW_DOSING),
    Item("Take-homes", "dosing.take_homes", "bag-check", "o", Permission.VIEW_DOSING),
    Item("Outreach", "dosing.outreach", "telephone", "u", Permission.VIEW_DOSING),
    Item("Stock", "stock.overview", "droplet-half", "k", Permission.VIEW_STOCK),
    Item("Patients", "patients.find", "people", "p", Permission.FIND_PATIENT),
    Item("Waitlist", "programs.waitlist", "hourglass-split", "w", Permission.VIEW_PROGRAMS),
    Item("Rewards", "rewards.overview", "award", "r", Permission.VIEW_REWARDS),
    Item("Treatments", "therapies.catalogue", "journal-medical", "t", Permission.VIEW_CATALOGUE),
    Item("Census", "census.day", "bar-chart-line", "c", Permission.VIEW_CENSUS),
    Item("Resources", "scheduling.resources", "door-open", "e", Permission.VIEW_SCHEDULE),
    Item("Import", "exchange.upload", "box-arrow-in-down", "i", Permission.IMPORT_RECORDS),
    Item("Staff", "staff.people", "person-badge", "s", Permission.MANAGE_STAFF),
    Item("Site", "sites.show", "building", "l", Permission.MANAGE_SITE),
    Item("Hardware", "hardware.machines", "printer", "m", Permission.MANAGE_SITE),
    Item("Reports", "census.reports", "send", "x", Permission.MANAGE_SITE),
    Item("Jobs", "census.jobs", "clock-history", "y", Permission.MANAGE_SITE),
    Item("Inspection", "inspection.desk", "clipboard-check", "n", Permission.VIEW_INSPECTION),
    Item("Audit", "audit.log", "shield-check", "a", Permission.VIEW_AUDIT),
    Item("My care", "portal.home", "house-heart", "h", Permission.OWN_PORTAL),
)


def items_for(actor: Actor) -> list[Item]:
    """The places this actor may open."""
    return [item for item in ITEMS if actor.may(item.permission)]

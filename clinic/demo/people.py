"""Invented people: every name is a tree, a stone or a water, so that nobody is taken for real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from clinic.demo.calibration import chance
from clinic.patients.facts import AlertSeverity, Sex

IDENTIFIER_SYSTEM: Final = "urn:demo"

FAMILY_NAMES: Final = (
    *("Oakstone", "Elmfield", "Ashbrook", "Birchwater", "Cedarhill", "Maplethorn", "Willowmere"),
    *("Pinecrest", "Rowanlea", "Hazelden", "Alderbank", "Hollybush", "Larchmont", "Sprucewell"),
    *("Granitson", "Slatefield", "Flintlock", "Marblebrook", "Basaltine", "Pebbleford", "Quarry"),
    *("Sandstone", "Limewood", "Shale", "Riverstone", "Cobble", "Chalkhill", "Ironwood"),
    *("Robledo Peña", "Álamo", "Encina", "Saúco", "Núñez-Roble", "Olmeda", "Piedra Ríos"),
    *("Björkqvist", "Lönnström", "Ekström", "Grönsten", "Śliwa", "Żurawina", "Dębowski"),
    *("Châtaigner", "Noisetier", "Forêt-Claire", "Steinbrück", "Weißdorn", "Eichgrün"),
    *("Fernvale", "Mosswood", "Reedmarsh", "Thornapple", "Brackenridge", "Heatherly"),
)
GIVEN_NAMES: Final[tuple[tuple[str, Sex], ...]] = (
    *((name, Sex.FEMALE) for name in ("Hazel", "Juniper", "Willow", "Ivy", "Laurel", "Myrtle")),
    *((name, Sex.FEMALE) for name in ("Olivia", "Rosa María", "Magnolia", "Linnéa", "Marigold")),
    *((name, Sex.FEMALE) for name in ("Saffron", "Coral", "Opal", "Amber", "Jasmín", "Zofia")),
    *((name, Sex.MALE) for name in ("Rowan", "Jasper", "Cliff", "Heath", "Ash", "Basil", "Reed")),
    *((name, Sex.MALE) for name in ("Glen", "Forrest", "Clay", "Río", "Åke", "Łukasz", "Sterling")),
    *((name, Sex.MALE) for name in ("Peter", "Canyon", "Thorn", "Cedar", "Flint", "Jean-Rocher")),
    *((name, Sex.OTHER) for name in ("Sage", "River", "Robin", "Sky", "Wren", "Lake")),
)
FERTILE_UNTIL_YEARS: Final = 45
WOUNDED_NUMBER: Final = 5
"""Who has the wounds of desomorphine in every demo, however small."""

PREFERRED: Final = ("Sunny", "Leaf", "Rocky", "Brook", "Pebble", "Acorn", "Misty", "Bo")
STREETS: Final = ("Demo Street", "Sample Lane", "Example Road", "Mockup Avenue")

ALLERGIES: Final = (
    ("Penicillin", "Rash"),
    ("Sulfonamides", "Hives"),
    ("Latex", "Itching"),
    ("Adhesive dressings", "Blisters"),
    ("Ibuprofen", "Wheezing"),
    ("Cherry flavor", "Swollen lips"),
)
ALERTS: Final = (
    (AlertSeverity.STOP, "Breath test before every dose: alcohol agreement"),
    (AlertSeverity.ATTENTION, "QTc 468 ms on the last ECG"),
    (AlertSeverity.ATTENTION, "Takes a benzodiazepine as prescribed: check sedation"),
    (AlertSeverity.ATTENTION, "Two patients share this family name"),
    (AlertSeverity.INFORM, "Hard of hearing: face the patient when you speak"),
    (AlertSeverity.INFORM, "Interpreter: Spanish"),
    (AlertSeverity.INFORM, "Works nights: comes before 06:30"),
)

OPIOID_USE_DISORDER: Final = ("F11.20", "Opioid use disorder, severe")
STIMULANT_USE: Final = (
    ("F14.20", "Cocaine use disorder, severe"),
    ("F15.20", "Methamphetamine use disorder, severe"),
)
COMORBID: Final = (
    ("F33.1", "Major depressive disorder, recurrent, moderate"),
    ("F41.1", "Generalized anxiety disorder"),
    ("F43.10", "Post-traumatic stress disorder"),
    ("B18.2", "Chronic hepatitis C"),
    ("I10", "High blood pressure"),
    ("E11.9", "Type 2 diabetes"),
    ("K59.03", "Opioid-induced constipation"),
    ("J45.20", "Mild asthma"),
    ("F10.20", "Alcohol use disorder, in early remission"),
    ("F17.210", "Nicotine dependence, cigarettes"),
)
DESOMORPHINE: Final = (
    ("L98.499", "Chronic skin ulcer of the forearm after injecting desomorphine, dressed weekly"),
    ("L03.114", "Cellulitis of the left arm at desomorphine injection sites"),
    ("I80.8", "Phlebitis of arm veins after injecting desomorphine"),
)
"""Wounds of a contaminated home-made opioid: the ward minds the skin as well as the dose."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented. ``conditions`` are ICD-10-CM codes with their words, the first is OUD."""

    family_name: str
    given_names: str
    preferred_name: str
    sex: Sex
    birth_date: date
    telephone: str
    email: str
    address: str
    postal_code: str
    is_pregnant: bool
    conditions: tuple[tuple[str, str], ...]
    allergies: tuple[tuple[str, str], ...] | None
    alerts: tuple[tuple[AlertSeverity, str], ...]

    @property
    def uses_stimulants(self) -> bool:
        return any(condition in STIMULANT_USE for condition in self.conditions)


def people(random: Random, *, today: date) -> Iterator[Person]:
    """Person after person, no two of one name.

    Raises: ValueError after some two thousand, when the names are used up.
    """
    names = [(family, *given) for family in FAMILY_NAMES for given in GIVEN_NAMES]
    random.shuffle(names)
    for number, (family, given, sex) in enumerate(names, start=1):
        yield _person(random, number=number, family=family, given=given, sex=sex, today=today)
    raise ValueError(f"the demo knows {len(names)} names")


def _person(
    random: Random, *, number: int, family: str, given: str, sex: Sex, today: date
) -> Person:
    age_years = round(random.triangular(19, 71, 36))
    is_fertile = sex is Sex.FEMALE and age_years < FERTILE_UNTIL_YEARS
    return Person(
        family_name=family,
        given_names=given,
        preferred_name=random.choice(PREFERRED) if chance(random, 0.08) else "",
        sex=sex,
        birth_date=today - timedelta(days=age_years * 365 + random.randrange(365)),
        telephone=f"555-01{number % 100:02d}",
        email=f"patient{number}@example.org" if chance(random, 0.6) else "",
        address=f"{random.randrange(1, 400)} {random.choice(STREETS)}",
        postal_code=f"00{random.randrange(100, 999)}",
        is_pregnant=is_fertile and chance(random, 0.06),
        conditions=_conditions(random, number=number),
        allergies=_allergies(random),
        alerts=(random.choice(ALERTS),) if chance(random, 0.12) else (),
    )


def _conditions(random: Random, *, number: int) -> tuple[tuple[str, str], ...]:
    found = [OPIOID_USE_DISORDER]
    if number == 1 or chance(random, 0.35):
        found.append(random.choice(STIMULANT_USE))
    if chance(random, 0.015) or number == WOUNDED_NUMBER:
        found += random.sample(DESOMORPHINE, 2)
    found += random.sample(COMORBID, random.choice((0, 0, 1, 1, 1, 2, 3)))
    return tuple(found)


def _allergies(random: Random) -> tuple[tuple[str, str], ...] | None:
    """None when nobody has asked yet."""
    if chance(random, 0.06):
        return None
    return tuple(random.sample(ALLERGIES, random.choice((0, 0, 0, 0, 1, 1, 2))))

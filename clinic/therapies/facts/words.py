"""The words the catalogue sorts treatments by."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SITE_POLICY: Final = "Site policy"
"""How a source begins that is this program's own default and may differ by site."""


class StageGroup(StrEnum):
    """Where a treatment stands on the care pathway; the order is the order on screen."""

    DETOX = "detox"
    MEDICATION = "medication"
    BEHAVIORAL = "behavioral"
    REHABILITATION = "rehabilitation"
    DIGITAL = "digital"
    NEUROMODULATION = "neuromodulation"
    COMPLEMENTARY = "complementary"
    RESEARCH = "research"


class Standing(StrEnum):
    """How well a treatment is proven for the use this program makes of it."""

    ESTABLISHED = "established"
    OFF_LABEL = "off_label"
    INVESTIGATIONAL = "investigational"
    RESEARCH_ONLY = "research_only"


class Setting(StrEnum):
    """Where a session can take place."""

    IN_PERSON = "in_person"
    TELEHEALTH = "telehealth"
    HOME = "home"


class Owner(StrEnum):
    """The part of the house that does what only this treatment needs."""

    THERAPIES = "therapies"
    DOSING = "dosing"
    REWARDS = "rewards"
    BEDS = "beds"


class Skill(StrEnum):
    """What a member of staff must be able to do to give a session."""

    PRESCRIBER = "prescriber"
    NURSE = "nurse"
    COUNSELOR = "counselor"
    PSYCHOTHERAPIST = "psychotherapist"
    TMS_OPERATOR = "tms_operator"
    PSYCHEDELIC_FACILITATOR = "psychedelic_facilitator"
    MINDFULNESS_TEACHER = "mindfulness_teacher"
    DIETITIAN = "dietitian"
    ACUPUNCTURIST = "acupuncturist"
    EXERCISE_SPECIALIST = "exercise_specialist"
    RESEARCH_COORDINATOR = "research_coordinator"


class ResourceKind(StrEnum):
    """What a session occupies besides staff."""

    ROOM = "room"
    DEVICE = "device"
    BED = "bed"


class Moment(StrEnum):
    """When a measure is taken, relative to a session."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    BETWEEN = "between"


class LegalBasis(StrEnum):
    """What must be on file before a treatment that is otherwise unlawful may be booked."""

    TRIAL_IND_IRB = "trial_ind_irb"
    STATE_PROGRAM_LICENSE = "state_program_license"
    REMS_CERTIFIED_SITE = "rems_certified_site"


class OpioidClass(StrEnum):
    """How long the opioid a patient took last stays, as the naltrexone interval counts it."""

    SHORT_ACTING = "short_acting"
    EXTENDED_RELEASE = "extended_release"
    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"

"""Scales of withdrawal: three for opioids, two of them called SOWS, and one for alcohol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from clinic.assessments.facts.instruments import LOCAL, Band, Choice, Code, Instrument, Item

COWS_SOURCE = "Clinical Opiate Withdrawal Scale, Wesson & Ling 2003"
CIWA_SOURCE = "CIWA-Ar, Sullivan et al. 1989; bands are site policy"
SOWS_SOURCE = "Subjective Opiate Withdrawal Scale, Handelsman et al. 1987"
SHORT_SOWS_SOURCE = "Short Opiate Withdrawal Scale, Gossop 1990"

HIGHEST_PULSE_BPM = 300
"""Above this a pulse is a typing error."""


class CowsItem(StrEnum):
    """The eleven items in the order of the form."""

    RESTING_PULSE = "resting_pulse"
    SWEATING = "sweating"
    RESTLESSNESS = "restlessness"
    PUPIL_SIZE = "pupil_size"
    BONE_JOINT_ACHES = "bone_joint_aches"
    RUNNY_NOSE_TEARING = "runny_nose_tearing"
    GI_UPSET = "gi_upset"
    TREMOR = "tremor"
    YAWNING = "yawning"
    ANXIETY_IRRITABILITY = "anxiety_irritability"
    GOOSEFLESH = "gooseflesh"


class CowsBand(StrEnum):
    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    MODERATELY_SEVERE = "moderately_severe"
    SEVERE = "severe"


class CiwaBand(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class CowsScore:
    total: int
    band: CowsBand


def _cows(item: CowsItem, label: str, *choices: tuple[int, str]) -> Item:
    return Item(item.value, label, tuple(Choice(score, says) for score, says in choices))


COWS = Instrument(
    id="cows",
    version="2003",
    label="COWS",
    purpose="Opioid withdrawal, seen by staff",
    items=(
        _cows(
            CowsItem.RESTING_PULSE,
            "Resting pulse, after one minute at rest",
            (0, "80 or below"),
            (1, "81-100"),
            (2, "101-120"),
            (4, "above 120"),
        ),
        _cows(
            CowsItem.SWEATING,
            "Sweating, last half hour",
            (0, "none"),
            (1, "chills or flushes, told"),
            (2, "flushed or moist face"),
            (3, "beads on the face"),
            (4, "streaming"),
        ),
        _cows(
            CowsItem.RESTLESSNESS,
            "Restlessness",
            (0, "sits still"),
            (1, "hard to sit still"),
            (3, "shifts often"),
            (5, "cannot sit for seconds"),
        ),
        _cows(
            CowsItem.PUPIL_SIZE,
            "Pupils, in room light",
            (0, "small or normal"),
            (1, "perhaps large"),
            (2, "moderately wide"),
            (5, "only a rim of iris"),
        ),
        _cows(
            CowsItem.BONE_JOINT_ACHES,
            "Bone or joint aches",
            (0, "none"),
            (1, "mild"),
            (2, "severe, all over"),
            (4, "rubs joints, cannot sit"),
        ),
        _cows(
            CowsItem.RUNNY_NOSE_TEARING,
            "Runny nose or tears",
            (0, "none"),
            (1, "stuffy or moist"),
            (2, "running"),
            (4, "streams all the time"),
        ),
        _cows(
            CowsItem.GI_UPSET,
            "Stomach and bowels, last half hour",
            (0, "quiet"),
            (1, "cramps"),
            (2, "nausea or loose stool"),
            (3, "vomiting or diarrhea"),
            (5, "several times"),
        ),
        _cows(
            CowsItem.TREMOR,
            "Tremor, hands held out",
            (0, "none"),
            (1, "felt, not seen"),
            (2, "slight"),
            (4, "gross, or muscles twitch"),
        ),
        _cows(
            CowsItem.YAWNING,
            "Yawning, while you watch",
            (0, "none"),
            (1, "once or twice"),
            (2, "three times or more"),
            (4, "several a minute"),
        ),
        _cows(
            CowsItem.ANXIETY_IRRITABILITY,
            "Anxiety or irritability",
            (0, "none"),
            (1, "told"),
            (2, "plain to see"),
            (4, "too much to take part"),
        ),
        _cows(
            CowsItem.GOOSEFLESH,
            "Gooseflesh",
            (0, "smooth skin"),
            (3, "felt, or hairs stand"),
            (5, "prominent"),
        ),
    ),
    bands=(
        Band(0, CowsBand.NONE.value, "ok"),
        Band(5, CowsBand.MILD.value, "info"),
        Band(13, CowsBand.MODERATE.value, "attention"),
        Band(25, CowsBand.MODERATELY_SEVERE.value, "attention"),
        Band(37, CowsBand.SEVERE.value, "stop"),
    ),
    source=COWS_SOURCE,
    code=Code(LOCAL, "cows-total"),
    caution="After methadone, a low score in the first 24 to 48 hours means nothing.",
)
COWS_MAXIMUM = COWS.maximum
COWS_LEGAL_SCORES: Mapping[CowsItem, tuple[int, ...]] = MappingProxyType(
    {CowsItem(item.name): item.legal for item in COWS.items}
)
"""The form has gaps: nobody can score 4 for gooseflesh. Source: Wesson & Ling 2003."""


_FELT = tuple(
    Choice(score, label)
    for score, label in enumerate(("not at all", "a little", "moderately", "a lot", "extremely"))
)
_DEGREE = tuple(
    Choice(score, label) for score, label in enumerate(("none", "mild", "moderate", "severe"))
)

SOWS = Instrument(
    id="sows",
    version="1987",
    label="SOWS, 16 items",
    purpose="Opioid withdrawal, told by the patient",
    items=tuple(
        Item(name, label, _FELT)
        for name, label in (
            ("anxious", "I am anxious"),
            ("yawning", "I keep yawning"),
            ("sweating", "I am sweating"),
            ("tears", "My eyes water"),
            ("nose", "My nose runs"),
            ("gooseflesh", "I have gooseflesh"),
            ("shaking", "I am shaking"),
            ("hot", "I get hot flushes"),
            ("cold", "I get cold flushes"),
            ("aches", "My bones and muscles ache"),
            ("restless", "I am restless"),
            ("nausea", "I feel sick"),
            ("vomiting", "I feel like throwing up"),
            ("twitching", "My muscles twitch"),
            ("cramps", "I have stomach cramps"),
            ("wanting", "I want to use now"),
        )
    ),
    bands=(
        Band(0, "none", "ok"),
        Band(1, "mild", "info"),
        Band(11, "moderate", "attention"),
        Band(21, "severe", "stop"),
    ),
    source=SOWS_SOURCE,
    code=Code(LOCAL, "sows-16-total"),
    caution="Not the 10-item Short Opiate Withdrawal Scale: the totals do not compare.",
)

SHORT_SOWS = Instrument(
    id="short_sows",
    version="1990",
    label="Short SOWS, 10 items",
    purpose="Opioid withdrawal in the last day, told by the patient",
    items=tuple(
        Item(name, label, _DEGREE)
        for name, label in (
            ("nausea", "Feeling sick"),
            ("cramps", "Stomach cramps"),
            ("twitching", "Muscle spasms or twitching"),
            ("cold", "Feeling cold"),
            ("pounding", "Heart pounding"),
            ("tension", "Tense muscles"),
            ("aches", "Aches and pains"),
            ("yawning", "Yawning"),
            ("tears", "Watery eyes"),
            ("sleep", "Trouble sleeping"),
        )
    ),
    source=SHORT_SOWS_SOURCE,
    code=Code(LOCAL, "sows-10-total"),
    caution="Not the 16-item Subjective Opiate Withdrawal Scale: the totals do not compare.",
)


def _zero_to_seven(**anchors: str) -> tuple[Choice, ...]:
    return tuple(Choice(score, anchors.get(f"at_{score}", "")) for score in range(8))


_SENSES = tuple(
    Choice(score, label)
    for score, label in enumerate(
        (
            "none",
            "very mild",
            "mild",
            "moderate",
            "moderately severe, hallucinates",
            "severe",
            "very severe",
            "all the time",
        )
    )
)

CIWA_AR = Instrument(
    id="ciwa_ar",
    version="1989",
    label="CIWA-Ar",
    purpose="Alcohol withdrawal, seen by staff",
    items=(
        Item(
            "nausea",
            "Nausea and vomiting",
            _zero_to_seven(
                at_0="none", at_1="mild", at_4="comes and goes, retches", at_7="constant, vomits"
            ),
        ),
        Item(
            "tremor",
            "Tremor, arms held out",
            _zero_to_seven(
                at_0="none", at_1="felt, not seen", at_4="moderate", at_7="severe, arms down too"
            ),
        ),
        Item(
            "sweats",
            "Bouts of sweating",
            _zero_to_seven(
                at_0="none", at_1="palms moist", at_4="beads on forehead", at_7="drenching"
            ),
        ),
        Item(
            "anxiety",
            "Anxiety",
            _zero_to_seven(at_0="at ease", at_1="mild", at_4="moderate, guarded", at_7="panic"),
        ),
        Item(
            "agitation",
            "Agitation",
            _zero_to_seven(
                at_0="normal", at_1="a little more", at_4="fidgets", at_7="paces or thrashes"
            ),
        ),
        Item("touch", "Touch: itching, pins and needles, crawling", _SENSES),
        Item("hearing", "Hearing: harsh or frightening sounds", _SENSES),
        Item("sight", "Sight: light too bright, seeing things", _SENSES),
        Item(
            "headache",
            "Headache or full head",
            _zero_to_seven(
                at_0="none",
                at_1="very mild",
                at_2="mild",
                at_3="moderate",
                at_4="moderately severe",
                at_5="severe",
                at_6="very severe",
                at_7="extreme",
            ),
        ),
        Item(
            "orientation",
            "Orientation and counting on",
            (
                Choice(0, "oriented, counts on"),
                Choice(1, "cannot count on, or unsure of date"),
                Choice(2, "date wrong by 1 or 2 days"),
                Choice(3, "date wrong by more"),
                Choice(4, "wrong place or person"),
            ),
        ),
    ),
    bands=(
        Band(0, CiwaBand.MILD.value, "info"),
        Band(10, CiwaBand.MODERATE.value, "attention"),
        Band(19, CiwaBand.SEVERE.value, "stop"),
    ),
    source=CIWA_SOURCE,
    code=Code(LOCAL, "ciwa-ar-total"),
    caution="Not valid for a patient who cannot communicate.",
)
CIWA_MAXIMUM = CIWA_AR.maximum

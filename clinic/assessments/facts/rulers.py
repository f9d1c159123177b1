"""One-question rulers from 0 to 10. None has bands: the number is compared with itself."""

from __future__ import annotations

from clinic.assessments.facts.instruments import LOCAL, LOINC, Choice, Code, Instrument, Item

_HIGHEST = 10


def _ruler(question: str, *, lowest: str, highest: str) -> tuple[Item, ...]:
    ends = {0: lowest, _HIGHEST: highest}
    choices = tuple(Choice(score, ends.get(score, "")) for score in range(_HIGHEST + 1))
    return (Item("now", question, choices),)


CRAVING = Instrument(
    id="craving",
    version="1",
    label="Craving",
    purpose="Craving now, 0 to 10",
    items=_ruler("How strong is the craving now?", lowest="none", highest="strongest ever"),
    source="11-point numeric rating scale",
    code=Code(LOCAL, "craving-0-10"),
)
READINESS = Instrument(
    id="readiness",
    version="1",
    label="Readiness ruler",
    purpose="Readiness to change, 0 to 10",
    items=_ruler("How ready are you to change?", lowest="not at all", highest="already trying"),
    source="Readiness ruler, Miller & Rollnick, Motivational Interviewing",
    code=Code(LOCAL, "readiness-0-10"),
)
PAIN = Instrument(
    id="pain",
    version="1",
    label="Pain",
    purpose="Pain now, 0 to 10",
    items=_ruler("How strong is the pain now?", lowest="none", highest="worst imaginable"),
    source="11-point numeric rating scale, LOINC 72514-3",
    code=Code(LOINC, "72514-3"),
)

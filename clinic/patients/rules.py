"""Telling people apart: names folded for finding, dates as people type them, who resembles whom.

Nothing here refuses a person: a resemblance asks somebody to look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from difflib import SequenceMatcher

from anyascii import anyascii

from clinic.core.decision import Decision, Effect, Reason
from clinic.patients.facts import Identity, Query, RegistrationTerms, ResemblanceTerms

FOLDED_LENGTH_MAX = 600
"""Of one folded name; three of them fit an index entry of either database."""

QUERY_LENGTH_MAX = 200
QUERY_PARTS_MAX = 12
"""More name parts than these narrow nobody down, and a database has its limits."""
_RESEMBLANCE_TERMS = ResemblanceTerms()
_REGISTRATION_TERMS = RegistrationTerms()

_APOSTROPHES = re.compile(r"['`\u2018\u2019\u02bb\u02bc\u02b9\u00b4]")
_BETWEEN_PARTS = re.compile(r"[^0-9a-z]+")
_JOINERS = {"\u200c", "\u200d"}
"""Zero-width characters that spell words in Persian and in Indic scripts."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = (
    re.compile(r"\b(?P<year>\d{4})[-/.](?P<first>\d{1,2})[-/.](?P<second>\d{1,2})\b"),
    re.compile(r"\b(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4}|\d{2})\b"),
    re.compile(rf"\b(?P<day>\d{{1,2}})[ .-]*{_MONTH}[ .-]*(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b{_MONTH}[ .-]*(?P<day>\d{{1,2}}),?[ .-]*(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(r"\b(?P<first>\d{2})(?P<second>\d{2})(?P<year>(?:19|20)\d{2})\b"),
    re.compile(r"\b(?P<year>(?:19|20)\d{2})(?P<first>\d{2})(?P<second>\d{2})\b"),
)

_IMAGE_STARTS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def fold(text: str) -> str:
    """A text as a search sees it: Latin letters without accents, small, parts one blank apart.

    ``María-Luisa O'Brien`` folds to ``maria luisa obrien``; characters that cannot be seen
    vanish.
    """
    seen = "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if unicodedata.category(character) not in {"Cf", "Cc", "Cs"} or character.isspace()
    )
    plain = anyascii(_APOSTROPHES.sub("", seen)).casefold()
    return _BETWEEN_PARTS.sub(" ", _APOSTROPHES.sub("", plain)).strip()


def search_text(*, family_name: str, given_names: str, preferred_name: str = "") -> str:
    """What is stored beside a name to find it by: family name first."""
    names = (family_name, given_names, preferred_name)
    return " ".join(fold(name)[:FOLDED_LENGTH_MAX] for name in names if name)


def tidy_name(text: str) -> str:
    """A name as it is kept: every letter as typed, without control and direction characters."""
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace()
        or character in _JOINERS
        or unicodedata.category(character) not in {"Cf", "Cc", "Cs"}
    )
    return " ".join(kept.split())


def birth_dates(text: str) -> frozenset[date]:
    """Every date the text may mean: ``3/7/1984`` is both 7 March and 3 July."""
    return frozenset(_read_dates(text))


def read_query(text: str) -> Query:
    """Split what was typed into the search field into name parts and dates."""
    typed = rest = text.replace("\x00", "").strip()[:QUERY_LENGTH_MAX]
    for pattern in _DATES:
        rest = pattern.sub(lambda found: " " if any(_days(found)) else found[0], rest)
    parts = fold(rest).split()[:QUERY_PARTS_MAX]
    return Query(
        text=typed,
        name_parts=tuple(part[:FOLDED_LENGTH_MAX] for part in parts),
        birth_dates=birth_dates(typed),
    )


def age(birth_date: date, *, on: date) -> int:
    """Completed years. Who was born on 29 February is a year older on 1 March."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def day_and_month_swapped(day: date) -> date | None:
    """The date read the other way round, None when there is none or it is the same."""
    return _a_date(day.year, day.day, day.month) if day.month != day.day else None


def may_be_born(
    birth_date: date, *, on: date, terms: RegistrationTerms = _REGISTRATION_TERMS
) -> Decision:
    """Can this be the birth date of somebody registered on that day?"""
    reasons = []
    if birth_date > on:
        reasons.append(Reason("born_later", "The date of birth lies in the future.", terms.source))
    if age(birth_date, on=on) > terms.age_max_years:
        message = f"The date of birth is more than {terms.age_max_years} years ago."
        reasons.append(Reason("born_too_long_ago", message, terms.source))
    return Decision.of(reasons)


def resemblance(
    newcomer: Identity, *, known: Identity, terms: ResemblanceTerms = _RESEMBLANCE_TERMS
) -> Decision:
    """Why the two may be one person; no reason when nothing suggests it.

    A shared identifier suffices. A name needs a birth date that agrees or differs by one slip
    of the pen: the same name forgives both slips, a similar one only day and month swapped.
    """
    reasons = [_shared_identifier(newcomer, known, terms)]
    name = _name_reason(newcomer, known, terms)
    born = _birth_reason(newcomer.birth_date, known.birth_date, terms)
    if name and born and not (name.code == "similar_name" and born.code == "birth_date_slip"):
        reasons += [name, born]
    return Decision.of(reason for reason in reasons if reason)


def image_type(content: bytes) -> str | None:
    """The media type its first bytes say it has, None for anything but JPEG and PNG."""
    return next((kind for start, kind in _IMAGE_STARTS.items() if content.startswith(start)), None)


def _read_dates(text: str) -> Iterator[date]:
    for pattern in _DATES:
        for found in pattern.finditer(text):
            yield from _days(found)


def _days(found: re.Match[str]) -> Iterator[date]:
    parts = found.groupdict()
    years = [parts["year"]] if len(parts["year"]) > len("84") else _centuries(parts["year"])
    if "month" in parts:
        month = _MONTHS.index(parts["month"].lower()) + 1
        readings = [(month, int(parts["day"]))]
    else:
        first, second = int(parts["first"]), int(parts["second"])
        year_leads = found.start("year") < found.start("first")
        readings = [(first, second)] if year_leads else [(first, second), (second, first)]
    for year in years:
        for month, day in readings:
            if made := _a_date(int(year), month, day):
                yield made


def _centuries(two_digits: str) -> list[str]:
    return [f"19{two_digits}", f"20{two_digits}"]


def _a_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _shared_identifier(
    newcomer: Identity, known: Identity, terms: ResemblanceTerms
) -> Reason | None:
    shared = sorted(newcomer.identifiers & known.identifiers)
    if not shared:
        return None
    message = f"Has the same {shared[0].system} number, {shared[0].value}."
    return Reason("same_identifier", message, terms.source, Effect.ASK)


def _name_reason(newcomer: Identity, known: Identity, terms: ResemblanceTerms) -> Reason | None:
    new, old = (sorted(_name_parts(one)) for one in (newcomer, known))
    if new == old:
        return Reason("same_name", "Has the same name.", terms.source, Effect.ASK)
    if _alike(new, old, terms):
        return Reason("similar_name", "Has a similar name.", terms.source, Effect.ASK)
    return None


def _name_parts(one: Identity) -> list[str]:
    return fold(f"{one.family_name} {one.given_names}").split()


def _alike(new: list[str], old: list[str], terms: ResemblanceTerms) -> bool:
    shorter, longer = sorted((set(new), set(old)), key=len)
    two_parts_shared = len(shorter) > 1 and shorter <= longer
    ratio = SequenceMatcher(None, " ".join(new), " ".join(old), autojunk=False).ratio()
    return two_parts_shared or ratio * 100 >= terms.similar_name_percent


def _birth_reason(new: date, old: date, terms: ResemblanceTerms) -> Reason | None:
    if new == old:
        return Reason("same_birth_date", "Born on the same day.", terms.source, Effect.ASK)
    if new == day_and_month_swapped(old):
        message = f"Born {old.isoformat()}: the same date with day and month swapped."
        return Reason("birth_date_swapped", message, terms.source, Effect.ASK)
    agreeing = (new.year == old.year) + (new.month == old.month) + (new.day == old.day)
    if agreeing == len(("day", "month")):
        message = f"Born {old.isoformat()}: one part of the date differs."
        return Reason("birth_date_slip", message, terms.source, Effect.ASK)
    return None

"""The morning report as a letter: counts only, none of them small, nobody's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from clinic.census.facts import CapacityNotice, CensusDay
from clinic.census.facts.deliveries import SmallCellTerms
from clinic.census.rules.suppression import cell, released_together
from clinic.web.tables import REDISCLOSURE_NOTICE

WIDTH = 44
SUBJECT_MAX = 200


def morning_subject(found: CensusDay, *, site: str) -> str:
    """What the mailbox shows; no number, for it travels further than the letter."""
    return f"Morning report for {found.day:%a %d %b %Y}, {' '.join(site.split())}"[:SUBJECT_MAX]


def morning_text(
    found: CensusDay, *, site: str, notice: CapacityNotice | None, terms: SmallCellTerms
) -> str:
    """The day in counts. One small enough to point at somebody reads ``<11``.

    Both groupings are of the people in care, so neither may tell what the other withholds.
    """
    levels, medications = released_together(
        {line.label: line.today for line in found.levels if line.today},
        {group.label: group.count for group in found.medications},
        terms=terms,
    )
    total = found.total
    lines = [
        f"{site}, {found.day:%A %d %B %Y}, at the end of the day",
        "",
        _line("In care", levels.total),
        _line("Admitted", cell(total.admitted, terms=terms)),
        _line("Discharged", cell(total.discharged, terms=terms)),
        _line("Waiting", cell(found.waiting, terms=terms)),
        *_section("Levels of care", levels.parts),
        *_section("Medication", medications.parts),
    ]
    if notice and notice.notice_required:
        lines += ["", "At or above the share of capacity at which the state is told."]
    lines += [
        "",
        f"Counts of 1 to {terms.smallest_shown - 1} are not shown, nor what gives them away.",
        "The report with every number, and the people behind it, is in the clinic's program.",
        "",
        REDISCLOSURE_NOTICE,
    ]
    return "\n".join(lines) + "\n"


def _section(title: str, cells: Mapping[str, int | str]) -> Iterator[str]:
    yield from ("", title)
    for label, count in cells.items():
        yield _line(f"  {label}", count)


def _line(label: str, count: int | str) -> str:
    return f"{label:<{WIDTH}}{count:>10}"

"""Which counts may leave the house: none so small that it points at somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clinic.census.facts.deliveries import Released, SmallCellTerms

WITHHELD = "withheld"
_TERMS = SmallCellTerms()


def released(
    parts: Mapping[str, int], *, total: int | None = None, terms: SmallCellTerms = _TERMS
) -> Released:
    """Counts that add up to a total, as they may be shown to outsiders.

    A small count reads ``<11``. Where it would follow from the total by subtraction, the next
    larger ones are withheld with it; where that is not enough, the total is as well.

    Invariant: whoever knows the rule and sees the answer can think each ``<11`` to be anything
    from 1 to 10. A count of nobody stays 0.
    Source: CMS cell size suppression policy.
    """
    whole = sum(parts.values()) if total is None else total
    shown = {name: cell(count, terms=terms) for name, count in parts.items()}
    small = [count for count in parts.values() if 0 < count < terms.smallest_shown]
    if not small:
        return Released(shown, cell(whole, terms=terms))
    if _keeps(small, [], terms):
        return Released(shown, whole)
    larger = sorted((count, name) for name, count in parts.items() if count >= terms.smallest_shown)
    hidden: list[int] = []
    for count, name in larger:
        hidden.append(count)
        shown[name] = WITHHELD
        if _keeps(small, hidden, terms):
            return Released(shown, whole)
    return Released(shown | {name: count for count, name in larger}, WITHHELD)


def released_together(
    *groupings: Mapping[str, int], terms: SmallCellTerms = _TERMS
) -> tuple[Released, ...]:
    """Several groupings of the same people, none of which may tell of another.

    Where one cannot show the total, the first such one is shown without it and the others not at
    all: the sum of their counts would be the total.
    """
    found = [released(grouping, terms=terms) for grouping in groupings]
    kept = next((place for place, one in enumerate(found) if one.total == WITHHELD), None)
    if kept is None:
        return tuple(found)
    return tuple(
        one if place == kept else Released(dict.fromkeys(one.parts, WITHHELD), WITHHELD)
        for place, one in enumerate(found)
    )


def cell(count: int, *, terms: SmallCellTerms = _TERMS) -> int | str:
    """A count on its own, as an outsider may see it."""
    return count if count == 0 or count >= terms.smallest_shown else f"<{terms.smallest_shown}"


def _keeps(small: Sequence[int], hidden: Sequence[int], terms: SmallCellTerms) -> bool:
    """The sum of what is not shown leaves every small count open.

    With what is withheld known to be at least the smallest shown, one small count can be 1 if the
    rest can carry all others, and 10 if the rest can do with least.
    """
    most, least = terms.smallest_shown - 1, 1
    rest = sum(small) + sum(hidden)
    others = len(small) - 1
    least_rest = others * least + len(hidden) * terms.smallest_shown
    can_be_most = rest - least_rest >= most
    can_be_least = bool(hidden) or rest - others * most <= least
    return can_be_most and can_be_least

"""How long people stay: Kaplan-Meier curves, and pairs of scores before and after."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from clinic.census.facts.measures import Bounds, Change, Span, SurvivalCurve, SurvivalPoint
from clinic.core.periods import Days
from clinic.core.rates import rounded

CONFIDENCE = 0.95
SURVIVAL_SOURCE = "Kaplan and Meier 1958; 95 % interval, Greenwood's variance on the log-log scale"


def survival_curve(
    stays: Iterable[Days], *, label: str, span: Span, as_of_date: date
) -> SurvivalCurve:
    """How the stays begun in a span have lasted; one that is still open is followed until now.

    Shape: a point where the curve begins, where it falls and where the following ends; the
    interval is None where its formula gives none.
    Units: days since admission.
    Source: Kaplan and Meier 1958; interval as Kalbfleisch and Prentice 2002, section 1.4.
    """
    cohort = [stay for stay in stays if stay.first in span and stay.first <= as_of_date]
    ended = [(stay.until - stay.first).days for stay in cohort if stay.until is not None]
    still = [(as_of_date - stay.first).days for stay in cohort if stay.until is None]
    return SurvivalCurve(label, span, len(cohort), len(ended), _points(ended, still))


def _points(ended: Sequence[int], still: Sequence[int]) -> tuple[SurvivalPoint, ...]:
    start = SurvivalPoint(0, 100.0, 100.0, 100.0)
    if not ended:
        return (start, SurvivalPoint(max(still), 100.0, None, None)) if still else ()
    # Half a second of import that only this page has to pay.
    from scipy.stats import CensoredData, ecdf  # noqa: PLC0415

    curve = ecdf(CensoredData(uncensored=ended, right=still)).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        bounds: Any = curve.confidence_interval(confidence_level=CONFIDENCE, method="log-log")
    falls = set(ended) | {max((*ended, *still))}
    found = [
        SurvivalPoint(int(day), _percent(share), _bound(low), _bound(high))
        for day, share, low, high in zip(
            curve.quantiles,
            curve.probabilities,
            bounds.low.probabilities,
            bounds.high.probabilities,
            strict=True,
        )
        if int(day) in falls
    ]
    return tuple(found) if found[0].day == 0 else (start, *found)


def _percent(share: float) -> float:
    return round(float(share) * 100, 1)


def _bound(share: float) -> float | None:
    return None if math.isnan(share) else _percent(share)


def mean_change(pairs: Sequence[tuple[int, int]], *, part: str, courses: int) -> Change:
    """The mean of after less before, with its interval from three pairs on.

    Shape: one decimal; None without pairs.
    Source: Student 1908, the t interval of a mean of differences.
    """
    differences = [after - before for before, after in pairs]
    if not differences:
        return Change(part, courses, 0, None, None)
    mean = Fraction(sum(differences), len(differences))
    return Change(
        part, courses, len(pairs), rounded(mean, places=1), _t_bounds(differences, mean=mean)
    )


def _t_bounds(differences: Sequence[int], *, mean: Fraction) -> Bounds | None:
    fewest = 3
    if len(differences) < fewest:
        return None
    from scipy.special import stdtrit  # noqa: PLC0415

    count = len(differences)
    variance = float(sum((each - mean) ** 2 for each in differences) / (count - 1))
    reach = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * math.sqrt(variance / count)
    return Bounds(_one_decimal(float(mean) - reach), _one_decimal(float(mean) + reach))


def _one_decimal(number: float) -> Decimal:
    return rounded(Fraction(number), places=1)

"""What happens when a patient comes back after days without a dose."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.exact import exactly
from clinic.core.units import plain
from clinic.dosing.facts import (
    Advice,
    AdviceTable,
    DoseAdvice,
    DoseGate,
    HoldReason,
    MissedDoseAnswer,
    MissedDosePolicy,
)

_SITE_POLICY = MissedDosePolicy()
_HALF = Decimal("0.5")

IMPAIRMENT_SOURCE = "site policy: impairment screen at the window"
NURSE_ASSESSMENT_SOURCE = "NSW Health 2018; Australian national methadone guideline 2003"


def missed_days(
    last_observed_date: date, *, present_date: date, take_home_dates: Collection[date] = ()
) -> int:
    """Days without a dose since the last covered one.

    A day is covered by an observed dose or by the label of a bottle that was not returned.
    Never below 0. For a date that is itself covered 0 does not mean "dose again": whether a dose
    was already given or is at home is asked elsewhere.
    """
    last_covered = max((last_observed_date, *take_home_dates))
    return max(0, (present_date - last_covered).days - 1)


def missed_dose(
    missed: int,
    *,
    treatment_day: int,
    impaired: bool = False,
    policy: MissedDosePolicy = _SITE_POLICY,
) -> MissedDoseAnswer:
    """May the usual dose be given after so many missed days? A HOLD needs a new order.

    Shape: ``hold_reason`` names impairment first; the decision names both.
    Units: ``treatment_day`` is that of the day of presenting, from 1.
    Source: site policy; there is no federal table.
    """
    stops = list(_stops(missed, treatment_day=treatment_day, impaired=impaired, policy=policy))
    assess = bool(missed) and not stops
    reasons = [reason for _, reason in stops]
    if assess:
        reasons.append(
            Reason(
                code="nurse_assessment",
                message=f"{missed} missed: assess for intoxication, withdrawal and other"
                " sedatives before the usual dose.",
                source=NURSE_ASSESSMENT_SOURCE,
                effect=Effect.ASK,
            )
        )
    return MissedDoseAnswer(
        missed_days=missed,
        gate=DoseGate.HOLD if stops else DoseGate.DOSE,
        hold_reason=stops[0][0] if stops else None,
        nurse_assessment_required=assess,
        decision=Decision.of(reasons),
    )


def _stops(
    missed: int, *, treatment_day: int, impaired: bool, policy: MissedDosePolicy
) -> Iterator[tuple[HoldReason, Reason]]:
    if impaired:
        yield (
            HoldReason.IMPAIRMENT,
            Reason(
                code=HoldReason.IMPAIRMENT.value,
                message="The patient appears impaired: no dose before the prescriber has decided.",
                source=IMPAIRMENT_SOURCE,
            ),
        )
    in_induction = treatment_day <= policy.induction_days
    limit = policy.hold_after_missed
    if in_induction:
        limit = min(limit, policy.hold_after_missed_induction)
    if missed >= limit:
        during = f" during induction (day {treatment_day})" if in_induction else ""
        yield (
            HoldReason.MISSED_DOSES,
            Reason(
                code=HoldReason.MISSED_DOSES.value,
                message=f"{missed} missed{during}: held until a new prescriber order."
                f" The limit is {limit}.",
                source=policy.source,
            ),
        )


@dataclass(frozen=True, slots=True)
class _Table:
    """A published table; a day count above ``adjusted_until`` means a new induction."""

    full_until: int
    half_until: int
    adjusted_until: int
    fixed_dose_mg: Decimal
    takes_higher: bool
    source: str


_NSW_SOURCE = "NSW Health 2018; capping at the usual dose is site policy"
_TABLES: Mapping[AdviceTable, _Table] = MappingProxyType(
    {
        AdviceTable.AU_2003: _Table(
            full_until=2,
            half_until=3,
            adjusted_until=4,
            fixed_dose_mg=Decimal(40),
            takes_higher=False,
            source="Australian national methadone guideline 2003, section 3.5",
        ),
        AdviceTable.NSW_2018: _Table(
            full_until=3,
            half_until=3,
            adjusted_until=5,
            fixed_dose_mg=Decimal(40),
            takes_higher=True,
            source=_NSW_SOURCE,
        ),
        AdviceTable.NSW_2018_BUPRENORPHINE: _Table(
            full_until=3,
            half_until=3,
            adjusted_until=5,
            fixed_dose_mg=Decimal(8),
            takes_higher=True,
            source=_NSW_SOURCE,
        ),
    }
)


ADVICE_SOURCES = tuple(dict.fromkeys(table.source for table in _TABLES.values()))


def missed_dose_advice(
    table: AdviceTable, *, missed_days: int, usual_dose_mg: Decimal
) -> DoseAdvice:
    """What a published table says after so many missed days. Advice only, never applied by itself.

    Invariant: never above the usual dose.
    Units: mg; None when a new induction is advised.
    Source: the table's, in the answer.
    """
    row = _TABLES[table]
    if missed_days > row.adjusted_until:
        return DoseAdvice(Advice.REINDUCT, None, row.source)
    with exactly():
        half_mg = usual_dose_mg * _HALF
    if missed_days <= row.full_until:
        dose_mg = usual_dose_mg
    elif missed_days <= row.half_until:
        dose_mg = half_mg
    elif row.takes_higher:
        dose_mg = min(usual_dose_mg, max(half_mg, row.fixed_dose_mg))
    else:
        dose_mg = min(half_mg, row.fixed_dose_mg)
    return DoseAdvice(Advice.DOSE, plain(dose_mg), row.source)

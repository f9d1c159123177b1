"""Whom each measure of stays looks at, one ward of a few told by hand."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from clinic.census.facts.measures import Gauge, Span, Stay
from clinic.census.rules.cases import cases_of_stays
from clinic.programs.facts import DischargeReason

ASH, BIRCH, CEDAR, DOUM, ELM = (UUID(int=number) for number in range(1, 6))
MARCH = Span(date(2026, 3, 1), date(2026, 3, 31))
COHORT = Span(date(2024, 4, 1), date(2026, 3, 31))


def stay(
    who: UUID,
    *,
    asked: date,
    came: date | None = None,
    left: date | None = None,
    injects: bool = False,
) -> Stay:
    return Stay(
        episode_id=UUID(int=0),
        patient_id=who,
        requested_on=asked,
        admitted_on=came,
        discharged_on=left,
        reason=DischargeReason.COMPLETED if left else None,
        injects=injects,
        counselor_id=None,
    )


WARD = (
    stay(ASH, asked=date(2025, 12, 1), came=date(2025, 12, 1), left=date(2026, 3, 1)),
    stay(ASH, asked=date(2026, 3, 20), came=date(2026, 3, 31), injects=True),
    stay(BIRCH, asked=date(2026, 2, 1), came=date(2026, 3, 10), injects=True),
    stay(CEDAR, asked=date(2026, 3, 5), came=date(2026, 3, 5), left=date(2026, 3, 25)),
    stay(DOUM, asked=date(2026, 3, 1), injects=True),
    stay(ELM, asked=date(2026, 3, 30), injects=True),
)


@pytest.mark.parametrize(
    ("gauge", "looked_at", "counted"),
    [
        (Gauge.ADMISSIONS, [ASH, BIRCH, CEDAR], [ASH, BIRCH, CEDAR]),
        # Asked on 20 March, came 11 days later; asked on 1 February, came 37 days later.
        (Gauge.WITHIN_14_DAYS, [ASH, BIRCH], [ASH]),
        (Gauge.WITHIN_120_DAYS, [ASH, BIRCH], [ASH, BIRCH]),
        # Doum waits 30 days, Elm one.
        (Gauge.STILL_WAITING, [DOUM, ELM], [DOUM]),
        (Gauge.DISCHARGES, [ASH, CEDAR], [ASH, CEDAR]),
        # Ash came back on the thirtieth day; of Cedar it is too early to tell.
        (Gauge.READMITTED_30, [ASH], [ASH]),
        (Gauge.CAPACITY, [ASH, BIRCH], [ASH, BIRCH]),
        # On 1 March Ash is no longer in care, so only the later stay is.
        (Gauge.AVERAGE_CENSUS, [ASH, BIRCH, CEDAR], [ASH, BIRCH, CEDAR]),
        # Admitted 120 days ago and gone after 90: here on day 30, not on day 90.
        (Gauge.RETENTION_30, [ASH], [ASH]),
        (Gauge.RETENTION_90, [ASH], []),
    ],
)
def test_whom_a_measure_looks_at_and_whom_it_counts(
    gauge: Gauge, looked_at: list[UUID], counted: list[UUID]
) -> None:
    found = cases_of_stays(gauge, WARD, span=MARCH, cohort=COHORT)

    assert [case.patient_id for case in found] == looked_at
    assert [case.patient_id for case in found if case.counts] == counted

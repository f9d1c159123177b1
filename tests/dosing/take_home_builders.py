"""Take-home decisions, schedules and bottles, for tests."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from clinic.data.work import Work
from clinic.dosing.facts import CriteriaOutcome, TakeHomeCriterion
from clinic.dosing.facts.guests import (
    GuestDirection,
    GuestProposal,
    GuestReason,
    OtherProgram,
)
from clinic.dosing.facts.pickups import CriterionFinding
from clinic.dosing.services.take_home_bottles import Prepared, hand_out, prepare
from clinic.dosing.services.take_homes import decide, set_schedule
from clinic.stock.facts import PREPARATION
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import an_order, in_treatment
from tests.stock.builders import in_hand

TUESDAY = 1


def findings(*, failed: Collection[TakeHomeCriterion] = ()) -> list[CriterionFinding]:
    """All six considered; those in ``failed`` not met."""
    return [
        CriterionFinding(one, one not in failed, f"Looked at: {one.label}.")
        for one in TakeHomeCriterion
    ]


def a_grant(work: Work, *, patient_id: UUID, **changes: Any) -> UUID:
    """All six met, seven doses."""
    values: dict[str, Any] = {
        "findings": findings(),
        "outcome": CriteriaOutcome.GRANTED,
        "rationale": "Stable at home, comes every day, lockbox in use.",
        "ceiling_doses": 7,
    }
    return decide(work, patient_id=patient_id, **(values | changes))


def a_schedule(work: Work, *, patient_id: UUID, **changes: Any) -> UUID:
    """Comes on Tuesdays; knows how to store, lockbox seen."""
    values: dict[str, Any] = {
        "weekdays": [TUESDAY],
        "storage_taught": True,
        "lockbox_seen": True,
    }
    return set_schedule(work, patient_id=patient_id, **(values | changes))


def a_bench(work: Work, *, litres: int = 1) -> None:
    """Methadone concentrate open on the take-home bench."""
    for _ in range(litres):
        in_hand(work, lot="BENCH-1", spot=PREPARATION)


def coming_on_tuesdays(work_as: WorkAs, **grant: Any) -> UUID:
    """A patient with an order of 40 mg and seven take-homes granted, who comes on Tuesdays."""
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
        a_grant(work, patient_id=patient_id, **grant)
        a_schedule(work, patient_id=patient_id)
    with work_as(cast.NORA) as work:
        a_bench(work)
    return patient_id


def all_handed_out(work_as: WorkAs, patient_id: UUID) -> Prepared:
    """Everything due today, prepared and given."""
    with work_as(cast.NORA) as work:
        made = prepare(work, patient_id=patient_id, window=1)
    with work_as(cast.NELL) as work:
        return hand_out(work, patient_id=patient_id, codes=made.codes)


def away(work: Work, *, days: int = 5, **changes: Any) -> GuestProposal:
    """A stay at another program from tomorrow on."""
    tomorrow = work.service_date.toordinal() + 1
    values: dict[str, Any] = {
        "direction": GuestDirection.OUT,
        "other": OtherProgram("Bay Clinic", "1 Bay Road", "555-0100", "Nurse Bell"),
        "starts_on": work.service_date.fromordinal(tomorrow),
        "ends_on": work.service_date.fromordinal(tomorrow + days),
        "reason": GuestReason.TRAVEL,
        "justification": "Visits a sick parent in another state.",
        "consent_on": work.service_date,
    }
    return GuestProposal(**(values | changes))

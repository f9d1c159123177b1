"""Where each patient stands in the day's queue, and in which order the window sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clinic.dosing.facts import HoldReason, OpenHold, PatientCard, Place, VoidReason, Waiting
from clinic.dosing.rules.queue import queue_of, row_of
from clinic.stock.facts import Form
from tests.dosing.rules.test_doses import GIVEN, JANUARY, ORDER, PLAIN, TODAY, voided

HOLD = OpenHold(HoldReason.PRESCRIBER, "", TODAY, "Pia Prescriber")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 3, hour, minute, tzinfo=ZoneInfo("America/New_York"))


def card(name: str) -> PatientCard:
    return PatientCard(UUID(int=sum(map(ord, name))), f"H-{name}", "Test", name, "", JANUARY)


QUEUE_FACTS = replace(PLAIN, window=None, bottle=None)


@pytest.mark.parametrize(
    ("waiting", "place"),
    [
        (Waiting(card("A"), QUEUE_FACTS), Place.EXPECTED),
        (Waiting(card("A"), QUEUE_FACTS, at(8)), Place.IN_LINE),
        (Waiting(card("A"), replace(QUEUE_FACTS, hold=HOLD), at(8)), Place.HELD),
        (Waiting(card("A"), replace(QUEUE_FACTS, order=None), at(8)), Place.HELD),
        (Waiting(card("A"), replace(QUEUE_FACTS, doses=(GIVEN,)), at(8)), Place.DOSED),
        (Waiting(card("A"), replace(QUEUE_FACTS, doses=(GIVEN,), hold=HOLD)), Place.DOSED),
        (Waiting(card("A"), replace(QUEUE_FACTS, doses=(GIVEN,), order=None)), Place.DOSED),
        (
            Waiting(card("A"), replace(QUEUE_FACTS, doses=(voided(VoidReason.SPILLED),))),
            Place.EXPECTED,
        ),
        (
            Waiting(card("A"), replace(QUEUE_FACTS, doses=(voided(VoidReason.VOMITED),))),
            Place.HELD,
        ),
        (
            Waiting(
                card("A"),
                replace(QUEUE_FACTS, order=replace(ORDER, portions=2), doses=(GIVEN,)),
                at(15),
            ),
            Place.IN_LINE,
        ),
        (
            Waiting(
                card("A"),
                replace(
                    QUEUE_FACTS,
                    order=replace(ORDER, form=Form.INJECTION, ends_on=TODAY.replace(day=20)),
                    last_injection=replace(GIVEN, service_date=TODAY.replace(day=1)),
                ),
            ),
            Place.COVERED,
        ),
        (
            Waiting(
                card("A"),
                replace(
                    QUEUE_FACTS,
                    order=replace(ORDER, number=8, portions=2),
                    doses=(GIVEN,),
                ),
            ),
            Place.DOSED,
        ),
    ],
)
def test_where_a_patient_stands(waiting: Waiting, place: Place) -> None:
    assert row_of(waiting).place is place


def test_the_window_s_order_and_the_headline() -> None:
    dosed = replace(GIVEN, given_at=at(7, 10))
    queue = queue_of(
        [
            Waiting(card("Dosed-early"), replace(QUEUE_FACTS, doses=(dosed,))),
            Waiting(
                card("Dosed-late"),
                replace(QUEUE_FACTS, doses=(replace(dosed, given_at=at(7, 50)),)),
            ),
            Waiting(card("Zulu"), QUEUE_FACTS, at(6, 30)),
            Waiting(card("Alpha"), QUEUE_FACTS, at(6, 45)),
            Waiting(card("Yankee"), QUEUE_FACTS),
            Waiting(card("Bravo"), QUEUE_FACTS),
            Waiting(card("Held"), replace(QUEUE_FACTS, hold=HOLD)),
        ],
        day=TODAY,
    )

    assert [row.patient.last_name for row in queue.rows] == [
        "Zulu",
        "Alpha",
        "Bravo",
        "Yankee",
        "Held",
        "Dosed-late",
        "Dosed-early",
    ]
    assert (queue.dosed, queue.left, queue.held) == (2, 4, 1)
    assert [row.patient.last_name for row in queue.in_line] == ["Zulu", "Alpha"]


def test_a_row_decides_about_the_portion_that_comes_next() -> None:
    split = replace(ORDER, portions=2, dose_mg=Decimal(80))
    row = row_of(Waiting(card("A"), replace(QUEUE_FACTS, order=split, doses=(GIVEN,))))
    assert row.decision.reasons == ()
    assert [dose.portion for dose in row.doses] == [1]

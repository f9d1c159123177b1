"""Standing at a window, waiting in line, being looked at, being known by a card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import HoldReason, Place, VoidReason
from clinic.dosing.facts.line import (
    Attestation,
    CheckKind,
    ClaimEnd,
    ImpairmentSign,
    LinePriority,
    SecondIdentifier,
)
from clinic.dosing.models import Dose, DosingCard, DosingHold, LineMark, WindowCheck, WindowClaim
from clinic.dosing.queries import line
from clinic.dosing.queries.pace import headline, pace
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import FIRST_DAY, an_order, in_treatment, ready_to_dose

MINUTE = timedelta(minutes=1)
SAID = Attestation(SecondIdentifier.BIRTH_DATE, looks_well=True)


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    return ready_to_dose(work_as)


def another(work_as: WorkAs) -> UUID:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work, family_name="Another")
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
    return patient_id


def give(work: Work, patient_id: UUID, *, window: int = 1, attested: Any = None) -> None:
    services.give_dose(
        work, patient_id=patient_id, order_number=1, window=window, attested=attested
    )


def how_claims_ended() -> list[str | None]:
    rows = db.session.scalars(sa.select(WindowClaim.ended_how).order_by(WindowClaim.id))
    return [None if how is None else how.value for how in rows]


def row_of(work: Work, patient_id: UUID) -> Any:
    found = queries.queue(work, day=work.service_date)
    return next(row for row in found.rows if row.patient.patient_id == patient_id)


def test_a_patient_open_at_one_window_is_not_dosed_at_another(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NELL) as work:
        services.open_at_window(work, patient_id=patient_id, window=2)
    with work_as(cast.NORA) as work:
        services.open_at_window(work, patient_id=patient_id, window=1)
    elsewhere = "At window 2 with Nell Secondnurse since 09:00"
    with pytest.raises(Clash, match=elsewhere), work_as(cast.NORA) as work:
        give(work, patient_id)
    with work_as(cast.NORA) as work:
        assert row_of(work, patient_id).place is Place.AT_WINDOW
        services.open_at_window(work, patient_id=patient_id, window=1, take_over=True)
        give(work, patient_id)
    assert how_claims_ended() == ["taken_over", "dosed"]


def test_a_window_serves_one_and_a_forgotten_one_expires(work_as: WorkAs, patient_id: UUID) -> None:
    second = another(work_as)
    with work_as(cast.NORA) as work:
        services.open_at_window(work, patient_id=patient_id, window=1)
        services.open_at_window(work, patient_id=patient_id, window=1)
        services.open_at_window(work, patient_id=second, window=1)
    assert how_claims_ended() == ["left", None]
    with work_as(cast.NELL, now=cast.NOW + 10 * MINUTE) as work:
        assert line.claims(work) == {}
        services.open_at_window(work, patient_id=second, window=2)
        services.leave_window(work, patient_id=second, window=2)
    assert how_claims_ended() == ["left", "expired", "left"]


def test_a_dose_only_patient_waits_once_and_again_for_the_second_portion(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        services.check_in(work, patient_id=patient_id)
        assert row_of(work, patient_id).place is Place.IN_LINE
    with pytest.raises(Clash, match="Already in line since 09:00"), work_as(cast.NORA) as work:
        services.check_in(work, patient_id=patient_id)
    with work_as(cast.NORA, now=cast.NOW + MINUTE) as work:
        give(work, patient_id)
    with work_as(cast.NORA, now=cast.NOW + 2 * MINUTE) as work:
        assert services.check_in(work, patient_id=patient_id) == 2


def test_who_has_priority_goes_first_while_it_lasts(work_as: WorkAs, patient_id: UUID) -> None:
    second = another(work_as)
    with work_as(cast.NORA) as work:
        services.check_in(work, patient_id=patient_id)
    with work_as(cast.NORA, now=cast.NOW + MINUTE) as work:
        services.check_in(work, patient_id=second)
        services.mark_priority(
            work,
            patient_id=second,
            priority=LinePriority.WORK,
            reason="Shift at seven",
            until=FIRST_DAY,
        )
        found = queries.queue(work, day=FIRST_DAY).in_line
        assert [row.patient.patient_id for row in found] == [second, patient_id]
        assert line.marks(work, day=FIRST_DAY + timedelta(days=1)) == {}
        with pytest.raises(Refused, match="Say why"):
            services.mark_priority(
                work, patient_id=second, priority=LinePriority.MEDICAL, reason=""
            )
        services.mark_priority(work, patient_id=second, priority=LinePriority.NONE, reason="")
        assert line.marks(work, day=FIRST_DAY) == {}


def test_a_sign_of_impairment_holds_at_once(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        signs = (ImpairmentSign.GAIT, ImpairmentSign.SMELL)
        assert services.record_screen(work, patient_id=patient_id, signs=signs, note="taxi called")
    with pytest.raises(Refused, match="appears impaired"), work_as(cast.NORA) as work:
        give(work, patient_id, attested=SAID)
    held = db.session.scalars(sa.select(DosingHold)).one()
    assert (held.reason, held.note) == (
        HoldReason.IMPAIRMENT,
        "unsteady gait, smell of alcohol; taxi called",
    )
    with work_as(cast.NORA) as work:
        (last,) = line.last_checks(work, patient_id=patient_id)
        assert (last.is_positive, last.found) == (True, "Unsteady gait, Smell of alcohol")


def test_a_due_screen_is_done_or_nothing_is_given(work_as: WorkAs, patient_id: UUID) -> None:
    """Day 1 of treatment: a screen is due."""
    blind = Attestation(SecondIdentifier.CARD)
    first = "Screen for impairment first: day 1"
    with pytest.raises(Refused, match=first), work_as(cast.NORA) as work:
        give(work, patient_id, attested=blind)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Dose)) == 0
    db.session.rollback()
    with work_as(cast.NORA) as work:
        give(work, patient_id, attested=SAID)
    dose = db.session.scalars(sa.select(Dose)).one()
    assert dose.decision["attested"]["identity"] == "birth_date"
    checks = db.session.scalars(sa.select(WindowCheck)).all()
    assert [(check.kind, check.signs) for check in checks] == [(CheckKind.IMPAIRMENT, "")]


def test_weight_and_cows_are_recorded_and_no_longer_due(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        services.record_weight(work, patient_id=patient_id, weight_g=71_500)
        services.record_cows(work, patient_id=patient_id, score=14)
    with work_as(cast.NORA) as work:
        found = line.last_checks(work, patient_id=patient_id)
        assert [(one.kind, one.found, one.is_positive) for one in found] == [
            (CheckKind.WEIGHT, "71.5 kg", False),
            (CheckKind.COWS, "14 of 48", True),
        ]
        facts = queries.facts_for_dose(work, patient_id=patient_id, window=1).facts
        due = line.checks_due_for(work, facts, patient_id=patient_id)
        assert [one.kind for one in due] == [CheckKind.IMPAIRMENT]


def test_a_clock_set_back_stops_dispensing(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA, now=cast.NOW + 60 * MINUTE) as work:
        services.record_cows(work, patient_id=patient_id, score=3)
    with pytest.raises(Refused, match="clock stands 60 minutes behind"), work_as(cast.NORA) as work:
        give(work, patient_id)
    with work_as(cast.NORA, now=cast.NOW + 58 * MINUTE) as work:
        give(work, patient_id)


def test_a_card_opens_until_another_is_given_or_it_is_lost(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        first = services.issue_card(work, patient_id=patient_id)
        second = services.issue_card(work, patient_id=patient_id)
        old, new = line.card_by_code(work, code=first), line.card_by_code(work, code=second)
        assert old is not None
        assert old.revoked_at is not None
        assert new is not None
        assert (new.patient_id, new.revoked_at) == (patient_id, None)
    with work_as(cast.OLGA) as work:
        assert line.card_by_code(work, code=second) is None
    with work_as(cast.NORA) as work:
        services.revoke_card(work, patient_id=patient_id)
        assert line.card_of(work, patient_id=patient_id) is None
        with pytest.raises(NotFound):
            services.revoke_card(work, patient_id=patient_id)


@pytest.mark.parametrize(
    "act",
    [
        lambda work, who: services.open_at_window(work, patient_id=who, window=1),
        lambda work, who: services.record_screen(work, patient_id=who, signs=()),
        lambda work, who: services.check_in(work, patient_id=who),
        lambda work, who: services.issue_card(work, patient_id=who),
    ],
    ids=["open", "screen", "check in", "card"],
)
def test_an_inspector_changes_nothing(
    work_as: WorkAs, patient_id: UUID, act: Callable[[Work, UUID], object]
) -> None:
    with pytest.raises(Forbidden), work_as(cast.INGRID) as work:
        act(work, patient_id)


def test_the_pace_of_a_day(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        services.open_at_window(work, patient_id=patient_id, window=1)
    with work_as(cast.NORA, now=cast.NOW + timedelta(seconds=40)) as work:
        give(work, patient_id)
    with work_as(cast.NORA, now=cast.NOW + MINUTE) as work:
        found = pace(work, day=FIRST_DAY)
        assert (found.headline.done, found.headline.left, found.headline.mean_seconds) == (1, 0, 40)
        assert (found.drawn_mg, found.ordered_mg) == (Decimal(40), Decimal(40))
        assert [one.balance_ml for one in found.levels] == [996]
        assert sum(one.dosed for one in found.quarters) == 1
        assert f"{found.quarters[0].starts_at:%H:%M}" == "05:30"
        empty = headline(work, queries.queue(work, day=date(2026, 3, 2)))
        assert (empty.done, empty.longest_wait_minutes, empty.finish_at) == (0, None, None)


def claim(work: Work, patient_id: UUID, **changes: Any) -> WindowClaim:
    return WindowClaim(
        **{
            "id": work.new_id(),
            "site_id": work.site.id,
            "patient_id": patient_id,
            "window": 1,
            "service_date": work.service_date,
            "expires_at": work.now + MINUTE,
            **work.attribution,
        }
        | changes
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"window": 2}, "Another window opened this patient"), ({}, "Another window|Somebody else")],
    ids=["same patient", "same window"],
)
def test_the_database_itself_keeps_one_live_claim(
    work_as: WorkAs, patient_id: UUID, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Clash, match=sentence), work_as(cast.NORA) as work:
        work.session.add_all([claim(work, patient_id), claim(work, patient_id, **changes)])


def test_the_database_itself_refuses_a_second_card_and_an_unreasoned_mark(
    work_as: WorkAs, patient_id: UUID
) -> None:
    def card(work: Work, code: str) -> DosingCard:
        return DosingCard(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            code=code,
            **work.attribution,
        )

    with pytest.raises(Clash, match="another card"), work_as(cast.NORA) as work:
        work.session.add_all([card(work, "CA"), card(work, "CB")])
    with pytest.raises(sa.exc.IntegrityError), work_as(cast.NORA) as work:
        work.session.add(
            LineMark(
                id=work.new_id(),
                site_id=work.site.id,
                patient_id=patient_id,
                priority=LinePriority.WORK,
                reason="",
                **work.attribution,
            )
        )


def test_a_spilled_dose_is_given_again_only_as_the_rule_lets_it(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        given = services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
        services.void_dose(
            work,
            dose_id=given.dose_id,
            service_date=given.service_date,
            reason=VoidReason.SPILLED,
            witness_id=cast.NELL.id,
        )
    with pytest.raises(Refused, match="nothing was swallowed"), work_as(cast.NORA) as work:
        give(work, patient_id)
    assert ClaimEnd.DOSED.value not in how_claims_ended()

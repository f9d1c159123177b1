"""Call patients back, count what they bring, and leave the rest to the practitioner."""

from __future__ import annotations

from random import SystemRandom
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing.facts import BottleEventKind, BottleState, CallbackChoice, CallbackOutcome
from clinic.dosing.models import TakeHomeBottle, TakeHomeCallback, TakeHomeEvent
from clinic.dosing.queries.pickups import closed_days, policy_of
from clinic.dosing.queries.take_homes import count_expected, holders
from clinic.dosing.rules.callbacks import Found, due_by, judge, may_be_drawn
from clinic.dosing.rules.pickups import LOOK_AHEAD
from clinic.patients import services as patients


def call_back(
    work: Work,
    *,
    patient_id: UUID,
    told_how: str,
    reason: str = "",
    choice: CallbackChoice = CallbackChoice.CHOSEN,
) -> UUID:
    """Ask a patient to bring every bottle in; due in a day or two, on an open day.

    Raises: Clash when already called; Refused when nothing is at home; Forbidden; NotFound.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    standing = work.session.scalar(
        sa.select(TakeHomeCallback).where(
            TakeHomeCallback.site_id == work.site.id,
            TakeHomeCallback.patient_id == patient_id,
            TakeHomeCallback.outcome.is_(None),
        )
    )
    if standing is not None:
        raise Clash(f"Already called back on {standing.called_on:%d %b}.")
    expected = count_expected(work, patient_id=patient_id)
    if not expected.issued:
        raise Refused("Nothing is at home that could be brought.")
    today = work.service_date
    shut = closed_days(work, first=today, until=today + LOOK_AHEAD, closing={})
    policy = policy_of(work, on=today)
    callback = TakeHomeCallback(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        choice=choice,
        reason=reason,
        called_on=today,
        due_by=due_by(today, closed=[one.day for one in shut], policy=policy),
        told_how=told_how,
        issued=expected.issued,
        **work.attribution,
    )
    work.session.add(callback)
    work.session.flush()
    audit.record(
        work,
        action="take_homes.call_back",
        subject=f"callback {callback.id}",
        patient_id=patient_id,
        detail={"choice": choice.value, "due_by": callback.due_by.isoformat()},
    )
    return callback.id


def draw_callbacks(work: Work, *, patients_wanted: int) -> list[UUID]:
    """Call back so many patients by chance, among those who may be drawn; their ids.

    Raises: Refused when nobody may be drawn; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    today = work.service_date
    policy = policy_of(work, on=today)
    hat = list(may_be_drawn(holders(work, day=today), day=today, policy=policy))
    if not hat or patients_wanted < 1:
        raise Refused("Nobody holds enough bottles, or everybody was called lately.")
    drawn = SystemRandom().sample(hat, min(patients_wanted, len(hat)))
    for holder in sorted(drawn, key=lambda one: one.patient_id):
        call_back(
            work,
            patient_id=holder.patient_id,
            told_how="not yet told",
            reason="drawn by chance",
            choice=CallbackChoice.RANDOM,
        )
    return [holder.patient_id for holder in drawn]


def count_callback(
    work: Work, *, callback_id: UUID, found: Found, dose_taken_today: bool, note: str = ""
) -> CallbackOutcome:
    """Write down what was brought; a difference fails the callback and nothing else happens.

    Raises: Clash when it was counted already; NotFound; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    callback = _open(work, callback_id)
    expected = count_expected(
        work, patient_id=callback.patient_id, dose_taken_today=dose_taken_today
    )
    outcome, decision = judge(expected, found=found)
    callback.sealed_expected = expected.sealed_expected
    callback.empties_expected = expected.empties_expected
    callback.sealed_found, callback.empties_found = found.sealed, found.empties
    callback.seals_whole, callback.labels_right = found.seals_whole, found.labels_right
    _close(work, callback, outcome, note=note)
    for bottle in _out(work, callback.patient_id):
        work.session.add(
            TakeHomeEvent(
                id=work.new_id(),
                site_id=work.site.id,
                bottle_id=bottle.id,
                patient_id=bottle.patient_id,
                kind=BottleEventKind.COUNTED,
                note=outcome.label,
                decision=decision.to_json(),
                **work.on_service_day(),
                **work.attribution,
            )
        )
    work.session.flush()
    return outcome


def note_absence(work: Work, *, callback_id: UUID, note: str = "") -> None:
    """The patient did not come in time: for the practitioner to weigh.

    Raises: Refused while there is time; Clash when it is closed; NotFound; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    callback = _open(work, callback_id)
    if work.service_date <= callback.due_by:
        raise Refused(f"The patient may come until {callback.due_by:%d %b}.")
    _close(work, callback, CallbackOutcome.NOT_COME, note=note)


def _open(work: Work, callback_id: UUID) -> TakeHomeCallback:
    query = sa.select(TakeHomeCallback).where(
        TakeHomeCallback.site_id == work.site.id, TakeHomeCallback.id == callback_id
    )
    callback = work.session.scalar(query)
    if callback is None:
        raise NotFound("callback")
    patients.take_turn(work, patient_id=callback.patient_id)
    callback = work.session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one()
    if callback.outcome is not None:
        raise Clash(f"Already closed by {callback.closed_by_name}: {callback.outcome.label}.")
    return callback


def _close(work: Work, callback: TakeHomeCallback, outcome: CallbackOutcome, *, note: str) -> None:
    callback.outcome = outcome
    callback.closed_at, callback.closed_by_name = work.now, work.actor.name
    callback.note = note
    work.session.flush()
    detail: dict[str, Any] = {
        "outcome": outcome.value,
        "sealed": [callback.sealed_found, callback.sealed_expected],
        "empties": [callback.empties_found, callback.empties_expected],
    }
    audit.record(
        work,
        action="take_homes.callback",
        subject=f"callback {callback.id}",
        patient_id=callback.patient_id,
        detail=detail,
    )


def _out(work: Work, patient_id: UUID) -> list[TakeHomeBottle]:
    return list(
        work.session.scalars(
            sa.select(TakeHomeBottle).where(
                TakeHomeBottle.site_id == work.site.id,
                TakeHomeBottle.patient_id == patient_id,
                TakeHomeBottle.state == BottleState.HANDED_OUT,
            )
        )
    )

"""Doses from paper: each line recorded, or kept as a conflict until somebody settles it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.core.units import mg, micrograms
from clinic.data.work import Work
from clinic.dosing.facts import DoseFacts, DoseOrigin
from clinic.dosing.facts.downtime import PaperDose, PaperOutcome
from clinic.dosing.models import Dose, DowntimeBatch, DowntimeLine, DowntimeSettlement
from clinic.dosing.queries import downtime, facts_for_dose
from clinic.dosing.rules.doses import next_series, packs_of
from clinic.dosing.rules.downtime import may_enter, may_settle_as_given
from clinic.patients import services as patients
from clinic.stock import services as stock
from clinic.stock.facts import Form, at_window

REASON_LENGTH_MAX = 200
NOBODY = "No patient has the code {codes}."
TOO_OLD = "Paper is entered for the last {days} days, and never for a day to come."
AHEAD = "Line {line} lies in the future: look at its time again."


def enter_sheet(
    work: Work, *, day: date, serial: str, window: int, doses: Sequence[PaperDose]
) -> list[UUID]:
    """Enter a sheet of the paper log; the ids of its new lines.

    Each dose is weighed by what was true at its own minute. What nothing speaks against is
    recorded, marked as from paper; anything else is kept as a conflict, never dropped and never
    put over what is there. A line that was entered before, by serial, patient, time and amount, is
    left as it is.
    Raises: Refused for a code of nobody, a day too old, or a time to come; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    limit = downtime.policy_of(work).entered_back_days
    if not serial or not work.service_date - timedelta(days=limit) <= day <= work.service_date:
        raise Refused(TOO_OLD.format(days=limit))
    known = downtime.patient_ids(work, codes={dose.code for dose in doses})
    unknown = sorted({dose.code for dose in doses} - known.keys())
    if unknown:
        raise Refused(NOBODY.format(codes=", ".join(unknown)))
    for patient_id in sorted(known.values()):
        patients.take_turn(work, patient_id=patient_id)
    moments = [_moment(work, day, dose) for dose in doses]
    ahead = next((n for n, at in enumerate(moments, start=1) if at > work.now), None)
    if ahead is not None:
        raise Refused(AHEAD.format(line=ahead))
    batch_id = work.new_id()
    work.session.add(
        DowntimeBatch(
            id=batch_id,
            site_id=work.site.id,
            service_date=day,
            serial=serial,
            window=window,
            **work.attribution,
        )
    )
    work.session.flush()
    made = []
    for number, (dose, at) in enumerate(zip(doses, moments, strict=True), start=1):
        line = {
            "batch_id": batch_id,
            "serial": serial,
            "line": number,
            "patient_id": known[dose.code],
            "dose_ug": micrograms(dose.dose_mg),
            "initials": dose.initials,
        }
        if not _is_entered(work, line, at):
            made.append(_enter(work, line, at, window=window))
    audit.record(
        work,
        action="downtime.enter",
        subject=f"sheet {serial}",
        detail={"day": day.isoformat(), "lines": len(doses), "new": len(made)},
    )
    return made


def settle(work: Work, *, line_id: UUID, as_given: bool, note: str) -> None:
    """Settle a conflict by name: record the dose after all, or say why it is none.

    Raises: NotFound; Clash when it is settled; Refused without a note, or for a second dose, a
    dose without an order or without stock.
    """
    work.actor.require(Permission.GIVE_DOSE)
    line = work.session.scalar(
        sa.select(DowntimeLine).where(
            DowntimeLine.site_id == work.site.id,
            DowntimeLine.id == line_id,
            DowntimeLine.outcome == PaperOutcome.CONFLICT,
        )
    )
    if line is None:
        raise NotFound("conflict")
    if not note:
        raise Refused("Say what you found out, and from whom.")
    patients.take_turn(work, patient_id=line.patient_id)
    _require_open(work, line_id)
    dose_id = _record_settled(work, line, note) if as_given else None
    outcome = PaperOutcome.SETTLED_GIVEN if as_given else PaperOutcome.SETTLED_NOT_GIVEN
    work.session.add(
        DowntimeSettlement(
            id=work.new_id(),
            site_id=work.site.id,
            line_id=line_id,
            outcome=outcome,
            note=note,
            dose_id=dose_id,
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(
        work,
        action="downtime.settle",
        subject=f"sheet {line.serial} line {line.line}",
        patient_id=line.patient_id,
        detail={"outcome": outcome.value, "note": note},
    )


def _record_settled(work: Work, line: DowntimeLine, note: str) -> UUID:
    batch = work.session.get_one(DowntimeBatch, line.batch_id)
    facts = _facts(work, line.patient_id, line.occurred_at, window=batch.window)
    decision = may_enter(facts, dose_mg=mg(line.dose_ug))
    if not may_settle_as_given(decision):
        raise Refused([reason.message for reason in decision.stops], decision=decision)
    values = {
        "patient_id": line.patient_id,
        "dose_ug": line.dose_ug,
        "initials": line.initials,
        "serial": line.serial,
    }
    return _record(work, facts, decision, values, line.occurred_at, settled=note)


def _require_open(work: Work, line_id: UUID) -> None:
    earlier = work.session.scalar(
        sa.select(DowntimeSettlement).where(
            DowntimeSettlement.site_id == work.site.id, DowntimeSettlement.line_id == line_id
        )
    )
    if earlier is not None:
        raise Clash(f"Already settled by {earlier.recorded_by_name}.")


def _moment(work: Work, day: date, dose: PaperDose) -> datetime:
    """The instant of a wall time of a clinic day, which may run past midnight."""
    calendar_day = day if dose.given_at >= work.site.day_starts_at else day + ONE_DAY
    return work.site.instant(calendar_day, dose.given_at)


def _is_entered(work: Work, line: dict[str, Any], at: datetime) -> bool:
    same = sa.select(DowntimeLine.id).where(
        DowntimeLine.site_id == work.site.id,
        DowntimeLine.patient_id == line["patient_id"],
        DowntimeLine.occurred_at == at,
        DowntimeLine.dose_ug == line["dose_ug"],
        DowntimeLine.serial == line["serial"],
    )
    return work.session.scalar(same) is not None


def _enter(work: Work, line: dict[str, Any], at: datetime, *, window: int) -> UUID:
    facts = _facts(work, line["patient_id"], at, window=window)
    decision = may_enter(facts, dose_mg=mg(line["dose_ug"]))
    dose_id = _record(work, facts, decision, line, at) if decision else None
    reasons = "; ".join(reason.message for reason in decision.stops)
    line_id = work.new_id()
    work.session.add(
        DowntimeLine(
            id=line_id,
            site_id=work.site.id,
            outcome=PaperOutcome.RECORDED if decision else PaperOutcome.CONFLICT,
            reason=reasons[:REASON_LENGTH_MAX],
            decision=decision.to_json() | {"may_be_recorded": may_settle_as_given(decision)},
            dose_id=dose_id,
            **line,
            **work.on_service_day(at),
            **work.attribution,
        )
    )
    work.session.flush()
    return line_id


def _facts(work: Work, patient_id: UUID, at: datetime, *, window: int) -> DoseFacts:
    """What was true at the paper's minute; who stands at which window now does not matter."""
    then = replace(work, now=at)
    facts = facts_for_dose(then, patient_id=patient_id, window=window).facts
    return replace(facts, claim=None, clock_behind=None)


def _record(
    work: Work,
    facts: DoseFacts,
    decision: Decision,
    line: dict[str, Any],
    at: datetime,
    *,
    settled: str = "",
) -> UUID:
    order = facts.order
    if order is None:
        raise Refused("No order covers this day.", decision=decision)
    dose_id = work.new_id()
    series, replaced = next_series(facts)
    paper = {"serial": line["serial"], "initials": line["initials"], "settled": settled}
    work.session.add(
        Dose(
            id=dose_id,
            site_id=work.site.id,
            patient_id=line["patient_id"],
            origin=DoseOrigin.DOWNTIME,
            order_id=order.id,
            order_number=order.number,
            medication=order.medication,
            form=order.form,
            dose_ug=line["dose_ug"],
            portion=facts.portion,
            series=series,
            replaces_void_id=replaced.voided.id if replaced and replaced.voided else None,
            window=facts.window,
            decision=decision.to_json() | {"paper": paper},
            **_drawn(work, facts, line["dose_ug"], dose_id=dose_id),
            **work.on_service_day(at),
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(
        work,
        action="dose.enter_from_paper",
        subject=f"order {order.number}",
        patient_id=line["patient_id"],
        detail={"dose_id": str(dose_id), "dose_mg": str(mg(line["dose_ug"])), **paper},
    )
    return dose_id


def _drawn(work: Work, facts: DoseFacts, dose_ug: int, *, dose_id: UUID) -> dict[str, Any]:
    """Take the paper's amount out of what is open at the window now."""
    spot = at_window(facts.window or 0)
    bottle = facts.bottle
    if bottle is not None and facts.order and facts.order.form is Form.ORAL_CONCENTRATE:
        strength = bottle.concentration_mg_per_ml
        volume_ul = int((Decimal(dose_ug) / strength).to_integral_value())
        stock.take_from(
            work, bottle_id=bottle.id, spot=spot, quantity=volume_ul, subject_id=dose_id
        )
        return {
            "bottle_id": bottle.id,
            "volume_ul": volume_ul,
            "concentration_ug_per_ml": micrograms(strength),
        }
    packs = packs_of(facts) or ()
    for pack, units in packs:
        stock.take_from(work, bottle_id=pack.id, spot=spot, quantity=units, subject_id=dose_id)
    return {"bottle_id": packs[0][0].id} if packs else {}

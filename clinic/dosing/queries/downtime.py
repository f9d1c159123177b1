"""What the downtime pack prints, and the paper doses that were entered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import queries as audit
from clinic.core.errors import NotFound
from clinic.core.units import mg, plain
from clinic.data.work import Work
from clinic.dosing.facts import Place, QueueRow
from clinic.dosing.facts.downtime import (
    DowntimePack,
    DowntimePolicy,
    EnteredLine,
    Expected,
    PaperOutcome,
)
from clinic.dosing.models import DowntimeBatch, DowntimeLine, DowntimeSettlement
from clinic.dosing.queries import rows
from clinic.dosing.queries.pickups import pickups
from clinic.dosing.queries.tables import DOSE, PATIENT, is_live
from clinic.dosing.queries.window import queue
from clinic.patients.models import PatientPhoto
from clinic.sites import queries as sites

LINES_SHOWN = 200
_POLICY = DowntimePolicy()


def policy_of(work: Work) -> DowntimePolicy:
    """What the site chose for its packs and its paper."""
    return sites.policy(work, _POLICY, of="downtime", on=work.service_date)


def pack(work: Work, *, day: date) -> DowntimePack:
    """Everything the pack of a day prints; the same few statements for any number of patients."""
    site = sites.site(work)
    day_queue = queue(work, day=day)
    ids = [row.patient.patient_id for row in day_queue.rows]
    last, photos = _last_doses(work, day), _photos(work, ids)
    due = {one: len(pickup.plan.due) for one, pickup in pickups(work, day=day).items()}
    seal = audit.last_seal(work)
    return DowntimePack(
        day=day,
        site=site.name,
        address=site.address,
        telephone=site.telephone,
        organization=site.organization,
        rows=[
            _expected(
                row,
                last=last.get(row.patient.patient_id, "none on record"),
                due=due.get(row.patient.patient_id, 0),
                photo=photos.get(row.patient.patient_id),
            )
            for row in sorted(
                day_queue.rows, key=lambda row: (row.patient.last_name, row.patient.first_name)
            )
        ],
        closed_because=day_queue.closed_because,
        seal=f"{seal[0]}: {seal[1]}" if seal else "none yet",
        telephones=[one.strip() for one in policy_of(work).telephones.split(";") if one.strip()],
    )


def patient_ids(work: Work, *, codes: Collection[str]) -> dict[str, UUID]:
    """Patients of the organisation by the code written on the sheet."""
    found = work.session.execute(
        sa.select(PATIENT.c.code, PATIENT.c.id).where(
            PATIENT.c.organization_id == work.site.organization_id, PATIENT.c.code.in_(codes)
        )
    )
    return dict(iter(found))


def entered(work: Work, *, open_only: bool = False) -> list[EnteredLine]:
    """Lines of paper that were entered, conflicts nobody has settled first."""
    if not open_only:
        return _lines(work)
    return _lines(
        work, DowntimeSettlement.id.is_(None), DowntimeLine.outcome == PaperOutcome.CONFLICT
    )


def entered_line(work: Work, *, line_id: UUID) -> EnteredLine:
    """One line of this site.

    Raises: NotFound.
    """
    found = _lines(work, DowntimeLine.id == line_id)
    if not found:
        raise NotFound("line")
    return found[0]


def _lines(work: Work, *conditions: sa.ColumnElement[bool]) -> list[EnteredLine]:
    is_open = sa.and_(
        DowntimeLine.outcome == PaperOutcome.CONFLICT, DowntimeSettlement.id.is_(None)
    )
    found = work.session.execute(
        sa.select(DowntimeLine, DowntimeSettlement, *rows.CARD_COLUMNS)
        .join(DowntimeBatch, DowntimeBatch.id == DowntimeLine.batch_id)
        .join(PATIENT, PATIENT.c.id == DowntimeLine.patient_id)
        .outerjoin(
            DowntimeSettlement,
            (DowntimeSettlement.site_id == DowntimeLine.site_id)
            & (DowntimeSettlement.line_id == DowntimeLine.id),
        )
        .where(DowntimeLine.site_id == work.site.id, *conditions)
        .order_by(
            sa.case((is_open, 0), else_=1),
            DowntimeLine.recorded_at.desc(),
            DowntimeLine.batch_id,
            DowntimeLine.line,
        )
        .limit(LINES_SHOWN)
    ).mappings()
    return [_line(work, row) for row in found]


def _line(work: Work, row: sa.RowMapping) -> EnteredLine:
    line, settled = row[DowntimeLine], row[DowntimeSettlement]
    return EnteredLine(
        id=line.id,
        line=line.line,
        patient=rows.card_of(row),
        service_date=line.service_date,
        dose_mg=mg(line.dose_ug),
        given_at=work.site.local(line.occurred_at),
        initials=line.initials,
        outcome=settled.outcome if settled else line.outcome,
        reason=line.reason,
        may_be_recorded=bool(line.decision.get("may_be_recorded")),
        settled_by=settled.recorded_by_name if settled else "",
        settled_note=settled.note if settled else "",
        serial=line.serial,
    )


def _expected(row: QueueRow, *, last: str, due: int, photo: bytes | None) -> Expected:
    given = [
        f"{plain(dose.dose_mg)} mg at {dose.given_at:%H:%M} by {dose.given_by}"
        for dose in row.doses
    ]
    stops = () if row.place is Place.DOSED else row.decision.stops
    return Expected(
        patient=row.patient,
        order=row.order,
        last_dose=last,
        doses_today=f"Given today: {'; '.join(given)}" if given else "",
        take_homes_due=due,
        stops=tuple(reason.message for reason in stops),
        photo=photo,
    )


def _last_doses(work: Work, day: date) -> dict[UUID, str]:
    """Each patient's last live dose before the day, in words."""
    newest = (
        sa.select(DOSE.c.patient_id, sa.func.max(DOSE.c.service_date).label("last"))
        .where(DOSE.c.site_id == work.site.id, DOSE.c.service_date < day, is_live(DOSE))
        .group_by(DOSE.c.patient_id)
        .subquery()
    )
    found = work.session.execute(
        sa.select(DOSE.c.patient_id, DOSE.c.service_date, sa.func.sum(DOSE.c.dose_ug))
        .join(
            newest,
            (newest.c.patient_id == DOSE.c.patient_id) & (newest.c.last == DOSE.c.service_date),
        )
        .where(DOSE.c.site_id == work.site.id, is_live(DOSE))
        .group_by(DOSE.c.patient_id, DOSE.c.service_date)
    )
    return {who: f"{mg(int(dose_ug))} mg on {on:%a %d %b %Y}" for who, on, dose_ug in found}


def _photos(work: Work, patient_ids: Collection[UUID]) -> dict[UUID, bytes]:
    newest = (
        sa.select(sa.func.max(PatientPhoto.recorded_at).label("at"), PatientPhoto.patient_id)
        .where(
            PatientPhoto.organization_id == work.site.organization_id,
            PatientPhoto.patient_id.in_(patient_ids),
        )
        .group_by(PatientPhoto.patient_id)
        .subquery()
    )
    found = work.session.execute(
        sa.select(PatientPhoto.patient_id, PatientPhoto.content).join(
            newest,
            (newest.c.patient_id == PatientPhoto.patient_id)
            & (newest.c.at == PatientPhoto.recorded_at),
        )
    )
    return dict(iter(found))

"""Sign a day's dispensing log, and correct a line of it by a second entry."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import CORRECTABLE
from clinic.dosing.models import LogCorrection, LogSignature


def sign_log(work: Work, *, day: date) -> UUID:
    """Put one's initials under the lines one has dispensed on a day.

    Raises: Refused for a day on which one dispensed nothing; Clash when nothing is left to sign.
    """
    work.actor.require(Permission.GIVE_DOSE)
    mine = next(
        (one for one in queries.signatures(work, day=day) if one.person_id == work.actor.id), None
    )
    if mine is None:
        raise Refused("You dispensed nothing on this day.")
    if mine.is_signed:
        raise Clash("You have signed this log already.")
    row = LogSignature(
        id=work.new_id(),
        site_id=work.site.id,
        log_day=day,
        initials="".join(part[0] for part in work.actor.name.split()).upper(),
        lines=mine.lines,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(row)
    work.session.flush()
    audit.record(work, action="log.sign", subject=f"log of {day}", detail={"lines": mine.lines})
    return row.id


def correct_line(
    work: Work, *, day: date, line_id: UUID, field: str, reads: str, reason: str
) -> UUID:
    """Say beside a line of the log what should stand there, and why. The line stays as it is.

    Raises: NotFound for a line this day does not have; Refused without a reason or for a field
    the log does not hold; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    line = queries.dose(work, dose_id=line_id, service_date=day)
    if line is None:
        raise NotFound("line")
    if field not in CORRECTABLE or not reads or not reason:
        raise Refused("Name the field, what should stand there, and why.")
    row = LogCorrection(
        id=work.new_id(),
        site_id=work.site.id,
        log_day=day,
        line_id=line_id,
        field=field,
        reads=reads,
        reason=reason,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(row)
    work.session.flush()
    audit.record(
        work,
        action="log.correct",
        subject=f"line {line_id}",
        patient_id=line.patient.patient_id,
        detail={"field": field, "reads": reads, "reason": reason},
    )
    return row.id

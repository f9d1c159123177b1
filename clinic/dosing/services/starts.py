"""Write down what was found before a first dose, and an ECG."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing.facts import NaloxoneChallenge, OpioidClass, QtcMethod
from clinic.dosing.models import Ecg, StartFinding
from clinic.patients import services as patients


def record_start_findings(
    work: Work,
    *,
    patient_id: UUID,
    opioid_class: OpioidClass,
    last_opioid_at: datetime,
    naloxone_challenge: NaloxoneChallenge = NaloxoneChallenge.NOT_DONE,
    withdrawal_signs: bool = False,
    on_opioid_analgesic: bool = False,
    acute_hepatitis_or_liver_failure: bool = False,
    note: str = "",
) -> UUID:
    """Write down the last opioid and what else bears on a start, as found now.

    Raises: Refused for a time to come, or for a naloxone challenge in withdrawal; Forbidden;
    NotFound.
    Source: Vivitrol label (no challenge with signs of withdrawal).
    """
    work.actor.require(Permission.RECORD_RESULT)
    patients.take_turn(work, patient_id=patient_id)
    if last_opioid_at > work.now:
        raise Refused("The last opioid lies in the future.")
    if naloxone_challenge is not NaloxoneChallenge.NOT_DONE and withdrawal_signs:
        raise Refused("No naloxone challenge while there are signs of withdrawal.")
    finding = StartFinding(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        opioid_class=opioid_class,
        last_opioid_at=last_opioid_at,
        naloxone_challenge=naloxone_challenge,
        withdrawal_signs=withdrawal_signs,
        on_opioid_analgesic=on_opioid_analgesic,
        acute_hepatitis_or_liver_failure=acute_hepatitis_or_liver_failure,
        note=note,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(finding)
    work.session.flush()
    audit.record(
        work,
        action="start.finding",
        subject=f"finding {finding.id}",
        patient_id=patient_id,
        detail={
            "opioid_class": opioid_class.value,
            "last_opioid_at": last_opioid_at.isoformat(),
            "naloxone_challenge": naloxone_challenge.value,
        },
    )
    return finding.id


def record_ecg(
    work: Work,
    *,
    patient_id: UUID,
    measured_on: date,
    qtc_ms: int,
    method: QtcMethod,
    read_by: str,
) -> UUID:
    """Put a QTc on file.

    Raises: Refused for a day to come; Forbidden; NotFound.
    """
    work.actor.require(Permission.RECORD_RESULT)
    patients.take_turn(work, patient_id=patient_id)
    if measured_on > work.service_date:
        raise Refused("The ECG lies in the future.")
    ecg = Ecg(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        measured_on=measured_on,
        qtc_ms=qtc_ms,
        method=method,
        read_by=read_by,
        **work.attribution,
    )
    work.session.add(ecg)
    work.session.flush()
    audit.record(
        work,
        action="ecg.record",
        subject=f"ecg {ecg.id}",
        patient_id=patient_id,
        detail={"qtc_ms": qtc_ms, "measured_on": measured_on.isoformat()},
    )
    return ecg.id

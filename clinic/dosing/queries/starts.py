"""What is on record before a first dose, and the heart's: findings, COWS, urine, ECG."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.assessments import queries as assessments
from clinic.assessments.facts import COWS
from clinic.data.work import Work
from clinic.dosing.facts import (
    EcgReading,
    Exposure,
    OpioidClass,
    StartEvidence,
    StartEvidencePolicy,
    UdsOpioid,
)
from clinic.dosing.models import Ecg, StartFinding
from clinic.dosing.queries.tables import DOSE, is_live
from clinic.sites import queries as sites
from clinic.stock.facts import Medication
from clinic.toxicology import queries as toxicology
from clinic.toxicology.facts import OPIOIDS, Analyte, Reading

AGONIST_CLASS: Mapping[Medication, OpioidClass] = {
    Medication.METHADONE: OpioidClass.METHADONE,
    Medication.BUPRENORPHINE: OpioidClass.BUPRENORPHINE,
    Medication.BUPRENORPHINE_NALOXONE: OpioidClass.BUPRENORPHINE,
}
ANY_OPIOID = OPIOIDS | {Analyte.METHADONE, Analyte.EDDP, Analyte.BUPRENORPHINE}
TESTS_READ = 3
_POLICY = StartEvidencePolicy()


def start_evidence(work: Work, *, patient_id: UUID) -> StartEvidence:
    """What counts today for a first dose of buprenorphine or naltrexone.

    Shape: an agonist this organisation gave is an exposure whether or not anybody wrote one down.
    """
    policy = sites.policy(work, _POLICY, of="start_evidence", on=work.service_date)
    finding = _last_finding(work, patient_id, policy)
    exposures = [*_given_here(work, patient_id)]
    evidence: dict[str, Any] = {}
    if finding is not None:
        at = work.site.local(finding.last_opioid_at)
        what = OpioidClass(finding.opioid_class).label
        said = f"last {what} {at:%d %b %H:%M}, asked by {finding.recorded_by_name}"
        on = work.site.service_date(finding.last_opioid_at)
        exposures.append(Exposure(finding.opioid_class, on, said, finding.last_opioid_at))
        evidence = {
            "is_recorded": True,
            "naloxone_challenge": finding.naloxone_challenge,
            "withdrawal_signs": finding.withdrawal_signs,
            "on_opioid_analgesic": finding.on_opioid_analgesic,
            "acute_hepatitis_or_liver_failure": finding.acute_hepatitis_or_liver_failure,
        }
    return StartEvidence(
        as_of=work.now,
        exposures=tuple(exposures),
        **evidence,
        **_cows(work, patient_id, policy),
        **_urine(work, patient_id, policy),
    )


def _last_finding(work: Work, patient_id: UUID, policy: StartEvidencePolicy) -> StartFinding | None:
    return work.session.scalar(
        sa.select(StartFinding)
        .where(
            StartFinding.site_id == work.site.id,
            StartFinding.patient_id == patient_id,
            StartFinding.service_date > work.service_date - _days(policy.findings_valid_days),
        )
        .order_by(StartFinding.occurred_at.desc(), StartFinding.id.desc())
        .limit(1)
    )


def _given_here(work: Work, patient_id: UUID) -> list[Exposure]:
    """The last live dose of each class, at whatever site of the organisation."""
    found: dict[OpioidClass, Exposure] = {}
    for medication, opioid_class in AGONIST_CLASS.items():
        row = work.session.execute(
            sa.select(DOSE.c.service_date, DOSE.c.occurred_at)
            .where(DOSE.c.patient_id == patient_id, DOSE.c.medication == medication, is_live(DOSE))
            .order_by(DOSE.c.service_date.desc())
            .limit(1)
        ).first()
        if row is None:
            continue
        said = f"{medication.label.lower()} given here {row.service_date:%d %b}"
        exposure = Exposure(opioid_class, row.service_date, said, row.occurred_at)
        known = found.get(opioid_class)
        if known is None or known.on < exposure.on:
            found[opioid_class] = exposure
    return list(found.values())


def _cows(work: Work, patient_id: UUID, policy: StartEvidencePolicy) -> dict[str, Any]:
    for one in assessments.history(work, patient_id=patient_id):
        age = work.now - one.occurred_at
        if age > timedelta(hours=policy.cows_valid_hours):
            break
        if one.instrument.id == COWS.id and one.total is not None:
            at = work.site.local(one.occurred_at)
            said = f"{at:%d %b %H:%M} by {one.recorded_by_name}"
            return {"cows_total": one.total, "cows_source": said}
    return {}


def _urine(work: Work, patient_id: UUID, policy: StartEvidencePolicy) -> dict[str, Any]:
    """The latest test in time that was read for opioids; one positive opioid is positive."""
    since = work.service_date - _days(policy.uds_valid_days)
    for test in toxicology.history(work, patient_id=patient_id, latest=TESTS_READ):
        read = {test.readings.get(analyte) for analyte in ANY_OPIOID} - {None}
        if test.service_date < since or not read:
            continue
        said = f"urine of {test.service_date:%d %b}"
        if Reading.POSITIVE in read:
            return {"uds_opioid": UdsOpioid.POSITIVE, "uds_source": said}
        if read == {Reading.NEGATIVE}:
            return {"uds_opioid": UdsOpioid.NEGATIVE, "uds_source": said}
    return {}


def ecgs_of(work: Work, *, patient_id: UUID) -> list[EcgReading]:
    """Every QTc on file, newest first, whatever the site."""
    found = work.session.scalars(
        sa.select(Ecg)
        .where(Ecg.patient_id == patient_id)
        .order_by(Ecg.measured_on.desc(), Ecg.recorded_at.desc())
    )
    return [EcgReading(row.measured_on, row.qtc_ms, row.method, row.read_by) for row in found]


def _days(number: int) -> timedelta:
    return timedelta(days=number)

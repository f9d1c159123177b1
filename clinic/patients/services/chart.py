"""What stands on the banner: allergies, alerts, the photo."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.data.work import Work
from clinic.patients import queries, rules
from clinic.patients.facts import PHOTO_BYTES_MAX, AlertSeverity
from clinic.patients.models import Allergy, Patient, PatientAlert, PatientPhoto
from clinic.patients.services.records import fitting, the_patient


def add_allergy(work: Work, *, patient_id: UUID, substance: str, reaction: str = "") -> UUID:
    """Put an allergy on the banner.

    Raises: NotFound; Refused without a substance, or when the same one stands there already.
    """
    patient = the_patient(work, patient_id=patient_id)
    wanted = fitting(Allergy, substance=substance, reaction=reaction)
    folded = rules.fold(wanted["substance"])
    if not folded:
        raise Refused("Name the substance.")
    standing = queries.allergies(work, patient_id=patient_id)
    if any(rules.fold(one.substance) == folded for one in standing):
        raise Refused(f"{wanted['substance']} is already among the allergies.")
    allergy = Allergy(
        id=work.new_id(),
        organization_id=work.site.organization_id,
        patient_id=patient_id,
        **wanted,
        **work.attribution,
    )
    work.session.add(allergy)
    _asked(work, patient_id)
    audit.record(
        work,
        action="patient.add_allergy",
        subject=f"patient {patient.code}",
        patient_id=patient_id,
        detail={"substance": allergy.substance},
    )
    return allergy.id


def end_allergy(work: Work, *, patient_id: UUID, allergy_id: UUID) -> None:
    """Take an allergy off the banner; the record of it stays.

    Raises: NotFound.
    """
    allergy = work.session.scalar(
        sa.select(Allergy).where(
            Allergy.id == allergy_id,
            Allergy.patient_id == patient_id,
            Allergy.organization_id == work.site.organization_id,
            Allergy.ended_at.is_(None),
        )
    )
    if allergy is None:
        raise NotFound("allergy")
    allergy.ended_at = work.now
    audit.record(
        work,
        action="patient.end_allergy",
        subject=f"allergy {allergy_id}",
        patient_id=allergy.patient_id,
        detail={"substance": allergy.substance},
    )


def confirm_no_allergies(work: Work, *, patient_id: UUID) -> None:
    """Record that the patient was asked and knows of no allergy.

    Raises: NotFound; Refused while an allergy stands.
    """
    patient = the_patient(work, patient_id=patient_id)
    if queries.allergies(work, patient_id=patient_id):
        raise Refused("An allergy is recorded. End it first if it was recorded in error.")
    _asked(work, patient_id)
    audit.record(
        work,
        action="patient.confirm_no_allergies",
        subject=f"patient {patient.code}",
        patient_id=patient_id,
    )


def raise_alert(work: Work, *, patient_id: UUID, severity: AlertSeverity, text: str) -> UUID:
    """Put something on the banner that everybody at this site must see.

    Raises: NotFound; Refused without a text.
    """
    patient = the_patient(work, patient_id=patient_id)
    wanted = fitting(PatientAlert, text=text)
    if not wanted["text"]:
        raise Refused("Say what everybody must see.")
    alert = PatientAlert(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        severity=severity,
        **wanted,
        **work.attribution,
    )
    work.session.add(alert)
    audit.record(
        work,
        action="patient.raise_alert",
        subject=f"patient {patient.code}",
        patient_id=patient_id,
        detail={"severity": severity.value, "text": alert.text},
    )
    return alert.id


def end_alert(work: Work, *, patient_id: UUID, alert_id: UUID) -> None:
    """Take an alert off the banner; the record of it stays.

    Raises: NotFound, also for an alert of another site or one that has ended.
    """
    alert = work.session.scalar(
        sa.select(PatientAlert).where(
            PatientAlert.id == alert_id,
            PatientAlert.patient_id == patient_id,
            PatientAlert.site_id == work.site.id,
            PatientAlert.ended_at.is_(None),
        )
    )
    if alert is None:
        raise NotFound("alert")
    alert.ended_at = work.now
    audit.record(
        work,
        action="patient.end_alert",
        subject=f"alert {alert_id}",
        patient_id=alert.patient_id,
        detail={"text": alert.text},
    )


def set_photo(work: Work, *, patient_id: UUID, content: bytes) -> UUID:
    """Make this the photo everybody sees; earlier ones are kept.

    Raises: NotFound; Refused for anything but a JPEG or PNG of at most ``PHOTO_BYTES_MAX``.
    """
    patient = the_patient(work, patient_id=patient_id)
    media_type = rules.image_type(content)
    if media_type is None:
        raise Refused("A photo must be a JPEG or PNG picture.")
    if len(content) > PHOTO_BYTES_MAX:
        raise Refused(f"A photo may have at most {PHOTO_BYTES_MAX // 1024 // 1024} MB.")
    photo = PatientPhoto(
        id=work.new_id(),
        organization_id=work.site.organization_id,
        patient_id=patient_id,
        media_type=media_type,
        content=content,
        **work.attribution,
    )
    work.session.add(photo)
    audit.record(
        work,
        action="patient.set_photo",
        subject=f"patient {patient.code}",
        patient_id=patient_id,
    )
    return photo.id


def _asked(work: Work, patient_id: UUID) -> None:
    """Core, so that asking about allergies does not make an open particulars form stale."""
    work.session.execute(
        sa.update(Patient).where(Patient.id == patient_id).values(allergies_asked_at=work.now)
    )

"""What stands on the banner: allergies, alerts, the photo."""

from __future__ import annotations

from uuid import uuid4

import pytest

from clinic.core.errors import NotFound, Refused
from clinic.data.work import Work
from clinic.patients import queries, services
from clinic.patients.facts import AlertSeverity
from tests import cast
from tests.conftest import WorkAs
from tests.patients.builders import a_patient

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def test_nobody_asked_is_not_the_same_as_none_known(work: Work) -> None:
    patient_id = a_patient(work)
    assert queries.banner(work, patient_id=patient_id).allergies is None

    services.confirm_no_allergies(work, patient_id=patient_id)
    work.session.expire_all()
    assert queries.banner(work, patient_id=patient_id).allergies == ()


def test_an_allergy_stands_on_the_banner_until_it_is_ended(work: Work) -> None:
    patient_id = a_patient(work)
    allergy_id = services.add_allergy(work, patient_id=patient_id, substance="Penicillin")
    assert queries.banner(work, patient_id=patient_id).allergies == ("Penicillin",)
    with pytest.raises(Refused):
        services.confirm_no_allergies(work, patient_id=patient_id)

    services.end_allergy(work, patient_id=patient_id, allergy_id=allergy_id)
    work.session.expire_all()
    assert queries.banner(work, patient_id=patient_id).allergies == ()
    with pytest.raises(NotFound):
        services.end_allergy(work, patient_id=patient_id, allergy_id=allergy_id)


@pytest.mark.parametrize("again", ["penicillin", "PENICILLIN ", "Pénicillin"])
def test_the_same_allergy_is_not_recorded_twice(work: Work, again: str) -> None:
    patient_id = a_patient(work)
    services.add_allergy(work, patient_id=patient_id, substance="Penicillin")

    with pytest.raises(Refused, match="already"):
        services.add_allergy(work, patient_id=patient_id, substance=again)


def test_asking_about_allergies_does_not_make_an_open_form_stale(work: Work) -> None:
    patient_id = a_patient(work)
    before = queries.get(work, patient_id=patient_id).version
    services.add_allergy(work, patient_id=patient_id, substance="Latex")
    work.session.expire_all()

    assert queries.get(work, patient_id=patient_id).version == before


def test_the_loudest_alert_comes_first(work: Work) -> None:
    patient_id = a_patient(work)
    for severity, text in (
        (AlertSeverity.INFORM, "Interpreter: Spanish"),
        (AlertSeverity.STOP, "See the prescriber before dosing"),
        (AlertSeverity.ATTENTION, "Fall risk"),
    ):
        services.raise_alert(work, patient_id=patient_id, severity=severity, text=text)

    banner = queries.banner(work, patient_id=patient_id)
    assert [(alert.label, alert.kind) for alert in banner.alerts] == [
        ("See the prescriber before dosing", "stop"),
        ("Fall risk", "attention"),
        ("Interpreter: Spanish", "info"),
    ]


def test_an_alert_is_of_its_site_and_ends_once(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        patient_id = a_patient(work)
        alert_id = services.raise_alert(
            work, patient_id=patient_id, severity=AlertSeverity.STOP, text="Hold"
        )
    with work_as(cast.OLGA) as work:
        assert queries.alerts(work, patient_id=patient_id) == []
        with pytest.raises(NotFound):
            services.end_alert(work, patient_id=patient_id, alert_id=alert_id)
    with work_as(cast.NORA) as work:
        services.end_alert(work, patient_id=patient_id, alert_id=alert_id)
        assert queries.alerts(work, patient_id=patient_id) == []
        with pytest.raises(NotFound):
            services.end_alert(work, patient_id=patient_id, alert_id=alert_id)


def test_an_alert_without_words_is_refused(work: Work) -> None:
    with pytest.raises(Refused):
        services.raise_alert(
            work, patient_id=a_patient(work), severity=AlertSeverity.STOP, text="  "
        )


def test_the_latest_photo_is_shown(work: Work) -> None:
    patient_id = a_patient(work)
    assert queries.banner(work, patient_id=patient_id).photo_url is None
    services.set_photo(work, patient_id=patient_id, content=PNG)
    services.set_photo(work, patient_id=patient_id, content=b"\xff\xd8\xff later")

    assert queries.photo(work, patient_id=patient_id).media_type == "image/jpeg"
    assert queries.banner(work, patient_id=patient_id).photo_url == f"/patients/{patient_id}/photo"


@pytest.mark.parametrize("content", [b"<svg/>", b"", PNG + b"0" * 2 * 1024 * 1024])
def test_a_photo_that_is_none_or_too_large_is_refused(work: Work, content: bytes) -> None:
    with pytest.raises(Refused):
        services.set_photo(work, patient_id=a_patient(work), content=content)


def test_everything_about_an_unknown_patient_is_not_found(work: Work) -> None:
    nobody = uuid4()
    for act in (
        lambda: services.add_allergy(work, patient_id=nobody, substance="Latex"),
        lambda: services.confirm_no_allergies(work, patient_id=nobody),
        lambda: services.raise_alert(
            work, patient_id=nobody, severity=AlertSeverity.STOP, text="Hold"
        ),
        lambda: services.set_photo(work, patient_id=nobody, content=PNG),
        lambda: queries.photo(work, patient_id=nobody),
    ):
        with pytest.raises(NotFound):
            act()

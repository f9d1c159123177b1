"""Our patient elsewhere, another program's patient here: nobody is dosed twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clinic.core.errors import Clash, NotFound, Refused
from clinic.dosing import queries, services
from clinic.dosing.facts import Place
from clinic.dosing.facts.guests import GuestDirection, LastDose
from clinic.dosing.queries.guests import guest_here, stay, stays_of, stays_on
from clinic.dosing.services.guests import begin_stay, end_stay, report_dose
from tests import cast
from tests.conftest import Clock, WorkAs
from tests.dosing.builders import an_order, in_treatment, ready_to_dose
from tests.dosing.take_home_builders import all_handed_out, away, coming_on_tuesdays


def test_days_elsewhere_are_not_dosed_here_and_reported_doses_count(
    work_as: WorkAs, clock: Clock
) -> None:
    patient_id = ready_to_dose(work_as)
    with work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
        stay_id = begin_stay(work, patient_id=patient_id, proposal=away(work))
    with work_as() as work:
        shown, _ = stay(work, stay_id=stay_id)
        assert shown.proposal.last_dose == LastDose(
            Decimal(40), date(2026, 3, 3), "09:00", observed=True
        )
        assert (shown.dose_mg, shown.order_number) == (Decimal(40), 1)
    clock.now += timedelta(days=2)
    with pytest.raises(Refused, match="Guest of Bay Clinic until 08 Mar"), work_as(cast.NORA) as w:
        services.give_dose(w, patient_id=patient_id, order_number=1, window=1)
    with work_as(cast.NORA) as work:
        (row,) = queries.queue(work, day=work.service_date).rows
        assert row.place is Place.COVERED
        for day in (4, 5):
            report_dose(
                work,
                stay_id=stay_id,
                given_on=date(2026, 3, day),
                dose_mg=Decimal(40),
                told_by="Nurse Bell by telephone",
            )
    with pytest.raises(Clash, match="reported already"), work_as(cast.NORA) as work:
        report_dose(
            work, stay_id=stay_id, given_on=date(2026, 3, 5), dose_mg=Decimal(40), told_by="Bell"
        )
    with work_as(cast.NORA) as work:
        # back early: the day the host told us of stays theirs
        assert end_stay(work, stay_id=stay_id, reason="Came home early") == date(2026, 3, 6)
    with pytest.raises(Refused, match="Guest of"), work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    clock.now += timedelta(days=1)
    with work_as(cast.NORA) as work:
        facts = queries.facts_for_dose(work, patient_id=patient_id, window=1).facts
        assert facts.history.last_covered == date(2026, 3, 5)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    with pytest.raises(Clash, match="over"), work_as(cast.NORA) as work:
        end_stay(work, stay_id=stay_id, reason="Again")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"consent_on": None}, "signs that both programs may speak"),
        ({"justification": "trip"}, "why the home program"),
        ({"days": 15}, "At most 14 days"),
        ({"starts_on": date(2026, 3, 1)}, "today or later"),
    ],
)
def test_a_stay_is_refused(work_as: WorkAs, change: dict[str, Any], sentence: str) -> None:
    patient_id = ready_to_dose(work_as)
    with pytest.raises(Refused, match=sentence), work_as(cast.NORA) as work:
        begin_stay(work, patient_id=patient_id, proposal=away(work, **change))


def test_the_prescriber_may_extend_and_two_stays_never_overlap(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    with work_as(cast.PIA) as work:
        begin_stay(work, patient_id=patient_id, proposal=away(work, days=30))
    with pytest.raises(Clash, match="Another guest stay"), work_as(cast.PIA) as work:
        begin_stay(work, patient_id=patient_id, proposal=away(work))
    with work_as() as work:
        assert len(stays_of(work, patient_id=patient_id)) == 1
        assert len(stays_on(work, day=date(2026, 3, 10))) == 1


def test_days_with_a_bottle_at_home_are_nobody_elses(work_as: WorkAs) -> None:
    patient_id = coming_on_tuesdays(work_as)
    all_handed_out(work_as, patient_id)
    with pytest.raises(Refused, match="Covered here already: 04 Mar"), work_as(cast.PIA) as work:
        begin_stay(work, patient_id=patient_id, proposal=away(work))


def test_a_guest_from_elsewhere_comes_with_a_confirmed_last_dose(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    guest: dict[str, Any] = {"direction": GuestDirection.IN, "dose_mg": Decimal(80)}
    with pytest.raises(Refused, match="by telephone"), work_as(cast.NORA) as work:
        begin_stay(work, patient_id=patient_id, proposal=away(work, **guest))
    confirmed = guest | {
        "last_dose": LastDose(Decimal(80), date(2026, 3, 3), "06:30", observed=True),
        "verified_with": "Nurse Bell, 3 March 08:50",
    }
    with work_as(cast.NORA) as work:
        stay_id = begin_stay(work, patient_id=patient_id, proposal=away(work, **confirmed))
    with work_as() as work:
        shown, _ = stay(work, stay_id=stay_id)
        assert (shown.dose_mg, shown.order_number) == (Decimal(80), None)
    with pytest.raises(Refused, match="has not come"), work_as(cast.NORA) as work:
        report_dose(
            work, stay_id=stay_id, given_on=date(2026, 3, 4), dose_mg=Decimal(80), told_by="us"
        )
    with pytest.raises(NotFound), work_as(cast.OLGA) as work:
        end_stay(work, stay_id=stay_id, reason="Not hers")


def test_a_guest_s_order_ends_with_the_stay(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.NORA) as work:
        stay_id = begin_stay(
            work,
            patient_id=patient_id,
            proposal=away(
                work,
                direction=GuestDirection.IN,
                dose_mg=Decimal(40),
                last_dose=LastDose(Decimal(40), date(2026, 3, 3), "06:30", observed=True),
                verified_with="Nurse Bell, 3 March 08:50",
            ),
        )
    first, until = date(2026, 3, 4), date(2026, 3, 9)
    for ends_on in (None, until + timedelta(days=1)):
        with pytest.raises(Refused, match="A guest until 08 Mar 2026"), work_as(cast.PIA) as work:
            an_order(work, patient_id=patient_id, starts_on=first, ends_on=ends_on)
    with work_as(cast.PIA) as work:
        shown = guest_here(work, patient_id=patient_id, day=work.service_date)
        assert shown is not None
        assert (shown.id, shown.dose_mg) == (stay_id, Decimal(40))
        assert an_order(work, patient_id=patient_id, starts_on=first, ends_on=until) == 1
        assert end_stay(work, stay_id=stay_id, reason="Transfers here") == first
        assert guest_here(work, patient_id=patient_id, day=first) is None
        an_order(work, patient_id=patient_id, starts_on=first)

"""Paper doses after an outage, and the packs before one."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.db import db
from clinic.dosing import services as dosing
from clinic.dosing.facts import DoseOrigin, HoldReason, VoidReason
from clinic.dosing.facts.downtime import PaperDose, PaperOutcome
from clinic.dosing.models import Dose, DowntimeLine
from clinic.dosing.queries import downtime as queries
from clinic.dosing.queries import log
from clinic.dosing.services import downtime, packs
from clinic.patients import queries as patients
from clinic.stock.models import StockBottle
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import FIRST_DAY, a_bottle, an_order, in_treatment, ready_to_dose

SHEET = "D-20260303-1"


def code_of(work_as: WorkAs, patient_id: UUID) -> str:
    with work_as(cast.NORA) as work:
        return patients.codes(work, patient_ids=[patient_id])[patient_id]


def paper(code: str, *, mg: str = "40", at: time = time(7, 10)) -> PaperDose:
    return PaperDose(code, Decimal(mg), at, "NN")


def enter(
    work_as: WorkAs, *doses: PaperDose, day: date = FIRST_DAY, serial: str = SHEET
) -> list[UUID]:
    with work_as(cast.NORA) as work:
        return downtime.enter_sheet(work, day=day, serial=serial, window=1, doses=doses)


def outcomes() -> list[tuple[PaperOutcome, str]]:
    db.session.rollback()
    rows = db.session.execute(
        sa.select(DowntimeLine.outcome, DowntimeLine.reason).order_by(
            DowntimeLine.recorded_at, DowntimeLine.line
        )
    )
    return [(outcome, reason) for outcome, reason in rows]


def doses() -> list[Dose]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Dose)))


def balance() -> int:
    db.session.rollback()
    return db.session.scalars(sa.select(StockBottle.balance)).one()


def test_a_paper_dose_is_recorded_at_its_own_time_marked_as_from_paper(work_as: WorkAs) -> None:
    code = code_of(work_as, ready_to_dose(work_as))
    enter(work_as, paper(code))

    [dose] = doses()
    assert dose.origin is DoseOrigin.DOWNTIME
    assert cast.NORTH.local(dose.occurred_at).time() == time(7, 10)
    assert dose.recorded_at == cast.NOW
    assert (dose.dose_ug, dose.volume_ul) == (40_000, 4_000)
    assert dose.decision["paper"]["initials"] == "NN"
    assert outcomes() == [(PaperOutcome.RECORDED, "")]
    assert balance() == 996_000


def test_a_paper_dose_stands_in_the_log_under_the_paper_s_initials_and_can_be_voided(
    work_as: WorkAs,
) -> None:
    code = code_of(work_as, ready_to_dose(work_as))
    with work_as(cast.NORA) as work:
        dose = replace(paper(code), initials="ZZ")
        downtime.enter_sheet(work, day=FIRST_DAY, serial=SHEET, window=1, doses=[dose])
    with work_as(cast.NORA) as work:
        [line] = log(work, day=FIRST_DAY)
        assert (line.initials, line.dispensed_by) == ("ZZ", "Nora Nurse")
        dosing.void_dose(
            work,
            dose_id=line.dose_id,
            service_date=FIRST_DAY,
            reason=VoidReason.RECORDED_IN_ERROR,
            witness_id=cast.NELL.id,
        )
    with work_as(cast.NORA) as work:
        assert log(work, day=FIRST_DAY)[0].consumed_mg == 0


def test_the_same_sheet_entered_twice_records_once(work_as: WorkAs) -> None:
    code = code_of(work_as, ready_to_dose(work_as))
    assert len(enter(work_as, paper(code))) == 1
    assert enter(work_as, paper(code)) == []
    assert (len(doses()), balance()) == (1, 996_000)


def test_a_dose_already_given_is_a_conflict_and_never_a_second_dose(work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    with work_as(cast.NORA) as work:
        dosing.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    [line_id] = enter(work_as, paper(code_of(work_as, patient_id)))

    [(outcome, reason)] = outcomes()
    assert outcome is PaperOutcome.CONFLICT
    assert "Already dosed today: 40 mg given at 09:00 by Nora Nurse" in reason
    with pytest.raises(Refused, match="Already dosed"), work_as(cast.NELL) as work:
        downtime.settle(work, line_id=line_id, as_given=True, note="asked the nurse")
    with work_as(cast.NELL) as work:
        downtime.settle(work, line_id=line_id, as_given=False, note="same dose, recorded since")
    with pytest.raises(Clash, match="Already settled by Nell"), work_as(cast.NORA) as work:
        downtime.settle(work, line_id=line_id, as_given=False, note="again")
    assert len(doses()) == 1


def test_another_amount_than_ordered_waits_for_a_name_and_is_then_recorded_as_given(
    work_as: WorkAs,
) -> None:
    [line_id] = enter(work_as, paper(code_of(work_as, ready_to_dose(work_as)), mg="45"))
    assert outcomes() == [(PaperOutcome.CONFLICT, "The paper says 45 mg; order 1 says 40 mg.")]
    assert doses() == []
    with work_as(cast.NELL) as work:
        downtime.settle(work, line_id=line_id, as_given=True, note="poured 4.5 mL, told Pia")
    [dose] = doses()
    assert (dose.dose_ug, balance()) == (45_000, 995_500)
    with work_as(cast.NORA) as work:
        line = queries.entered_line(work, line_id=line_id)
    assert (line.outcome, line.settled_by) == (PaperOutcome.SETTLED_GIVEN, "Nell Secondnurse")


def test_a_hold_and_a_missing_order_are_conflicts(work_as: WorkAs) -> None:
    held = ready_to_dose(work_as)
    with work_as(cast.FRANK) as work:
        unordered = in_treatment(work, family_name="Unordered")
    with work_as(cast.NORA, now=cast.NOW - timedelta(hours=3)) as work:
        dosing.hold(work, patient_id=held, reason=HoldReason.IMPAIRMENT, note="")
    enter(work_as, paper(code_of(work_as, held)), paper(code_of(work_as, unordered)))

    (first, held_why), (second, order_why) = outcomes()
    assert (first, second) == (PaperOutcome.CONFLICT, PaperOutcome.CONFLICT)
    assert "On hold since" in held_why
    assert "No order covers 03 Mar 2026" in order_why


@pytest.mark.parametrize(
    ("day", "at", "said"),
    [
        (FIRST_DAY, time(9, 1), "lies in the future"),
        (FIRST_DAY - timedelta(days=15), time(7, 0), "last 14 days"),
        (FIRST_DAY + timedelta(days=1), time(7, 0), "last 14 days"),
    ],
)
def test_paper_of_the_future_or_too_long_ago_is_refused(
    work_as: WorkAs, day: date, at: time, said: str
) -> None:
    code = code_of(work_as, ready_to_dose(work_as))
    with pytest.raises(Refused, match=said):
        enter(work_as, paper(code, at=at), day=day)


def test_a_code_of_nobody_refuses_the_sheet_and_names_it(work_as: WorkAs) -> None:
    code = code_of(work_as, ready_to_dose(work_as))
    with pytest.raises(Refused, match="N-NOBODY"):
        enter(work_as, paper(code), paper("N-NOBODY"))
    assert doses() == []


def test_another_site_sees_and_settles_nothing(work_as: WorkAs) -> None:
    [line_id] = enter(work_as, paper(code_of(work_as, ready_to_dose(work_as)), mg="45"))
    with pytest.raises(NotFound), work_as(cast.OLGA) as work:
        downtime.settle(work, line_id=line_id, as_given=True, note="x")


def texts(data: bytes) -> str:
    found = (page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data))
    return " ".join(" ".join(found).split())


def test_the_pack_names_everybody_says_stop_and_has_lines_to_write_on(
    work_as: WorkAs, tmp_path: Path
) -> None:
    ready_to_dose(work_as)
    with work_as(cast.FRANK) as work:
        held = in_treatment(work, family_name="Held")
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=held, dose_mg=Decimal(30))
    with work_as(cast.NORA) as work:
        dosing.hold(work, patient_id=held, reason=HoldReason.IMPAIRMENT, note="")
        a_bottle(work)

    kept = packs.write_pack(lambda: work_as(cast.NORA), tmp_path)
    place = tmp_path / "downtime" / str(cast.NORTH.id)
    assert stat.S_IMODE((place / kept.name).stat().st_mode) == 0o600
    with work_as(cast.NORA) as work:
        said = texts(packs.read_pack(work, tmp_path, name=kept.name))
    for word in ("40 mg", "Held", "STOP: On hold", "D-20260303-1", "Initials", "Audit seal"):
        assert word in said


def test_packs_are_written_when_due_and_cleared_away_when_old(
    work_as: WorkAs, tmp_path: Path
) -> None:
    def at(days: float) -> bool:
        then = cast.NOW + timedelta(days=days)
        return packs.keep_pack(lambda: work_as(cast.ADA, now=then), tmp_path) is not None

    assert at(0)
    assert not at(0.003)
    assert at(0.02)
    assert at(7.5)
    with work_as(cast.ADA, now=cast.NOW + timedelta(days=7.5)) as work:
        assert len(packs.kept_packs(work, tmp_path)) == 1


@pytest.mark.parametrize("name", ["../../clinic.db", "downtime-20260303T140000Z.pdf", ""])
def test_nothing_but_a_pack_of_this_site_is_read(
    work_as: WorkAs, tmp_path: Path, name: str
) -> None:
    with pytest.raises(NotFound), work_as(cast.NORA) as work:
        packs.read_pack(work, tmp_path, name=name)

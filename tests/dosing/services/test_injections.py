"""An injection is a dose with a place, a lot and an expiry; one for each order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, Refused
from clinic.data.db import db
from clinic.data.types import new_id
from clinic.dosing import queries, services
from clinic.dosing.facts import (
    BodySite,
    InjectionState,
    LongActingProduct,
    NaloxoneChallenge,
    OpioidClass,
)
from clinic.dosing.models import Dose, Injection
from clinic.stock.facts import Form, Medication
from clinic.stock.queries import expected_at
from tests import cast, rows
from tests.conftest import WorkAs
from tests.dosing.builders import FIRST_DAY, an_order, counted, in_treatment
from tests.stock.builders import WINDOW_ONE, in_hand

SYRINGES = "buprenorphine_weekly_24"
VIVITROL, WEEKLY = LongActingProduct.XR_NALTREXONE, LongActingProduct.BRIXADI_WEEKLY


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    """Admitted; three weekly syringes of 24 mg are open at window 1."""
    with work_as(cast.NORA) as work:
        in_hand(work, code=SYRINGES, lot="BX-1", amount=Decimal(3))
    with work_as(cast.FRANK) as work:
        return in_treatment(work)


def syringes(work_as: WorkAs) -> int:
    with work_as(cast.NORA) as work:
        return expected_at(work)[SYRINGES, WINDOW_ONE]


def order(
    work_as: WorkAs, patient_id: UUID, *, days: int = 0, product: LongActingProduct = WEEKLY
) -> int:
    with work_as(cast.PIA, now=cast.NOW + timedelta(days=days)) as work:
        return an_order(
            work,
            patient_id=patient_id,
            medication=product.medication,
            form=Form.INJECTION,
            dose_mg=Decimal(380 if product is VIVITROL else 24),
            ends_on=work.service_date + timedelta(days=7),
            product=product,
            confirmed_reasons=("buprenorphine_start", "naltrexone_start"),
        )


def inject(
    work_as: WorkAs, patient_id: UUID, *, days: int = 0, by: cast.Member = cast.NORA, **changes: Any
) -> UUID:
    values: dict[str, Any] = {
        "order_number": 1,
        "window": 1,
        "body_site": BodySite.ABDOMEN_LEFT,
        "lot": "BX-1",
        "expires_on": date(2026, 12, 31),
        "rems_note": "Given by staff.",
        "confirmed": ("no_pack",),
    }
    with work_as(by, now=cast.NOW + timedelta(days=days)) as work:
        return services.give_injection(work, patient_id=patient_id, **(values | changes))


def state(work_as: WorkAs, *, days: int) -> tuple[InjectionState, int | None]:
    with work_as(cast.NORA, now=cast.NOW + timedelta(days=days)) as work:
        (due,) = queries.injections_due(work, day=work.service_date)
        return due.state, due.order_number


def test_from_the_order_to_the_next_window(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    assert state(work_as, days=0) == (InjectionState.FIRST, 1)
    dose_id = inject(work_as, patient_id)

    kept = db.session.scalars(sa.select(Injection)).one()
    dose = db.session.scalars(sa.select(Dose)).one()
    assert (kept.dose_id, kept.lot, kept.product) == (dose_id, "BX-1", WEEKLY)
    assert (dose.dose_ug, dose.form) == (24_000, Form.INJECTION)
    assert syringes(work_as) == 2
    assert [state(work_as, days=days)[0].value for days in (4, 5, 7, 8)] == [
        "waiting",
        "due",
        "due",
        "overdue",
    ]
    with work_as(cast.NORA) as work:
        (shown,) = queries.injections_of(work, patient_id=patient_id)
    assert shown.window.earliest_date == FIRST_DAY + timedelta(days=5)


def test_a_second_try_is_told_who_gave_it(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    inject(work_as, patient_id)
    with pytest.raises(Clash, match="by Nora Nurse"):
        inject(work_as, patient_id, by=cast.NELL)
    assert len(db.session.scalars(sa.select(Injection)).all()) == 1


def test_a_newer_order_is_still_too_early(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    inject(work_as, patient_id)
    order(work_as, patient_id, days=3)
    with pytest.raises(Refused, match="earliest 08 Mar 2026"):
        inject(work_as, patient_id, days=3, order_number=2)
    assert len(db.session.scalars(sa.select(Dose)).all()) == 1, "the dose row went with it"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"expires_on": date(2026, 3, 2)}, "expired on 02 Mar 2026"),
        ({"rems_note": ""}, "REMS"),
        ({"window": 2}, "No buprenorphine, injection, is open at window 2"),
        ({"lot": "BX-2"}, "of lot BX-1, not BX-2"),
    ],
)
def test_what_stops_an_injection(
    work_as: WorkAs, patient_id: UUID, changes: dict[str, Any], sentence: str
) -> None:
    order(work_as, patient_id)
    with pytest.raises(Refused, match=sentence):
        inject(work_as, patient_id, **changes)
    assert db.session.scalars(sa.select(Dose)).all() == []
    assert syringes(work_as) == 3


def test_naltrexone_that_is_not_in_stock_may_be_the_patient_s_own(
    work_as: WorkAs, patient_id: UUID
) -> None:
    order(work_as, patient_id, product=VIVITROL)
    own: dict[str, Any] = {
        "lot": "VX-9",
        "body_site": BodySite.GLUTEAL_LEFT,
        "rems_note": "",
    }
    with pytest.raises(Refused, match="only with the patient's own supply"):
        inject(work_as, patient_id, confirmed=(), **own)
    inject(work_as, patient_id, **own)
    assert syringes(work_as) == 3


@pytest.mark.parametrize("member", [cast.PIA, cast.CARL, cast.FRANK])
def test_nurses_inject(work_as: WorkAs, patient_id: UUID, member: cast.Member) -> None:
    order(work_as, patient_id)
    with pytest.raises(Forbidden):
        inject(work_as, patient_id, by=member)


def test_the_window_s_own_button_gives_no_injection(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    with pytest.raises(Refused, match="injection page"), work_as(cast.NORA) as work:
        services.give_dose(
            work, patient_id=patient_id, order_number=1, window=1, confirmed=("no_pack",)
        )
    with pytest.raises(Refused, match="with lot and body site"), work_as(cast.NORA) as work:
        services.give_dose(
            work,
            patient_id=patient_id,
            order_number=1,
            window=1,
            confirmed=("no_pack", "injection"),
        )


def test_a_strength_or_a_product_nobody_makes_is_not_ordered(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with pytest.raises(Refused, match="comes as 8, 16, 24, 32 mg"), work_as(cast.PIA) as work:
        an_order(
            work,
            patient_id=patient_id,
            medication=Medication.BUPRENORPHINE,
            form=Form.INJECTION,
            dose_mg=Decimal(25),
            ends_on=FIRST_DAY + timedelta(days=7),
            product=WEEKLY,
        )


def test_naltrexone_starts_on_recorded_findings_and_they_are_kept(
    work_as: WorkAs, patient_id: UUID
) -> None:
    def found(days_free: int, challenge: NaloxoneChallenge) -> None:
        with work_as(cast.NORA) as work:
            services.record_start_findings(
                work,
                patient_id=patient_id,
                opioid_class=OpioidClass.SHORT_ACTING,
                last_opioid_at=work.now - timedelta(days=days_free),
                naloxone_challenge=challenge,
            )

    found(6, NaloxoneChallenge.NOT_DONE)
    with pytest.raises(Refused, match="6 days since a short-acting opioid"):
        order(work_as, patient_id, product=VIVITROL)
    found(8, NaloxoneChallenge.NOT_DONE)
    with pytest.raises(Refused, match="negative naloxone challenge"):
        order(work_as, patient_id, product=VIVITROL)
    found(8, NaloxoneChallenge.NEGATIVE)
    assert order(work_as, patient_id, product=VIVITROL) == 1


def test_a_challenge_in_withdrawal_is_refused(work_as: WorkAs, patient_id: UUID) -> None:
    with pytest.raises(Refused, match="signs of withdrawal"), work_as(cast.NORA) as work:
        services.record_start_findings(
            work,
            patient_id=patient_id,
            opioid_class=OpioidClass.METHADONE,
            last_opioid_at=work.now,
            naloxone_challenge=NaloxoneChallenge.NEGATIVE,
            withdrawal_signs=True,
        )


def test_walls_of_an_injection(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    inject(work_as, patient_id)
    kept = db.session.execute(sa.select(Injection.__table__)).mappings().one()
    db.session.rollback()
    again = dict(kept) | {"id": new_id(), "dose_id": new_id()}
    with pytest.raises(Clash, match="injection of this order"), work_as() as work:
        work.session.execute(sa.insert(Injection), again)
    for broken in ({"expires_on": date(2026, 3, 2)}, {"rems_note": ""}, {"lot": ""}):
        with pytest.raises(sa.exc.IntegrityError), work_as() as work:
            rows.insert(
                work.session.connection(),
                "injection",
                **dict(kept) | {"id": work.new_id(), "series": 2} | broken,
            )


def test_the_list_takes_the_same_statements_for_any_number(work_as: WorkAs) -> None:
    asked = []
    for count in (1, 6):
        for _ in range(count):
            with work_as(cast.FRANK) as work:
                patient_id = in_treatment(work)
            order(work_as, patient_id)
        with work_as(cast.NORA) as work, counted() as statements:
            shown = queries.injections_due(work, day=work.service_date)
        assert len(shown) >= count
        asked.append(len(statements))
    assert asked[0] == asked[1]

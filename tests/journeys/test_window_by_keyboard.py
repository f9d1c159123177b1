"""A morning at the window without a mouse: thirty patients, a scanner and a keyboard."""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from clinic.data.db import db
from clinic.data.work import Work, unit_of_work
from clinic.dosing import services
from clinic.dosing.facts import DoseOrigin, HoldReason
from clinic.dosing.models import Dose
from clinic.stock.facts import Form, Medication
from tests import cast
from tests.conftest import Measured
from tests.dosing.builders import a_bottle, an_order, in_treatment
from tests.journeys.conftest import OpenClinic, SignInAs

pytestmark = [pytest.mark.browser, pytest.mark.journey]

PLAIN, SPLIT, MISSED, NEW, HELD, NO_ORDER = "plain", "split", "missed", "new", "held", "no order"
MORNING = {PLAIN: 18, SPLIT: 3, MISSED: 3, NEW: 1, HELD: 3, NO_ORDER: 2}
"""Who comes. Thirty in all; twenty-five of them are dosed."""
DAY = timedelta(days=1)
TODAY = cast.NOW + 21 * DAY
GIVE = "#give [type=submit]"
BURST = """code => {
  for (const key of code)
    document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
}"""
"""Sent from within the page: over the wire, a busy machine would type slower than a scanner."""


@dataclass
class Came:
    """One patient of the morning, and what serving them took."""

    kind: str
    patient_id: UUID
    card: str
    keys: int = 0


@dataclass
class Morning:
    """The nurse's keyboard, counted. Nothing is ever clicked."""

    page: Page
    url: str
    served: list[Came] = field(default_factory=list)

    def scan(self, one: Came) -> None:
        """The whole code in one burst, as a wedge scanner sends it, and its Enter after that."""
        self.page.evaluate(BURST, one.card)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.url}/dosing/{one.patient_id}")
        self.page.wait_for_load_state("load")

    def press(self, one: Came, key: str) -> None:
        one.keys += 1
        self.page.keyboard.press(key)

    def tick(self, one: Came, key: str, box: str) -> None:
        self.press(one, key)
        expect(self.page.locator(box).first).to_be_checked()

    def give(self, one: Came) -> None:
        """The second identifier was said; Enter gives."""
        self.press(one, "d")
        expect(self.page.locator(GIVE)).to_be_focused()
        self.press(one, "Enter")
        expect(
            self.page.get_by_text("Given: 40 mg" if one.kind != SPLIT else "Given: 20 mg")
        ).to_be_visible()
        self.page.wait_for_load_state("load")

    def turn_away(self, one: Came) -> None:
        """Whoever may not be dosed: Enter does nothing, Esc leads back to the queue."""
        expect(self.page.locator("[data-verdict=stop]")).to_be_visible()
        self.press(one, "d")
        self.press(one, "Enter")
        self.press(one, "Escape")
        self.page.wait_for_url(f"{self.url}/dosing")


def begin(
    clinic: OpenClinic, member: cast.Member, *, now: datetime
) -> AbstractContextManager[Work]:
    return unit_of_work(
        actor=member.actor, now=now, site=cast.NORTH, reactions=clinic.app.extensions["reactions"]
    )


def a_morning(clinic: OpenClinic) -> list[Came]:
    """Patients who have been dosed for weeks, but for those whose day is not plain."""
    kinds = [kind for kind, number in MORNING.items() for _ in range(number)]
    started, before, today = cast.NOW, TODAY - DAY, TODAY
    with begin(clinic, cast.FRANK, now=started) as work:
        ids = [in_treatment(work, family_name=f"Test{n:02d}") for n, _ in enumerate(kinds)]
    came = [Came(kind, patient_id, "") for kind, patient_id in zip(kinds, ids, strict=True)]
    with begin(clinic, cast.PIA, now=started) as work:
        for one in came:
            if one.kind != NEW:
                changes = {"portions": 2} if one.kind == SPLIT else {}
                ends_on = before.date() if one.kind == NO_ORDER else None
                an_order(work, patient_id=one.patient_id, ends_on=ends_on, **changes)
    with begin(clinic, cast.NORA, now=TODAY) as work:
        a_bottle(work)
    for at, but in (
        (started, {NEW}),
        (before - DAY, {NEW}),
        (before, {NEW, MISSED}),
    ):
        _came_on(clinic, came, at=at, but=but)
    with begin(clinic, cast.PIA, now=today) as work:
        for one in came:
            if one.kind == NEW:
                an_order(work, patient_id=one.patient_id)
    with begin(clinic, cast.NORA, now=today) as work:
        for one in came:
            one.card = services.issue_card(work, patient_id=one.patient_id)
            if one.kind == HELD:
                services.hold(work, patient_id=one.patient_id, reason=HoldReason.PRESCRIBER)
    return came


def _came_on(clinic: OpenClinic, came: list[Came], *, at: datetime, but: set[str]) -> None:
    """Everybody's doses of a past day, as an import brings them."""
    with begin(clinic, cast.NORA, now=TODAY) as work:
        work.session.add_all(
            Dose(
                id=work.new_id(),
                site_id=work.site.id,
                patient_id=one.patient_id,
                origin=DoseOrigin.HISTORY,
                medication=Medication.METHADONE,
                form=Form.ORAL_CONCENTRATE,
                dose_ug=40_000,
                decision={},
                **work.on_service_day(at),
                **work.attribution,
            )
            for one in came
            if one.kind not in but
        )


def serve(morning: Morning, one: Came) -> None:
    morning.scan(one)
    if one.kind in {HELD, NO_ORDER}:
        morning.turn_away(one)
        return
    if one.kind == MISSED:
        morning.tick(one, "y", "[name=confirmed]")
    if one.kind in {MISSED, NEW}:
        morning.tick(one, "o", "[name=looks_well]")
    morning.give(one)


def dosed_today() -> Counter[UUID]:
    found = db.session.execute(
        sa.select(Dose.patient_id, sa.func.count().label("doses"))
        .where(Dose.service_date == cast.NORTH.service_date(TODAY))
        .group_by(Dose.patient_id)
    )
    return Counter({row.patient_id: row.doses for row in found})


@pytest.mark.timeout(180)
def test_thirty_patients_and_no_mouse(
    open_clinic: OpenClinic, sign_in_as: SignInAs, measured: Measured
) -> None:
    open_clinic.clock.now = TODAY
    with open_clinic.app.app_context():
        came = a_morning(open_clinic)
        db.session.remove()
    page = sign_in_as(cast.NORA)
    page.wait_for_url(f"{open_clinic.url}/dosing")
    morning = Morning(page, open_clinic.url)
    for one in came:
        serve(morning, one)

    with open_clinic.app.app_context():
        given = dosed_today()
        db.session.remove()
    assert given == Counter(one.patient_id for one in came if one.kind not in {HELD, NO_ORDER})
    plain = [one.keys for one in came if one.kind == PLAIN]
    mean = sum(plain) / len(plain)
    measured(f"A plain dose: 1 scan, {mean:.1f} keys, 0 clicks (goal: 1 scan, 2 keys)")
    assert mean == 2


def test_a_scanner_never_confirms(open_clinic: OpenClinic, sign_in_as: SignInAs) -> None:
    """Its Enter is deaf, and a second card opens another patient instead of giving the first."""
    open_clinic.clock.now = TODAY
    with open_clinic.app.app_context():
        with begin(open_clinic, cast.NORA, now=TODAY) as work:
            first = Came(PLAIN, in_treatment(work, family_name="First"), "")
            second = Came(PLAIN, in_treatment(work, family_name="Second"), "")
        with begin(open_clinic, cast.PIA, now=TODAY) as work:
            for one in (first, second):
                an_order(work, patient_id=one.patient_id)
        with begin(open_clinic, cast.NORA, now=TODAY) as work:
            a_bottle(work)
            for one in (first, second):
                one.card = services.issue_card(work, patient_id=one.patient_id)
        db.session.remove()
    page = sign_in_as(cast.NORA)
    morning = Morning(page, open_clinic.url)
    morning.scan(first)
    morning.tick(first, "o", "[name=looks_well]")
    morning.press(first, "d")
    expect(page.locator(GIVE)).to_be_focused()
    morning.scan(second)
    with open_clinic.app.app_context():
        given = dosed_today()
        db.session.remove()
    assert first.patient_id not in given
    assert second.patient_id not in given

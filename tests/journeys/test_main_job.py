"""The main job, walked through the browser on imported real records.

The front desk finds an imported patient and admits them; the prescriber starts methadone; the
counselor starts a TMS course and contingency management; the nurse doses from the queue; the
counselor records a negative test and sees the reward; the administrator's census counts the
patient today and not yesterday.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from clinic.core.actors import Actor
from clinic.data.db import db
from clinic.data.work import unit_of_work
from clinic.exchange import services as exchange
from clinic.exchange.readers.together import read_paths
from clinic.patients.models import Condition, Patient
from clinic.scheduling import services as scheduling
from clinic.scheduling.facts import ResourceKind
from tests import cast
from tests.journeys.conftest import OpenClinic, SignInAs

pytestmark = [pytest.mark.browser, pytest.mark.journey]

TREATMENT_ROOMS = (
    (ResourceKind.STAFF, "TMS operator", ("tms_operator",)),
    (ResourceKind.STAFF, "Physician", ("prescriber",)),
    (ResourceKind.ROOM, "TMS room", ("tms_room",)),
    (ResourceKind.DEVICE, "TMS coil", ("tms_stimulator",)),
)


class Journey:
    """One patient's first day, as the people around them click it."""

    def __init__(self, clinic: OpenClinic, sign_in_as: SignInAs) -> None:
        self.clinic = clinic
        self.sign_in_as = sign_in_as
        self.family_name = ""
        self.chart = ""

    def given_the_imported_records(self, folder: Path) -> None:
        read = read_paths([folder / "oud-cohort", folder / "controls", folder / "synthea-java"])
        with (
            self.clinic.app.app_context(),
            unit_of_work(
                actor=Actor.system("journey"),
                now=cast.NOW,
                site=cast.NORTH,
                reactions=self.clinic.app.extensions["reactions"],
            ) as work,
        ):
            exchange.import_records(
                work, records=read.records, files=read.files_read, refusals=read.refusals
            )
            for kind, name, skills in TREATMENT_ROOMS:
                scheduling.add_resource(work, kind=kind, name=name, skills=skills)

    def given_somebody_with_opioid_use_disorder(self) -> None:
        with self.clinic.app.app_context():
            someone = db.session.scalars(
                sa.select(Patient)
                .join(Condition, Condition.patient_id == Patient.id)
                .where(
                    Condition.is_opioid_use_disorder,
                    Condition.is_active,
                    Patient.deceased_on.is_(None),
                )
                .order_by(Patient.family_name, Patient.given_names)
            ).first()
            assert someone is not None
            self.family_name, given_names = someone.family_name, someone.given_names
            self.query = f"{given_names.split()[0]} {someone.family_name}"
            db.session.remove()

    def when_the_front_desk_finds_and_admits_them(self) -> None:
        page = self.sign_in_as(cast.FRANK)
        page.keyboard.press("/")
        page.get_by_role("combobox").press_sequentially(self.query, delay=60)
        page.get_by_role("option").first.click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        self.chart = page.url
        page.get_by_role("link", name="Refer", exact=False).first.click()
        page.get_by_role("button", name="Refer").click()
        page.get_by_role("link", name="Opioid treatment program").click()
        page.get_by_label("Why").fill("Meets the criteria; screening examination done.")
        page.get_by_role("button", name="Move").click()
        expect(page.get_by_text("Opioid treatment program").first).to_be_visible()

    def when_the_prescriber_starts_methadone(self) -> None:
        page = self.sign_in_as(cast.PIA)
        page.goto(self.chart + "/dosing/orders/new")
        page.get_by_label("Medication").select_option("methadone")
        page.get_by_label("Dose").first.fill("30")
        page.get_by_role("button", name="Place order").click()
        self._go_on_past_questions(page, "Place order")
        expect(page.get_by_text("30 mg").first).to_be_visible()

    def when_the_counselor_starts_tms_and_rewards(self) -> None:
        page = self.sign_in_as(cast.CARL)
        page.goto(self.chart + "/treatments/tms/start")
        page.get_by_label("Starts on or after").fill("2026-03-09")
        page.get_by_label("Time of day").fill("10:00")
        for box in (
            page.get_by_role("group", name="Signed and on record").get_by_role("checkbox").all()
        ):
            box.check()
        for no in page.get_by_role("radio", name="No").all():
            no.check(force=True)
        page.get_by_role("button", name="Show the dates").click()
        expect(page.get_by_text("36 of 36 placed").first).to_be_visible()
        acknowledged = page.get_by_label("I have looked at what is asked above")
        if acknowledged.count():
            acknowledged.check()
        page.get_by_role("button", name="Accept and book").click()
        expect(page.get_by_text("Under way")).to_be_visible()
        page.goto(self.chart + "/rewards")
        page.get_by_label(re.compile("Voucher reinforcement")).check(force=True)
        page.get_by_role("button", name="Enrol").click()
        expect(page.get_by_text("Earning")).to_be_visible()

    def when_the_nurse_doses_from_the_queue(self) -> None:
        page = self.sign_in_as(cast.NORA)
        page.goto(self.clinic.url + "/stock/bottles")
        page.locator("summary", has_text="Bring in a bottle").click()
        page.get_by_label("Holds").fill("1000")
        page.get_by_label("Lot").fill("LOT-1")
        page.get_by_label("Stands in").select_option("window")
        page.get_by_label("Witness's username").fill(cast.NELL.username)
        page.get_by_label("Witness's PIN").fill(cast.PASSWORD)
        page.get_by_role("button", name="Bring in", exact=True).click()
        page.goto(self.clinic.url + "/dosing")
        page.get_by_role("link", name=re.compile(self.family_name)).click()
        page.get_by_label("Date of birth said").check(force=True)
        self._go_on_past_questions(page, "Give 30 mg")
        give = page.get_by_role("button", name=re.compile("Give 30"))
        if give.count():
            give.click()
        expect(page.get_by_text("Given: 30 mg")).to_be_visible()
        page.keyboard.press("d")
        row = page.get_by_role("row", name=re.compile(self.family_name))
        expect(row).to_contain_text("Dosed")
        expect(row).to_contain_text("30 mg")
        expect(row).to_contain_text("by Nora Nurse")

    def when_the_counselor_records_a_negative_test(self) -> None:
        page = self.sign_in_as(cast.CARL)
        page.goto(self.chart + "/tests")
        page.get_by_role("link", name="All negative").click()
        page.get_by_role("button", name="Record result").click()
        expect(page.get_by_text("1st negative in a row: $2.50").first).to_be_visible()
        page.goto(self.chart + "/rewards")
        expect(page.get_by_text("$2.50").first).to_be_visible()

    def then_the_census_counts_them_today_and_not_yesterday(self) -> None:
        page = self.sign_in_as(cast.ADA)
        page.goto(self.clinic.url + "/census")
        assert self._in_care(page) == 1
        page.keyboard.press("[")
        page.wait_for_url(re.compile("2026-03-02"))
        assert self._in_care(page) == 0

    @staticmethod
    def _in_care(page: Page) -> int:
        text = page.locator(".stat", has_text="In care").first.inner_text()
        found = re.search(r"In care\s+(\d+)", text)
        assert found, text
        return int(found.group(1))

    @staticmethod
    def _go_on_past_questions(page: Page, button: str) -> None:
        """What the rules ask is looked at and confirmed, as a person would."""
        asked = page.get_by_role("checkbox")
        if asked.count():
            for box in asked.all():
                box.check(force=True)
            page.get_by_role("button", name=re.compile(button)).click()


def test_a_first_day(open_clinic: OpenClinic, sign_in_as: SignInAs, shared_data: Path) -> None:
    journey = Journey(open_clinic, sign_in_as)
    journey.given_the_imported_records(shared_data / "fhir")
    journey.given_somebody_with_opioid_use_disorder()
    journey.when_the_front_desk_finds_and_admits_them()
    journey.when_the_prescriber_starts_methadone()
    journey.when_the_counselor_starts_tms_and_rewards()
    journey.when_the_nurse_doses_from_the_queue()
    journey.when_the_counselor_records_a_negative_test()
    journey.then_the_census_counts_them_today_and_not_yesterday()

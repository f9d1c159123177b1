"""Every page of the demo clinic, wide and on a phone: it opens, fits, and can be used by all.

The pictures land in ``.build/screens``; the one in the README is taken from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

from clinic.core.permissions import Permission
from clinic.data.db import db
from clinic.demo import seeding
from clinic.demo.house import PASSWORD
from clinic.dosing.models import Dose, OutreachTask, TakeHomeBottle, TakeHomeCallback
from clinic.programs.models import Episode
from clinic.rewards.facts import TransferKind
from clinic.rewards.models import (
    LedgerAccount,
    LedgerTransfer,
    RewardEnrolment,
    RewardInstrument,
    RewardVisit,
)
from clinic.scheduling.models import Resource
from clinic.sites.models import Site
from clinic.staff.facts import VERBS_OF, Role
from clinic.stock.models import StockBottle, StockIncident
from clinic.toxicology.facts import CollectionOutcome
from clinic.toxicology.models import Specimen
from clinic.web.permission import permission_of
from tests.journeys.conftest import DESK, PHONE, OpenClinic, opened

pytestmark = [pytest.mark.browser, pytest.mark.journey]

BUILD = Path(__file__).resolve().parents[2] / ".build"
AXE = BUILD / "axe.min.js"
SCREENS = BUILD / "screens"
PATIENTS, DAYS, SEED = 60, 60, 3
SERIOUS = {"serious", "critical"}
NOT_PAGES = {
    "static": "files",
    "healthz": "data for a monitor",
    "dosing.log_paper": "a PDF; tests/dosing opens it",
    "stock.inventory_paper": "a PDF; tests/stock opens it",
    "stock.receiving_paper": "a PDF; tests/stock opens it",
    "dosing.guest_packet": "a PDF; tests/dosing opens it",
    "dosing.emergency_list": "needs an emergency; tests/dosing opens it",
    "dosing.labels": "a PDF of prepared bottles; tests/dosing opens it",
    "dosing.take_pack": "a PDF; tests/dosing opens it",
    "dosing.paper_line": "needs a conflict; tests/dosing opens it",
    "dosing.one_pour": "needs a pour; tests/dosing opens it",
    "hardware.scanner_code": "a PDF",
    "inspection.pack_pdf": "a PDF; tests/inspection opens it",
    "inspection.pack_zip": "files; tests/inspection opens them",
    "patients.photo": "a picture",
    "patients.suggest": "a fragment of the search field",
    "therapies.pathway": "a fragment of the chart",
    "staff.home": "sends each role on to its first page",
    "exchange.preview": "needs an upload in waiting; tests/exchange opens it",
    "exchange.run": "needs an import; tests/exchange opens it",
    "dosing.print_card": "a PDF",
    "rewards.draw": "needs draws in waiting; tests/rewards opens it",
    "dosing.injection": "needs a patient on a long-acting product; tests/dosing opens it",
    "rewards.receipt": "needs a draw; tests/rewards opens it",
    "census.capacity_letter": "a PDF; tests/census opens it",
    "census.contingency_report": "a file; tests/census opens it",
    "census.run": "a report of one's own that lasts a day; tests/census opens it",
    "census.survey_file": "a file; tests/census opens it",
    "census.day_file": "a file; tests/census opens it",
    "exchange.teds_file": "a file; tests/exchange opens it",
}
ASKED = {
    # endpoint -> what its address has to ask for
    "census.measure_people": "?gauge=admissions",
    "census.plot_people": "?plot=hour&value=0-10",
}
ACCOUNTS = {
    Role.PRESCRIBER: "prescriber",
    Role.NURSE: "nurse",
    Role.COUNSELOR: "counselor",
    Role.FRONT_DESK: "frontdesk",
    Role.ADMINISTRATOR: "admin",
    Role.PATIENT: "patient",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One page, and the account that opens it."""

    endpoint: str
    path: str
    username: str


@pytest.fixture(scope="module")
def demo_clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenClinic]:
    with opened(tmp_path_factory.mktemp("demo")) as clinic:
        with clinic.app.app_context():
            seeding.seed_if_empty(patients=PATIENTS, days=DAYS, seed=SEED)
            db.session.remove()
        yield clinic


def visits(app: Flask) -> list[Visit]:
    """Every GET page with something of the demo clinic to show, each by one who may."""
    with app.app_context(), app.test_request_context():
        values = _things_to_show()
        found = []
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if "GET" not in (rule.methods or ()) or rule.endpoint in NOT_PAGES:
                continue
            permission = permission_of(app.view_functions[rule.endpoint])
            arguments = {name: values[name] for name in rule.arguments}
            built = rule.build(arguments)
            assert built is not None, rule
            path = built[1] + ASKED.get(rule.endpoint, "")
            found.append(Visit(rule.endpoint, path, _who_may(permission)))
        db.session.remove()
    return found


def _who_may(permission: object) -> str:
    for role, username in ACCOUNTS.items():
        if isinstance(permission, Permission) and permission in VERBS_OF[role]:
            return username
    return "nurse"


def _things_to_show() -> dict[str, Any]:
    """A rewarded patient in care, their episode, a dose, a transfer, a resource, a day."""
    row = db.session.execute(
        sa.select(Episode.id, Episode.patient_id, Episode.site_id)
        .join(RewardEnrolment, RewardEnrolment.episode_id == Episode.id)
        .join(LedgerAccount, LedgerAccount.patient_id == Episode.patient_id)
        .join(RewardVisit, RewardVisit.enrolment_id == RewardEnrolment.id)
        .join(
            Specimen,
            (Specimen.id == RewardVisit.specimen_id)
            & (Specimen.outcome == CollectionOutcome.COLLECTED),
        )
        .where(
            Episode.closed_on.is_(None),
            LedgerAccount.balance_cents > 0,
            Episode.site_id == sa.select(sa.func.min(Site.id)).scalar_subquery(),
        )
        .order_by(Episode.id)
    ).first()
    assert row is not None
    dose = db.session.execute(
        sa.select(Dose.id, Dose.service_date)
        .where(Dose.site_id == row.site_id)
        .order_by(Dose.service_date.desc(), Dose.id)
    ).first()
    assert dose is not None
    transfer = db.session.execute(
        sa.select(LedgerTransfer.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerTransfer.to_account_id)
        .where(
            LedgerTransfer.kind == TransferKind.EARN,
            LedgerAccount.patient_id == row.patient_id,
        )
        .order_by(LedgerTransfer.id)
    ).scalar()
    visit = db.session.execute(
        sa.select(RewardVisit.id, RewardVisit.specimen_id)
        .join(Specimen, Specimen.id == RewardVisit.specimen_id)
        .where(
            RewardVisit.patient_id == row.patient_id,
            Specimen.outcome == CollectionOutcome.COLLECTED,
        )
        .order_by(RewardVisit.id)
    ).first()
    assert visit is not None
    resource = db.session.scalar(
        sa.select(Resource.id).where(Resource.site_id == row.site_id).order_by(Resource.name)
    )
    day = dose.service_date.isoformat()
    return {
        "patient_id": row.patient_id,
        "episode_id": row.id,
        "to": "discharged",
        "code": "tms",
        "day": day,
        "on": day,
        "service_date": day,
        "dose_id": dose.id,
        "line_id": dose.id,
        "bottle_id": db.session.scalar(
            sa.select(StockBottle.id)
            .where(StockBottle.site_id == row.site_id)
            .order_by(StockBottle.id)
        ),
        "incident_id": db.session.scalar(
            sa.select(StockIncident.id).where(StockIncident.site_id == row.site_id)
        ),
        "moment": "closing",
        "task_id": db.session.scalar(
            sa.select(OutreachTask.id)
            .where(OutreachTask.site_id == row.site_id)
            .order_by(OutreachTask.id)
        ),
        "take_home_id": db.session.scalar(
            sa.select(TakeHomeBottle.id)
            .where(TakeHomeBottle.site_id == row.site_id)
            .order_by(TakeHomeBottle.state.desc(), TakeHomeBottle.id)
        ),
        "callback_id": db.session.scalar(
            sa.select(TakeHomeCallback.id)
            .where(TakeHomeCallback.site_id == row.site_id)
            .order_by(TakeHomeCallback.id)
        ),
        "transfer_id": transfer,
        "visit_id": visit.id,
        "specimen_id": visit.specimen_id,
        "resource_id": resource,
        "instrument_id": db.session.scalar(
            sa.select(RewardInstrument.id)
            .where(RewardInstrument.site_id == row.site_id)
            .order_by(RewardInstrument.id)
        ),
        "name": "higgins",
        "version": 1,
    }


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.timeout(300)
def test_every_page(demo_clinic: OpenClinic, browser: Browser, viewport: ViewportSize) -> None:
    """Answers 200, speaks to no other host, says nothing in the console, fits, passes axe."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    by_account: dict[str, list[Visit]] = {}
    for visit in visits(demo_clinic.app):
        by_account.setdefault(visit.username, []).append(visit)
    for username, theirs in by_account.items():
        context = browser.new_context(viewport=viewport, reduced_motion="reduce")
        page = context.new_page()
        said = _listen(page, demo_clinic.url)
        _sign_in(page, demo_clinic.url, username)
        for visit in theirs:
            said.clear()
            seen = _look_at(page, demo_clinic.url, visit, said)
            faults.extend(f"{visit.endpoint}: {fault}" for fault in seen)
            page.screenshot(path=SCREENS / f"{visit.endpoint}-{viewport['width']}.png")
        context.close()
    assert not faults, "\n".join(faults)


def _listen(page: Page, home: str) -> list[str]:
    """Whatever the console says from now on, and every request to another host."""
    said: list[str] = []
    page.on("console", lambda message: said.extend(_troubles(message)))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("request", lambda request: said.extend(_elsewhere(request.url, home)))
    return said


def _troubles(message: ConsoleMessage) -> list[str]:
    return [f"{message.type}: {message.text}"] if message.type in {"error", "warning"} else []


def _elsewhere(url: str, home: str) -> list[str]:
    return [] if url.startswith((home, "data:", "blob:")) else [f"asked {url}"]


def _sign_in(page: Page, url: str, username: str) -> None:
    page.goto(url + "/sign-in")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("networkidle")


def _look_at(page: Page, url: str, visit: Visit, said: list[str]) -> Iterator[str]:
    answer = page.goto(url + visit.path)
    page.locator(".htmx-request").first.wait_for(state="detached")
    if answer is None or answer.status != 200:
        yield f"answered {answer.status if answer else 'nothing'}"
    yield from said
    root = "document.documentElement"
    if page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"):
        yield "is wider than the screen"
    page.evaluate(AXE.read_text())
    report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in report["violations"]:
        if violation["impact"] in SERIOUS:
            where = [node["target"] for node in violation["nodes"]][:3]
            yield f"axe {violation['id']} at {json.dumps(where)}"

"""Five reward visits by keyboard alone: how long each takes and how many keys.

From the day's list to the receipt and back: the list's key, a letter a row, Enter; at the bowl a
word, too. Printed with ``pytest -s``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from clinic.data.work import Work, unit_of_work
from tests import cast
from tests.conftest import Measured
from tests.journeys.conftest import OpenClinic, SignInAs
from tests.rewards.builders import an_enrolled_patient

pytestmark = [pytest.mark.browser, pytest.mark.journey]

SECONDS_MAX = 60
KEYS_MAX = 12


class Keyboard:
    """Presses keys as a person does, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(60)
            self.pressed += 1


@contextmanager
def yesterday(clinic: OpenClinic) -> Iterator[Work]:
    with (
        clinic.app.app_context(),
        unit_of_work(
            actor=cast.CARL.actor,
            now=cast.NOW - timedelta(days=1),
            site=cast.NORTH,
            reactions=clinic.app.extensions["reactions"],
        ) as work,
    ):
        yield work


def test_five_visits_by_keyboard(
    open_clinic: OpenClinic, sign_in_as: SignInAs, measured: Measured
) -> None:
    visits: Sequence[tuple[str, str, tuple[str, ...], str]] = (
        ("higgins", "NNN", ("n", "n", "n"), "4th negative in a row: $6.25."),
        ("higgins", "NN", ("n", "p", "n"), "Positive: nothing earned today"),
        ("higgins", "N", ("e",), "Excused: nothing earned today, and nothing lost."),
        ("higgins", "", ("r",), "A refused test counts as missed."),
        ("prize_va", "NN", ("n", "n", "n"), "Drew "),
    )
    with yesterday(open_clinic) as work:
        patients = [
            an_enrolled_patient(work, protocol_code=code, visits=past)
            for code, past, _, _ in visits
        ]
    page = sign_in_as(cast.CARL)
    for patient_id, (_, _, keys, sentence) in zip(patients, visits, strict=True):
        seconds, pressed = post(page, open_clinic, patient_id, keys, sentence)
        measured(f"A reward visit, keys {''.join(keys)}: {seconds:.1f} s, {pressed} keys")
        assert seconds < SECONDS_MAX
        assert pressed < KEYS_MAX


def post(
    page: Page, clinic: OpenClinic, patient_id: UUID, keys: Sequence[str], sentence: str
) -> tuple[float, int]:
    """Seconds and keys from the patient's reward card to the receipt."""
    page.goto(f"{clinic.url}/patients/{patient_id}/rewards")
    keyboard = Keyboard(page)
    begun = time.monotonic()
    keyboard.press("v")
    expect(page.get_by_role("button", name=re.compile("Post visit"))).to_be_visible()
    keyboard.press(*keys)
    expect(page.locator("#visit-preview .notice")).to_be_visible()
    keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/rewards/visits/"))
    if page.url.endswith("/draw"):
        keyboard.press("7", "Enter")
        page.wait_for_url(re.compile(r"/receipt"))
        expect(page.get_by_text("every slip agrees")).to_be_visible()
    expect(page.get_by_text(sentence).first).to_be_visible()
    return time.monotonic() - begun, keyboard.pressed

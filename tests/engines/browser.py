"""The browser the tests drive: the Chromium that ``make test`` unpacks into ``.build/``."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

CHROMIUM = Path(__file__).resolve().parents[2] / ".build" / "chromium"

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def launch_chromium(playwright: Playwright) -> Browser:
    """Start Chromium without a window.

    ``CLINIC_BROWSER`` names another one to use, for example the system's.
    """
    arguments = list(QUIET)
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox does not work for root
    other = os.environ.get("CLINIC_BROWSER")
    if other:
        return playwright.chromium.launch(executable_path=other, args=arguments)
    return playwright.chromium.launch(
        executable_path=CHROMIUM / "chromium",
        args=arguments,
        env={
            **os.environ,
            "LD_LIBRARY_PATH": str(CHROMIUM / "al2023" / "lib"),
            "FONTCONFIG_FILE": str(CHROMIUM / "fonts.conf"),
        },
    )

"""Processes of their own, for races and accidents.

They fork from a server that has the program loaded and has never seen a database: nothing is
shared with the test but what it hands over, and none waits for the program to load.
"""

from __future__ import annotations

import multiprocessing
from typing import Final

FRESH: Final = multiprocessing.get_context("forkserver")
FRESH.set_forkserver_preload(["tests.conftest"])

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import Clock, make_app


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application as built, with no schema behind it: for asking what there is."""
    folder = tmp_path_factory.mktemp("house")
    return make_app(f"sqlite:///{folder / 'clinic.db'}", folder, Clock())

"""``make bench``: ratios measured in one run, so that a busy machine changes little."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from flask_migrate import upgrade

from tests.bench.census import SCALE, census_ratios
from tests.bench.dosing import dose_over_page
from tests.bench.pages import statements_per_page
from tests.bench.window import window_pages
from tests.conftest import Clock, make_app, staff_the_clinic


def main() -> int:
    """Print each ratio with its goal; 1 when one is missed."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(f"sqlite:///{folder}/bench.db", Path(folder), Clock())
        with app.app_context():
            upgrade()
            staff_the_clinic(app)
        ratio = dose_over_page(app)
        verdict = "met" if ratio.value <= ratio.goal else "MISSED"
        missed += verdict != "met"
        print(f"{ratio.name}: {ratio.value:.2f} (goal <= {ratio.goal}) {verdict}")  # noqa: T201
    for page in statements_per_page():
        verdict = "met" if page.few == page.many else "MISSED"
        missed += verdict != "met"
        counted = f"{page.few} statements with few rows, {page.many} with many"
        print(f"{page.endpoint}: {counted} {verdict}")  # noqa: T201
    for cost in window_pages():
        verdict = "met" if cost.is_met else "MISSED"
        missed += not cost.is_met
        ratios = f"p50 {cost.p50_ratio:.1f}, p95 {cost.p95_ratio:.1f} times an empty page"
        print(f"{cost.page}: {ratios} ({cost.p50_ms:.0f}, {cost.p95_ms:.0f} ms) {verdict}")  # noqa: T201
    for told in census_ratios(scale=float(sys.argv[1]) if len(sys.argv) > 1 else SCALE):
        verdict = "" if told.goal is None else "met" if told.is_met else "MISSED"
        missed += not told.is_met
        print(f"{told.name}: {told.value:.2f} {told.unit} {verdict}")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

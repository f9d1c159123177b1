"""Front-end files: from the locked npm packages into ``clinic/static/vendor/``, exactly these."""

import shutil

from tools import icons
from tools.node import ROOT, npm

VENDOR = ROOT / "clinic" / "static" / "vendor"

DIST_FILES = (
    "bootstrap/dist/css/bootstrap.min.css",
    "echarts/dist/echarts.min.js",
    "htmx.org/dist/htmx.min.js",
)


def main() -> None:
    npm("ci", "--omit=dev", "--loglevel=error")
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for path in DIST_FILES:
        shutil.copy(ROOT / "node_modules" / path, VENDOR)
    icons.main()


if __name__ == "__main__":
    main()

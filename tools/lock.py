"""Write every lock: ``requirements/`` from pyproject.toml, package-lock.json from package.json.

Pins that still fit stay as they are; ``--upgrade`` moves the Python ones to the newest that fit.
The locks hold hashes and name no registry, so they work behind any mirror.
"""

import json
import subprocess
import sys
from pathlib import Path

from tools.node import ROOT, npm

PYTHON_LOCKS = {
    "uv": ("--group", "uv"),
    "node": ("--group", "node"),
    "run": ("pyproject.toml", "--group", "build"),
    "test": ("pyproject.toml", "--extra", "test", "-c", "requirements/run.txt"),
    "check": (
        *("pyproject.toml", "--extra", "check"),
        *("-c", "requirements/run.txt", "-c", "requirements/test.txt"),
    ),
}

UV_COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-emit-index-url", "--no-annotate"),
)


def main(arguments: list[str]) -> None:
    uv = str(Path(sys.prefix) / "bin" / "uv")
    for name, sources in PYTHON_LOCKS.items():
        output = ("-o", f"requirements/{name}.txt")
        subprocess.run([uv, *UV_COMPILE, *sources, *output, *arguments], cwd=ROOT, check=True)
    npm("install", "--package-lock-only", "--loglevel=error")
    _strip(ROOT / "package-lock.json")


def _strip(path: Path) -> None:
    """Leave out who asks for money and where a package once came from; its hash says enough."""
    lock = json.loads(path.read_text())
    for name, package in lock["packages"].items():
        package.pop("funding", None)
        package.pop("resolved", None)
        if name and not package["integrity"].startswith("sha512-"):
            sys.exit(f"package-lock.json: {name} has no sha512")
    path.write_text(json.dumps(lock, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

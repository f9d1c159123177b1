"""The tests' browser: Chromium and axe from the locked npm packages into ``.build/``.

The package is made for another host, so only its compressed files are used: the browser, the
libraries a bare machine lacks, and fonts. Without fonts every text would be 0 pixels wide.
"""

import shutil
import tarfile
from pathlib import Path

import brotli

from tools.node import ROOT, npm

BUILD = ROOT / ".build"
CHROMIUM = BUILD / "chromium"

PIECE_BYTES = 1 << 20

FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts/fonts</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def main() -> None:
    npm("ci", "--include=dev", "--loglevel=error")
    modules = ROOT / "node_modules"
    BUILD.mkdir(exist_ok=True)
    shutil.copy(modules / "axe-core" / "axe.min.js", BUILD)

    shutil.rmtree(CHROMIUM, ignore_errors=True)
    CHROMIUM.mkdir()
    packed = modules / "@sparticuz" / "chromium" / "bin"
    executable = CHROMIUM / "chromium"
    _expand(packed / "chromium.br", into=executable)
    executable.chmod(0o755)
    for name in ("al2023", "fonts"):
        archive = CHROMIUM / f"{name}.tar"
        _expand(packed / f"{name}.tar.br", into=archive)
        _unpack(archive, into=CHROMIUM / name)
        archive.unlink()
    (CHROMIUM / "fonts.conf").write_text(FONTS_CONF.format(cache=CHROMIUM / "font-cache"))


def _expand(source: Path, *, into: Path) -> None:
    decompressor = brotli.Decompressor()
    with source.open("rb") as packed, into.open("wb") as plain:
        while piece := packed.read(PIECE_BYTES):
            plain.write(decompressor.process(piece))


def _unpack(archive: Path, *, into: Path) -> None:
    with tarfile.open(archive) as tar:
        # Debian 12's Python 3.11.2 has no filters; what is unpacked is held to the lock's hash.
        if hasattr(tarfile, "data_filter"):
            tar.extractall(into, filter="data")
        else:
            tar.extractall(into)  # noqa: S202


if __name__ == "__main__":
    main()

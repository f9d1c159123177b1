"""Files that came by a browser: checked by name, packed together, read together."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from clinic.exchange.facts.reading import ReadLimits
from clinic.exchange.facts.records import ReadTogether
from clinic.exchange.readers.together import read_paths

SUFFIXES = (".json", ".ndjson")


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """A file's own name, without any folder, and its bytes."""

    name: str
    content: bytes


def own_name(sent: str) -> str:
    """The last part of whatever a browser calls a file: never a folder, never empty."""
    return PurePosixPath(sent.replace("\\", "/").replace("\x00", "")).name or "unnamed"


def is_readable(name: str) -> bool:
    return name.endswith(SUFFIXES)


def packed(files: Iterable[OutsideFile]) -> bytes:
    """One archive of the files; two of one name are both kept."""
    archive = io.BytesIO()
    names: set[str] = set()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for file in files:
            name = _unused(file.name, names)
            names.add(name)
            opened.writestr(name, file.content)
    return archive.getvalue()


def read_archive(archive: bytes, *, limits: ReadLimits) -> ReadTogether:
    """FHIR from an archive that ``packed`` made; its ``.ndjson`` files are one bulk export."""
    with TemporaryDirectory(prefix="import-") as folder:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for name in opened.namelist():
                Path(folder, own_name(name)).write_bytes(opened.read(name))
        return read_paths(_sources(Path(folder)), limits=limits)


def _sources(folder: Path) -> Sequence[Path]:
    files = sorted(folder.iterdir())
    return [folder] if any(file.suffix == ".ndjson" for file in files) else files


def _unused(name: str, names: set[str]) -> str:
    path, number, candidate = PurePosixPath(name), 1, name
    while candidate in names:
        number += 1
        candidate = f"{path.stem} ({number}){path.suffix}"
    return candidate

"""A FHIR bulk export: a folder of NDJSON files, one resource a line, that refer to each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clinic.exchange.facts.reading import ReadLimits, ReadRefused
from clinic.exchange.facts.records import OutsideRecords
from clinic.exchange.readers.cursor import Node
from clinic.exchange.readers.fhir import each_once, hold, name_of, resource_node
from clinic.exchange.readers.fhir_resources import INDEXED_TYPES, read_resources
from clinic.exchange.readers.outside_bytes import decode, load_json, read_bytes
from clinic.exchange.readers.references import Held, Index

_LIMITS = ReadLimits()


def read_folder(folder: Path, *, limits: ReadLimits = _LIMITS) -> OutsideRecords:
    """Everything the ``*.ndjson`` files of one export say.

    The folder is one thing: its files refer to each other, so one broken line refuses all.
    Raises: ReadRefused naming the file and the line.
    """
    files = sorted(folder.glob("*.ndjson"))
    if not files:
        raise ReadRefused(folder.name, "", "holds no .ndjson file")
    held: list[Held] = []
    left_alone: set[tuple[str, str]] = set()
    for file in files:
        for node in _lines(file, limits=limits):
            kind = node.text("resourceType")
            if kind in INDEXED_TYPES:
                held.append(hold(node))
            else:
                left_alone.add((kind, name_of(node)))
    held = each_once(held)
    return read_resources(held, index=Index(held), left_alone=left_alone)


def _lines(path: Path, *, limits: ReadLimits) -> Iterator[Node]:
    text = decode(read_bytes(path, limits=limits), file=path.name)
    # Only line feeds part the lines: a text may hold U+2028, which splitlines() would cut at.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"line {number}"
        value = load_json(line, file=path.name, limits=limits, place=place)
        node = resource_node(value, file=path.name, place=f"{place}, ", limits=limits)
        if node.text("resourceType") == "Bundle":
            raise node.refusal("a bundle does not belong in a bulk export", key="resourceType")
        yield node

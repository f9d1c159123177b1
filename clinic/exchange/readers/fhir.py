"""FHIR R4 JSON files: a bundle with its patients, or one resource that stands by itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from clinic.exchange.facts.reading import ReadLimits, ReadRefused
from clinic.exchange.facts.records import OutsideRecords
from clinic.exchange.readers.cursor import Node
from clinic.exchange.readers.fhir_resources import INDEXED_TYPES, READ_TYPES, read_resources
from clinic.exchange.readers.outside_bytes import decode, load_json, read_bytes, require_size
from clinic.exchange.readers.references import Held, Index

_LIMITS = ReadLimits()
_BUNDLE_TYPES = frozenset({"transaction", "batch", "collection", "searchset"})
_URN = "urn:uuid:"
_REQUESTS_ONLY = frozenset({"DELETE", "GET", "HEAD", "PATCH"})


def read_file(path: Path, *, limits: ReadLimits = _LIMITS) -> OutsideRecords:
    """Everything one FHIR file says.

    Raises: ReadRefused, with nothing read, when anything in it is broken.
    """
    return read(read_bytes(path, limits=limits), file=path.name, limits=limits)


def read(source: bytes, *, file: str, limits: ReadLimits = _LIMITS) -> OutsideRecords:
    """Everything the bytes of one FHIR file say; ``file`` is the name used in refusals.

    Shape: facts in the order of the file, each resource once; types the house does not read
    are counted in ``unsupported``.
    Raises: ReadRefused, with nothing read, when anything in it is broken.
    """
    require_size(source, file=file, limits=limits)
    value = load_json(decode(source, file=file), file=file, limits=limits)
    root = resource_node(value, file=file, place="", limits=limits)
    if root.text("resourceType") == "Bundle":
        return _read_bundle(root)
    return _read_single(root)


def resource_node(value: object, *, file: str, place: str, limits: ReadLimits) -> Node:
    """A parsed JSON value that claims to be a FHIR resource.

    Raises: ReadRefused when it does not.
    """
    if not isinstance(value, dict):
        reason = "is not a FHIR resource but a bare value or list"
        raise ReadRefused(file, place.removesuffix(", "), reason)
    node = Node(cast("dict[str, object]", value), file, place, limits)
    if not node.text("resourceType"):
        raise node.refusal("is missing, so this is no FHIR resource", key="resourceType")
    return node


def hold(node: Node, *, full_url: str = "") -> Held:
    """A resource under its own id, or under its bundle's ``urn:uuid:`` when it has none yet.

    Raises: ReadRefused when it has neither.
    """
    source_id = node.text("id")
    if not source_id and full_url.startswith(_URN):
        source_id = full_url.removeprefix(_URN)
    if not source_id:
        raise node.refusal("is missing", key="id")
    return Held(node.text("resourceType"), source_id, full_url, node)


def each_once(held: Iterable[Held]) -> list[Held]:
    """Drops repeats of a resource.

    Raises: ReadRefused when one id stands for two different contents.
    """
    kept: dict[tuple[str, str], Held] = {}
    for resource in held:
        first = kept.setdefault((resource.kind, resource.source_id), resource)
        if first.node.fields != resource.node.fields:
            named = f"{resource.kind}/{resource.source_id}"
            raise resource.node.refusal(f"{named} is here twice with different contents")
    return list(kept.values())


def _read_single(root: Node) -> OutsideRecords:
    kind = root.text("resourceType")
    if kind not in READ_TYPES:
        raise root.refusal(f"is a {kind}, which is not read", key="resourceType")
    held = [hold(root)]
    return read_resources(held, index=Index(held))


def _read_bundle(bundle: Node) -> OutsideRecords:
    kind = bundle.text("type")
    if kind not in _BUNDLE_TYPES:
        allowed = ", ".join(sorted(_BUNDLE_TYPES))
        reason = f"a bundle of type {kind!r} is not read; one of {allowed} is"
        raise bundle.refusal(reason, key="type")
    held: list[Held] = []
    addresses: set[str] = set()
    left_alone: set[tuple[str, str]] = set()
    for entry in bundle.children("entry"):
        full_url = entry.text("fullUrl")
        addresses.add(full_url)
        kind = _kind_of(entry)
        resource = entry.child("resource")
        if resource is not None and kind in INDEXED_TYPES:
            held.append(hold(resource, full_url=full_url))
        else:
            left_alone.add((kind, name_of(resource or entry)))
    held = each_once(held)
    index = Index(held, addresses=addresses)
    return read_resources(held, index=index, left_alone=left_alone)


def name_of(node: Node) -> str:
    """What tells a resource that is not read from others of its type: its id, else its place."""
    return node.text("id") or f"{node.file} {node.place}"


def _kind_of(entry: Node) -> str:
    """The type of an entry's resource, or the request an entry makes instead of holding one."""
    request, resource = entry.child("request"), entry.child("resource")
    method = request.text("method") if request else ""
    if method in _REQUESTS_ONLY:
        return f"{method} request"
    if resource is None:
        raise entry.refusal("is missing", key="resource")
    if not resource.text("resourceType"):
        raise resource.refusal("is missing", key="resourceType")
    return resource.text("resourceType")

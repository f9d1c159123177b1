"""Which resource of a file another one means: by address, by type and id, or by identifier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from clinic.exchange.readers.cursor import Node
from clinic.exchange.readers.fhir_values import identifiers_of

_HISTORY = "/_history/"
_CONDITION = "?identifier="


@dataclass(frozen=True, slots=True)
class Held:
    """A resource as its file holds it. ``full_url`` is its address inside a bundle, if any."""

    kind: str
    source_id: str
    full_url: str
    node: Node


class Index:
    """Finds resources of one file, or of one bulk folder, by any way FHIR may name them."""

    def __init__(self, held: Iterable[Held], *, addresses: Iterable[str] = ()) -> None:
        self._by_address: dict[str, Held] = {}
        self._by_type_and_id: dict[str, Held] = {}
        self._by_identifier: dict[tuple[str, str], Held] = {}
        self._addresses = set(addresses)
        for resource in held:
            self._add(resource)

    def _add(self, resource: Held) -> None:
        if resource.full_url:
            self._by_address.setdefault(resource.full_url, resource)
        self._by_type_and_id.setdefault(f"{resource.kind}/{resource.source_id}", resource)
        for identifier in identifiers_of(resource.node):
            named = f"{identifier.system}|{identifier.value}"
            self._by_identifier.setdefault((resource.kind, named), resource)

    def find(self, reference: Node | None) -> Held | None:
        """The resource a Reference means, or None when it is not here."""
        if reference is None:
            return None
        written = reference.text("reference")
        if not written:
            return self._by_logical_identifier(reference)
        if _CONDITION in written:
            kind, _, named = written.partition(_CONDITION)
            return self._by_identifier.get((kind, unquote(named)))
        current = written.partition(_HISTORY)[0]
        return self._by_address.get(current) or self._by_type_and_id.get(current)

    def _by_logical_identifier(self, reference: Node) -> Held | None:
        identifier, kind = reference.child("identifier"), reference.text("type")
        if identifier is None or not kind:
            return None
        named = f"{identifier.text('system')}|{identifier.text('value')}"
        return self._by_identifier.get((kind, named))

    def require_whole(self, resource: Node) -> None:
        """A ``urn:uuid:`` can only mean something in the same bundle.

        Raises: ReadRefused at the first one that means nothing there.
        """
        for reference in _references(resource):
            written = reference.text("reference")
            if written.startswith("urn:") and written not in self._addresses:
                reason = f"refers to {written}, which is not in this file"
                raise reference.refusal(reason, key="reference")


def _references(node: Node) -> Iterator[Node]:
    if isinstance(node.fields.get("reference"), str):
        yield node
    for key, value in node.fields.items():
        if isinstance(value, dict):
            yield from _references(Node(value, node.file, node.place_of(key), node.limits))
        elif isinstance(value, list):
            for position, item in enumerate(value):
                if isinstance(item, dict):
                    place = f"{node.place_of(key)}/{position}"
                    yield from _references(Node(item, node.file, place, node.limits))

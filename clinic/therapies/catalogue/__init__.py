"""Every treatment of the program, one file each. A file here is a treatment; nothing else is.

A file is named by its modality's code and holds one ``MODALITY``. Adding a treatment is adding
its file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clinic.core.errors import NotFound
from clinic.therapies.facts import Modality, StageGroup


def load() -> Mapping[str, Modality]:
    """The entry of every file in this package, by code.

    Shape: in the order of the care pathway, then by name.
    Raises: TypeError when a file holds no entry, ValueError when its code is not its name.
    """
    names = (found.name for found in pkgutil.iter_modules(__path__))
    pathway = list(StageGroup)
    entries = sorted(
        (_entry(name) for name in names),
        key=lambda entry: (pathway.index(entry.group), entry.name),
    )
    return MappingProxyType({entry.code: entry for entry in entries})


def _entry(name: str) -> Modality:
    entry = getattr(importlib.import_module(f"{__name__}.{name}"), "MODALITY", None)
    if not isinstance(entry, Modality):
        raise TypeError(f"{name}.py holds no MODALITY")
    if entry.code != name:
        raise ValueError(f"{name}.py holds the entry of {entry.code!r}")
    return entry


CATALOGUE: Final = load()


def modality(code: str) -> Modality:
    """The treatment of this code.

    Raises: NotFound when the catalogue has none.
    """
    try:
        return CATALOGUE[code]
    except KeyError:
        raise NotFound(f"No treatment is called {code!r}") from None

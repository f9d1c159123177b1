"""The icon sprite, cut to the icons the pages draw: a name nobody drew stops the build.

Every quoted word of a template or of the navigation that names an icon is kept; a word in a place
where only an icon can stand must name one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tools.node import ROOT

SOURCE = ROOT / "node_modules" / "bootstrap-icons" / "bootstrap-icons.svg"
SPRITE = ROOT / "clinic" / "static" / "vendor" / "bootstrap-icons.svg"
NAVIGATION = ROOT / "clinic" / "web" / "navigation.py"

_SYMBOL = re.compile(r'<symbol\b[^>]*\bid="([^"]+)".*?</symbol>', re.DOTALL)
_WORD = re.compile(r"[\"']([a-z0-9][a-z0-9-]*)[\"']")
_ONLY_AN_ICON = re.compile(r"(?:\bicon\(|\bicon=|\"icon\": )\"([^\"]+)\"")
_NAVIGATION_ICON = re.compile(r'Item\("[^"]*", "[^"]*", "([^"]*)"')


class UnknownIcon(Exception):
    """A page asks for an icon the sprite doesn't have."""


def drawn(folder: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Each place that needs an icon, and the icon's name."""
    for path in sorted((folder / "templates").rglob("*.html")):
        for name in _ONLY_AN_ICON.findall(path.read_text()):
            yield str(path.relative_to(folder)), name
    for name in _NAVIGATION_ICON.findall(NAVIGATION.read_text()):
        yield NAVIGATION.name, name


def mentioned(folder: Path = ROOT) -> set[str]:
    """Every word that may be an icon, such as the two sides of a choice between icons."""
    texts = (path.read_text() for path in (folder / "templates").rglob("*.html"))
    return {word for text in texts for word in _WORD.findall(text)}


def cut(sprite: str, *, needed: list[tuple[str, str]], wanted: set[str]) -> str:
    """The sprite with what is needed, and of what is wanted whatever it has.

    Raises: UnknownIcon naming every place that needs an icon the sprite lacks.
    """
    symbols = {found.group(1): found.group() for found in _SYMBOL.finditer(sprite)}
    unknown = [
        f"{place}: no icon is named {name!r}" for place, name in needed if name not in symbols
    ]
    if unknown:
        raise UnknownIcon("\n".join(unknown))
    kept = wanted | {name for _place, name in needed}
    drawings = "".join(text for name, text in symbols.items() if name in kept)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{drawings}</svg>\n'


def main() -> None:
    SPRITE.write_text(cut(SOURCE.read_text(), needed=list(drawn()), wanted=mentioned()))


if __name__ == "__main__":
    main()

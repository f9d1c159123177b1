from __future__ import annotations

import pytest

from tools import icons

SPRITE = (
    '<svg xmlns="http://www.w3.org/2000/svg">'
    '<symbol viewBox="0 0 16 16" id="capsule"><path d="M0 0"/></symbol>'
    '<symbol viewBox="0 0 16 16" id="capsule-pill"><path d="M1 1"/></symbol>'
    '<symbol viewBox="0 0 16 16" id="house"><path d="M2 2"/></symbol></svg>'
)


def test_the_sprite_keeps_what_pages_draw_and_nothing_else() -> None:
    kept = icons.cut(SPRITE, needed=[("queue.html", "capsule")], wanted={"house", "no-such-icon"})
    assert 'id="capsule"' in kept
    assert 'id="house"' in kept
    assert "capsule-pill" not in kept


def test_an_icon_nobody_drew_stops_the_build_and_names_the_page() -> None:
    with pytest.raises(icons.UnknownIcon, match=r"queue\.html: no icon is named 'capsul'"):
        icons.cut(SPRITE, needed=[("queue.html", "capsul")], wanted=set())


def test_the_pages_ask_only_for_icons_there_are() -> None:
    names = {name for _place, name in icons.drawn()}
    assert {"capsule", "search", "printer"} <= names
    shipped = icons.SPRITE.read_text()
    assert [name for name in sorted(names) if f'id="{name}"' not in shipped] == []

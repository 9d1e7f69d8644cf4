"""Widths of text in the shipped font, so that a plot's margins are known before it is drawn."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.locales import clean
from pressroom_builtin.drawing.fonts import font_folders

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_EM = 100
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])


@cache
def _font() -> FreeTypeFont:
    from PIL import ImageFont

    file = next(path for folder in font_folders() for path in sorted(Path(folder).glob("*.ttf")))
    font = ImageFont.truetype(str(file), _EM, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([400])
    return font


@lru_cache(maxsize=20_000)
def _advance(character: str) -> float:
    return _font().getlength(character) / _EM


def text_width(text: str, size: float) -> float:
    """Width of a line of text at a font size, in the same unit as the size."""
    return sum(map(_advance, text)) * size


def one_line(text: str) -> str:
    """Text that a picture can hold on one line: no control characters, none that turn the direction, single spaces."""
    return " ".join(clean(text[:2000]).translate(_DIRECTIONS).split())


def fitted(text: str, room: float, size: float) -> str:
    """The text where it fits into `room`, else its beginning with an ellipsis."""
    if text_width(text, size) <= room:
        return text
    used, limit = 0.0, room - text_width("…", size)
    for index, character in enumerate(text):
        used += _advance(character) * size
        if used > limit:
            return text[:index].rstrip() + "…"
    return text

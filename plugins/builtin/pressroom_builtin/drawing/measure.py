"""Widths of text in the shipped fonts, so that a plot's margins are known before it is drawn."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from pressroom.locales import clean
from pressroom_builtin.drawing.fonts import font_folders

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_EM = 100
_HEAVIEST = 900
"""End of the axis of weights; names of axes come translated."""
_NOWHERE = "\ufdd0"
"""A code point that no font has a letter for."""
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])


def upright(folder: str) -> Path:
    """The file of a family's upright faces."""
    return next(path for path in sorted(Path(folder).glob("*.ttf")) if "Italic" not in path.name)


@cache
def _fonts() -> tuple[FreeTypeFont, ...]:
    """Upright faces of ordinary weight, in the order of the families."""
    from PIL import ImageFont

    found = []
    for folder in font_folders():
        font = ImageFont.truetype(str(upright(folder)), _EM, layout_engine=ImageFont.Layout.BASIC)
        axes = font.get_variation_axes()
        font.set_variation_by_axes(
            [400.0 if axis["maximum"] == _HEAVIEST else float(axis["default"] or 0) for axis in axes]
        )
        found.append(font)
    return tuple(found)


@lru_cache(maxsize=20_000)
def _advance(character: str) -> float:
    first, *others = _fonts()
    # to see whether a letter is there it must be drawn; the first font is known to have these
    if character.isascii() or east_asian_width(character) in "WF" or not _is_missing(first, character):
        return first.getlength(character) / _EM
    return next((font for font in others if not _is_missing(font, character)), first).getlength(character) / _EM


def _is_missing(font: FreeTypeFont, character: str) -> bool:
    """True where the font draws the box that stands for letters it lacks."""
    if font.getlength(character) != font.getlength(_NOWHERE):
        return False
    return bytes(font.getmask(character)) == bytes(font.getmask(_NOWHERE))


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

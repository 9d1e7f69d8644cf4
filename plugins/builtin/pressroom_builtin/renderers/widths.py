"""How wide text will be, without laying it out: enough to choose column widths and to count lines.

Widths are the advances of Noto Sans with a little added, so that an estimate errs to the wide side:
a table cut by them never overflows its box.
"""

from __future__ import annotations

import math
import unicodedata

_ASCII = (
    "220 275 374 521 521 880 621 231 299 299 427 521 231 324 231 396 521 521 521 521 521 521 521 521 521 521 231 231 "
    "521 521 521 435 885 574 632 619 661 562 518 661 698 257 503 607 508 770 696 714 598 714 589 569 573 694 532 842 "
    "519 482 592 299 396 299 521 550 586 536 593 492 595 527 279 530 575 245 245 499 254 889 580 586 595 595 339 441 "
    "334 577 466 742 434 468 438 299 243 299 521"
)
_MARGIN = 1.13
_EM = [0.0] * 32 + [int(width) * _MARGIN / 1000 for width in _ASCII.split()] + [0.0]
_OTHER = 0.72
_BREAK = "\u200b"


def width(text: str, size: float) -> float:
    """Width in points of one line of text at a font size in points."""
    if text.isascii():
        return sum(map(_EM.__getitem__, text.encode("ascii"))) * size
    return sum(_em(character) for character in text) * size


def _em(character: str) -> float:
    code = ord(character)
    if code < 128:
        return _EM[code]
    return 1.05 if unicodedata.east_asian_width(character) in "WFA" else _OTHER


def lines(text: str, room: float, size: float) -> int:
    """Lines that the text takes in `room` points; words that do not fit are broken."""
    if width(text, size) <= room and "\n" not in text:
        return 1
    count = 0
    for line in text.split("\n"):
        used, rows = 0.0, 1
        for word in line.split(" "):
            wide = width(word + " ", size)
            if used + wide <= room + size * 0.2:
                used += wide
            elif wide <= room:
                rows, used = rows + 1, wide
            else:
                rows += math.ceil(wide / max(room - size * 1.05, size))
                used = room
        count += rows
    return count


def breakable(text: str, room: float, size: float) -> str:
    """The text with places to break inside words that are wider than `room` points."""
    if width(text, size) <= room:
        return text
    return " ".join(_broken(word, room, size) for word in text.split(" "))


def _broken(word: str, room: float, size: float) -> str:
    if width(word, size) <= room:
        return word
    pieces, start, used = [], 0, 0.0
    for index, character in enumerate(word):
        wide = _em(character) * size
        if used + wide > room and index > start:
            pieces.append(word[start:index])
            start, used = index, 0.0
        used += wide
    return _BREAK.join([*pieces, word[start:]])


def shortened(text: str, room: float, size: float) -> str:
    """The text on one line of `room` points, cut with an ellipsis where it is longer."""
    line = " ".join(text.split())
    if width(line, size) <= room:
        return line
    used, limit = 0.0, room - size * 1.05
    for index, character in enumerate(line):
        used += _em(character) * size
        if used > limit:
            return line[:index].rstrip() + "…"
    return line

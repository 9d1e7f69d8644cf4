"""File names that are safe for every file system and mail program; names of a workbook's sheets."""

from __future__ import annotations

import re

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])$", re.IGNORECASE)
BYTES = 120
"""Of one part of a name in UTF-8; file systems take 255 in all."""

SHEET_NAME = 31
"""Characters of a sheet's name, counted in UTF-16."""
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def safe(text: str, default: str) -> str:
    """The text as part of a file name; the default where nothing of it is left."""
    name = " ".join(_UNSAFE.sub(" ", text).split()).strip(". ")
    name = name.encode()[:BYTES].decode(errors="ignore").strip(". ")
    return default if not name or _RESERVED.match(name) else name


class Names:
    """Names of one call's documents, no two equal on file systems that ignore case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, stem: str, suffix: str) -> str:
        """`stem` and `suffix`, with a number between them where that name is taken."""
        number, name = 1, f"{stem}{suffix}"
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem} ({number}){suffix}"
        self._taken.add(name.casefold())
        return name


class SheetNames:
    """Names of a workbook's sheets: of at most 31 characters, none forbidden, no two equal but for case."""

    def __init__(self) -> None:
        # Excel keeps this one for itself
        self._taken = {"history"}

    def unique(self, title: str) -> str:
        """A name that no sheet has yet, as near to the title as can be."""
        plain = " ".join(title.translate(_FORBIDDEN).split()).strip("' ") or "Sheet"
        name, number = _fitting(plain, ""), 1
        while name.casefold() in self._taken:
            number += 1
            name = _fitting(plain, f" ({number})")
        self._taken.add(name.casefold())
        return name


def _fitting(title: str, end: str) -> str:
    """The title with that end, cut to what a sheet's name holds in UTF-16."""
    room = 2 * (SHEET_NAME - len(end))
    return title.encode("utf-16-le")[:room].decode("utf-16-le", "ignore").rstrip("' ") + end

"""One-line templates that people write: a mail's subject, a document's file name.

They come from anybody who may edit a report, so they can do next to nothing: read what they are given, pass it
through a filter, choose. Loops, arithmetic, calls and attributes do not exist in them (the syntax tree is
checked against a list of what is allowed), which also bounds what a template can cost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from pressroom.models.values import clean

NAMES: Mapping[str, Collection[str]] = {
    "report": ("uid", "name"),
    "run": ("id", "kind", "planned_at"),
    "range": ("start", "end", "text"),
    "variables": (),
    "project": ("uid", "name"),
}
"""What templates may name, and the fields of each; a name without fields here has whichever it is given."""

MAX_TEMPLATE = 1000
"""Characters of a template."""
STAMP = "%Y-%m-%d-%H%M"
"""How the filter `stamp` writes a moment, in a way that sorts and suits file names."""
MAX_LINE = 500
"""Characters of a rendered line; more is cut off."""
_MARKS = re.compile(r"\{\{|\{%|\{#")


def check_template(text: str, names: Mapping[str, Collection[str]] = NAMES, limit: int = MAX_TEMPLATE) -> None:
    """See that a template is well-formed, allowed, and names only what there is.

    Args:
        text: the template.
        names: what it may name, as in `NAMES`.
        limit: its characters at most.

    Raises:
        TemplateError: what is wrong, and which names and filters there are.
    """
    if is_template(text):
        from pressroom.sandbox import parse

        parse(text, names, limit)


def is_template(text: str) -> bool:
    """True where the text holds template marks; other text means itself."""
    return _MARKS.search(text) is not None


def render_line(text: str, values: Mapping[str, Any], *, locale: str = "en", zone: str = "UTC") -> str:
    """A template as one line, without control characters, at most `MAX_LINE` characters long.

    Args:
        text: the template; text without template marks is taken as it is.
        values: plain data by the names of `NAMES`: dicts, lists, text, numbers, aware datetimes.
        locale, zone: for numbers, dates and times.

    Raises:
        TemplateError: the template is wrong, or names what is not in `values`.
    """
    if not is_template(text):
        return one_line(text)
    from pressroom.sandbox import render

    return one_line(render(text, values, locale, zone))


def render_prose(text: str, values: Mapping[str, Any], *, locale: str = "en", zone: str = "UTC") -> str:
    """A template as text of several lines, such as a text panel's; see `render_line`. How long it is, is not checked.

    Raises:
        TemplateError: the template is wrong, or names what is not in `values`.
    """
    if not is_template(text):
        return prose(text)
    from pressroom.sandbox import render

    return prose(render(text, values, locale, zone, limit=len(text)))


def one_line(text: str, limit: int = MAX_LINE) -> str:
    """Text as one line: white space as single blanks, no control characters, cut to `limit` characters."""
    line = " ".join(clean(text).split())
    line = "".join(character for character in line if unicodedata.category(character) != "Cc")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def prose(text: str) -> str:
    """Text of several lines that end in \\n, without control characters; nothing is cut off."""
    lines = clean(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")
    return "\n".join("".join(it for it in line if unicodedata.category(it) != "Cc").rstrip() for line in lines)


def slug(text: str, limit: int = 80) -> str:
    """Text as lower-case words with dashes between; letters of every script stay."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", clean(str(text))).lower().replace("_", " "))
    return "-".join(words)[:limit].rstrip("-")


MAX_NAME_BYTES = 120
"""UTF-8 bytes of a file name without its suffix; file systems allow 255, and names get suffixes and numbers."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$")


def safe_filename(text: str, fallback: str = "report") -> str:
    """A name that every file system takes: no separators, nothing that Windows reserves, NFC, not too long.

    Letters of every script stay; at most `MAX_NAME_BYTES` bytes. `fallback` is the name where nothing is left.
    """
    name = unicodedata.normalize("NFC", _UNSAFE.sub("-", clean(text)))
    # format characters too: a right-to-left override makes `gpj.exe` look like a picture
    name = "".join(" " if character.isspace() else character for character in name if _is_visible(character))
    name = " ".join(name.split()).strip(" .")
    if _RESERVED.match(name):
        name = f"_{name}"
    name = name.encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip(" .")
    return name if name.strip("-_. ") else fallback


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")

"""Typst: packaged templates over data, never over text pasted into markup."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from pressroom import RenderError
from pressroom_builtin.drawing.fonts import font_folders
from pressroom_builtin.renderers.book import Book

if TYPE_CHECKING:
    import typst

TEMPLATE = "report.typ"
REMEMBERED = 10
"""Compilations that Typst keeps in memory."""
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Characters that no document can hold, and those that turn the direction of what follows them."""


@cache
def _fonts() -> typst.Fonts:
    """Read once a process: the font files have tens of megabytes."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(font_folders()))


@cache
def _template() -> bytes:
    return (files(__package__) / TEMPLATE).read_bytes()


def pdf(book: Book, assets: Mapping[str, bytes], scratch: Path, *, created: datetime, tagged: bool) -> bytes:
    """A book as PDF; the same book gives the same bytes.

    Args:
        book: what is on the pages.
        assets: pictures by the names that the book uses.
        scratch: folder for the template's own, otherwise empty folder, which is removed afterwards.
        created: the document's date.
        tagged: write the structure that screen readers use; it makes long tables large.

    Raises:
        RenderError: the document cannot be made.
    """
    with _folder(book, assets, scratch) as root:
        return _compiled(
            _template(), root, format="pdf", timestamp=created.astimezone(UTC).replace(microsecond=0), pdf_tags=tagged
        )


def png(book: Book, assets: Mapping[str, bytes], scratch: Path, *, scale: float) -> bytes:
    """The first page of a book as PNG, `scale` pixels to a CSS pixel (3/4 point).

    Raises:
        RenderError: the picture cannot be made.
    """
    with _folder(book, assets, scratch) as root:
        return _compiled(_template(), root, format="png", ppi=96.0 * scale)


def refused(assets: Mapping[str, bytes]) -> dict[str, str]:
    """Which pictures cannot be drawn, and why."""
    found = {}
    for name, content in assets.items():
        try:
            _try(name, content)
        except RenderError as error:
            found[name] = error.message
    return found


def _try(name: str, content: bytes) -> None:
    """Draw a picture alone and small; raises RenderError where that cannot be done."""
    source = f'#set page(width: 20pt, height: 20pt, margin: 0pt)\n#image("{name}", width: 100%, height: 100%)'
    with TemporaryDirectory(prefix="pressroom-") as folder:
        (Path(folder) / name).write_bytes(content)
        _compiled(source.encode(), folder, format="png", ppi=8)


@contextmanager
def _folder(book: Book, assets: Mapping[str, bytes], scratch: Path) -> Iterator[str]:
    with TemporaryDirectory(dir=scratch, prefix="pages-") as folder:
        root = Path(folder)
        (root / "data.json").write_bytes(msgspec.json.encode(_clean(msgspec.to_builtins(book))))
        for name, content in assets.items():
            (root / name).write_bytes(content)
        yield folder


def _clean(value: Any) -> Any:
    """The same data without characters that have no place in a document."""
    if isinstance(value, str):
        return _UNSHOWABLE.sub("", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return {name: _clean(item) for name, item in value.items()} if isinstance(value, dict) else value


def _compiled(source: bytes, root: str, **how: Any) -> bytes:
    """The document or its first page."""
    import typst

    try:
        compiler = typst.Compiler(source, root, font_paths=_fonts(), ignore_system_fonts=True)
        made = compiler.compile(**how)
    except RuntimeError as error:
        raise RenderError(f"the pages cannot be laid out: {str(error).splitlines()[0][:300]}") from error
    finally:
        _give_back()
    pages = made if isinstance(made, list) else [made]
    return pages[0] or b""


@cache
def _malloc_trim() -> object:
    name = ctypes.util.find_library("c")
    return getattr(ctypes.CDLL(name), "malloc_trim", None) if name else None


def _give_back() -> None:
    """Forget the document, and return its memory to the system.

    Typst remembers what its last ten compilations laid out, 200 MB for usual reports, of which the next report
    uses nothing. Ten empty documents push that out in 20 ms and cost the next one no time.
    """
    import typst

    empty = typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)
    for _ in range(REMEMBERED):
        empty.compile(b"", format="pdf")
    trim = _malloc_trim()
    if callable(trim):
        trim(0)

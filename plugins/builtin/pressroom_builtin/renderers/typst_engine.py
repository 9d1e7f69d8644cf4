"""Typst: packaged templates over data, never over text pasted into markup."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from pressroom import RenderError
from pressroom_builtin.drawing.fonts import font_folders
from pressroom_builtin.renderers.book import Book

if TYPE_CHECKING:
    import typst

TEMPLATE = "report.typ"


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
    stamp = created.astimezone(UTC)
    pages = _compile(book, assets, scratch, {"format": "pdf", "timestamp": stamp, "pdf_tags": tagged})
    return pages[0]


def png(book: Book, assets: Mapping[str, bytes], scratch: Path, *, scale: float) -> bytes:
    """The first page of a book as PNG, `scale` pixels to a CSS pixel (3/4 point).

    Raises:
        RenderError: the picture cannot be made.
    """
    return _compile(book, assets, scratch, {"format": "png", "ppi": 96.0 * scale})[0]


def rasterized(svg: bytes, pixels: int) -> bytes:
    """An SVG picture as PNG, centred in a clear square of `pixels`; addresses and files that it names are not loaded.

    Raises:
        ValueError: it cannot be drawn.
    """
    import typst

    source = (
        b"#set page(width: 225pt, height: 225pt, margin: 0pt, fill: none)\n"
        b'#image("logo.svg", width: 100%, height: 100%, fit: "contain")'
    )
    with TemporaryDirectory(prefix="pressroom-logo-") as folder:
        (Path(folder) / "logo.svg").write_bytes(svg)
        try:
            made = typst.compile(source, root=folder, font_paths=_fonts(), format="png", ppi=pixels / 225 * 72)
        except RuntimeError as error:
            raise ValueError("is an SVG file that cannot be drawn") from error
    return made[0] if isinstance(made, list) else made


def _compile(book: Book, assets: Mapping[str, bytes], scratch: Path, how: dict[str, object]) -> list[bytes]:
    import typst

    with TemporaryDirectory(dir=scratch, prefix="pages-") as folder:
        root = Path(folder)
        (root / "data.json").write_bytes(msgspec.json.encode(book))
        for name, content in assets.items():
            (root / name).write_bytes(content)
        try:
            made = typst.compile(_template(), root=str(root), font_paths=_fonts(), ignore_system_fonts=True, **how)  # type: ignore[call-overload]
        except RuntimeError as error:
            raise RenderError(f"the pages cannot be laid out: {str(error).splitlines()[0][:300]}") from error
    _give_back()
    return made if isinstance(made, list) else [made]


@cache
def _malloc_trim() -> object:
    name = ctypes.util.find_library("c")
    return getattr(ctypes.CDLL(name), "malloc_trim", None) if name else None


def _give_back() -> None:
    """Return freed memory to the system: without it a worker keeps what its largest report needed."""
    trim = _malloc_trim()
    if callable(trim):
        trim(0)

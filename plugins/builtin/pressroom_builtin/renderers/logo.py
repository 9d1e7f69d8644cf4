"""Logos: whatever a person uploaded, decoded and written again as a small picture that pages can hold."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pressroom import RenderError
from pressroom_builtin.drawing.fonts import FAMILY

BYTES = 32 * 1024 * 1024
"""Larger files are not read at all."""
PIXELS = 60_000_000
"""Pictures with more pixels are not decoded."""
EDGE = 900
"""Longest edge in pixels of what goes on a page."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")

_FONT = re.compile(rb"""(font-family\s*(?:=\s*["']|:\s*))[^"';}<]*""")
"""Text of an SVG logo is set in the shipped font: a family that is not there would leave the text out."""


@dataclass(frozen=True)
class Logo:
    """A picture for the page's corner; `ratio` is its width over its height."""

    name: str
    content: bytes
    ratio: float


def load(path: Path) -> Logo:
    """The logo in a file: PNG, JPEG, GIF, WebP (its first frame) or SVG.

    Raises:
        ValueError: it is none of these or too large; the message completes "the logo was left out: it ...".
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ValueError("is missing") from error
    if size > BYTES:
        raise ValueError(f"has {size // 1_000_000} MB; at most {BYTES // 1_000_000} MB are read")
    content = path.read_bytes()
    if b"<svg" in content[:4096].lower():
        return _svg(content)
    return _bitmap(content)


def _bitmap(content: bytes) -> Logo:
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(content), formats=FORMATS) as opened:
                if opened.width * opened.height > PIXELS:
                    raise ValueError(f"has {opened.width} x {opened.height} pixels; make it smaller")
                opened.draft("RGB", (EDGE, EDGE))
                picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("is no PNG, JPEG, GIF, WebP or SVG picture") from error
    picture = picture.crop(picture.getbbox(alpha_only=True))
    picture.thumbnail((EDGE, EDGE))
    out = BytesIO()
    picture.save(out, "PNG", optimize=False)
    return Logo("logo.png", out.getvalue(), picture.width / picture.height)


def _svg(content: bytes) -> Logo:
    """Drawn once by the page engine, which loads no addresses, so a bad one costs the logo and not the report."""
    from pressroom_builtin.renderers.typst_engine import rasterized

    content = _FONT.sub(rb"\1" + FAMILY.encode(), content)
    if b"font-family" not in content:
        content = content.replace(b"<svg", b'<svg font-family="%s"' % FAMILY.encode(), 1)
    try:
        return _bitmap(rasterized(content, EDGE))
    except RenderError as error:
        raise ValueError("is an SVG file that cannot be drawn") from error

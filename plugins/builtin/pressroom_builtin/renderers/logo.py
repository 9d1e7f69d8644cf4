"""Logos: whatever a person brought, decoded and written again as a small picture that pages can hold."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

BYTES = 32 * 1024 * 1024
"""Larger files are not read at all."""
PIXELS = 60_000_000
"""Pictures with more pixels are not decoded."""
EDGE = 900
"""Longest edge in pixels of what goes on a page."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


@dataclass(frozen=True)
class Logo:
    """A picture for a page's header or footer; `ratio` is its width over its height."""

    name: str
    content: bytes
    ratio: float


def load(path: Path) -> Logo:
    """The logo in a file: PNG, JPEG, GIF or WebP (its first frame).

    Raises:
        ValueError: it is none of these or too large; the message completes "the logo was left out: it ...".
    """
    from PIL import Image, ImageOps

    try:
        size = path.stat().st_size
    except OSError as error:
        raise ValueError("is missing") from error
    if size > BYTES:
        raise ValueError(f"has {size // 1_000_000} MB; at most {BYTES // 1_000_000} MB are read")
    picture = None
    try:
        with Image.open(BytesIO(path.read_bytes()), formats=FORMATS) as opened:
            pixels = f"{opened.width} x {opened.height} pixels"
            if opened.width * opened.height <= PIXELS:
                opened.draft("RGB", (EDGE, EDGE))
                picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except Exception as error:
        # Pillow's decoders raise what they like; a logo is never worth a lost report
        raise ValueError("is no PNG, JPEG, GIF or WebP picture") from error
    if picture is None:
        raise ValueError(f"has {pixels}; make it smaller")
    picture = picture.crop(picture.getbbox(alpha_only=True))
    picture.thumbnail((EDGE, EDGE))
    out = BytesIO()
    picture.save(out, "PNG", optimize=False)
    return Logo("logo.png", out.getvalue(), picture.width / picture.height)

"""Pictures in a mail's body: read, checked and made small enough, or left out."""

from __future__ import annotations

import io
import logging
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom import Document
from pressroom.templating import one_line

if TYPE_CHECKING:
    from PIL.Image import Image

LOGO_BOX = (280, 64)
"""Greatest width and height of the logo, in CSS pixels; drawn at twice as many for sharp screens."""
BODY_WIDTH = 600
"""Width of the body, in CSS pixels."""
_MAX_BYTES = 25_000_000
_MAX_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


@dataclass(frozen=True)
class Picture:
    """An inline picture: its Content-ID, file, and size in CSS pixels."""

    cid: str
    name: str
    subtype: str
    content: bytes
    width: int
    height: int
    title: str = ""
    is_logo: bool = False


def read_logo(path: Path) -> Picture | None:
    """The logo as a PNG of at most `LOGO_BOX`; None where it cannot be read as a picture."""
    found = path.stat()
    return _shrunk(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _shrunk(path: Path, changed: int, size: int) -> Picture | None:
    # kept because each recipient's mail has it; `changed` and `size` tell a file that was replaced
    image = _open(path)
    if image is None:
        return None
    image = image.convert("RGBA")
    image.thumbnail((LOGO_BOX[0] * 2, LOGO_BOX[1] * 2))
    written = io.BytesIO()
    image.save(written, "PNG")
    scale = min(1.0, LOGO_BOX[0] / image.width, LOGO_BOX[1] / image.height)
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return Picture("logo@pressroom", "logo.png", "png", written.getvalue(), width, height, is_logo=True)


def read_picture(path: Path, document: Document) -> Picture | None:
    """A document as an inline picture, its bytes as they are; None where it cannot be read as a picture."""
    image = _open(path)
    if image is None or image.format not in ("PNG", "JPEG", "GIF"):
        return None
    width = min(document.width or image.width, BODY_WIDTH)
    height = max(1, round(width * image.height / image.width))
    subtype = image.format.lower()
    stem = "".join(character for character in path.stem if character.isascii() and character.isalnum()) or "picture"
    cid = f"{stem}.{zlib.crc32(document.path.encode(errors='replace'))}@pressroom"
    name = f"{stem}.{'jpg' if subtype == 'jpeg' else subtype}"
    title = one_line(document.name.rpartition(".")[0] or document.name, 120)
    return Picture(cid, name, subtype, path.read_bytes(), width, height, title)


def _open(path: Path) -> Image | None:
    from PIL import Image

    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(f"more than {_MAX_BYTES // 1_000_000} MB")
        image = Image.open(io.BytesIO(path.read_bytes()), formats=_FORMATS)
        if image.width * image.height > _MAX_PIXELS:
            raise ValueError(f"{image.width} x {image.height} pixels")
        image.load()
    except Exception as error:
        # Pillow's decoders raise what they like; a picture is never worth a lost mail
        logging.getLogger("pressroom").warning(
            "picture %s is left out of the mail: %s", path.name, one_line(str(error))
        )
        return None
    return image

"""Pictures that people bring: decoded to prove that they are what they seem to be."""

from __future__ import annotations

import io

MAX_BYTES = 16 * 1024 * 1024
MAX_PIXELS = 40_000_000
"""A picture with more is not decoded: a few bytes can say that it has any number."""
_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "MPO": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


def prove(content: bytes) -> str:
    """Decode a picture.

    Returns:
        Its media type, told from its content.

    Raises:
        ValueError: it is too large, not PNG, JPEG, GIF or WebP, or damaged; the message goes on from what it is of.
    """
    from PIL import Image, UnidentifiedImageError

    if len(content) > MAX_BYTES:
        raise ValueError(f"has {len(content)} bytes; at most {MAX_BYTES} are allowed")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
            width, height = picture.size
            kind = _TYPES[picture.format or ""]
            if width * height <= MAX_PIXELS:
                picture.load()
                return kind
    except UnidentifiedImageError:
        raise ValueError("is no PNG, JPEG, GIF or WebP picture") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError("has too many pixels; make it smaller") from None
    except Exception as error:
        # Pillow's decoders raise what they like of what is damaged
        raise ValueError(f"is a damaged picture: {error}") from error
    raise ValueError(f"has too many pixels ({width} x {height}); make it smaller")

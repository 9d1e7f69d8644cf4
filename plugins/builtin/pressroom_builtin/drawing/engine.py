"""Vega-Lite specification -> SVG, by vl-convert: no browser, no network, limits on memory and time."""

from __future__ import annotations

import os
import threading
from typing import Any

import msgspec

from pressroom import RenderError
from pressroom_builtin.drawing.fonts import FAMILY, font_folders

HEAP_MB = 384
SECONDS = 20
_VERSION = "6.4"
_lock = threading.Lock()
_ready_in = 0


def _configure() -> None:
    """Settings are the process's; a forked child has none of its parent's workers, so it sets up its own."""
    global _ready_in  # noqa: PLW0603 - the library's settings are global as well
    if _ready_in == os.getpid():
        return
    with _lock:
        import vl_convert

        vl_convert.set_font_directories(list(font_folders()))
        vl_convert.configure(
            num_workers=min(4, os.cpu_count() or 1),
            base_url=False,
            allowed_base_urls=[],
            auto_google_fonts=False,
            max_v8_heap_size_mb=HEAP_MB,
            max_v8_execution_time_secs=SECONDS,
            vega_plugins=[],
        )
        _ready_in = os.getpid()


def draw(spec: dict[str, Any], format_locale: dict[str, Any] | None, time_locale: dict[str, Any] | None) -> str:
    """The specification's picture as SVG with text as `<text>`.

    Raises:
        RenderError: the specification is wrong, reaches for an address, or takes too much memory or time.
    """
    _configure()
    import vl_convert

    try:
        text = msgspec.json.encode(spec).decode()
        picture: str = vl_convert.vegalite_to_svg(
            text, vl_version=_VERSION, format_locale=format_locale, time_format_locale=time_locale
        )
    except (ValueError, RuntimeError, OSError, TypeError) as error:
        raise RenderError(f"the chart cannot be drawn: {reason(error)}") from error
    return picture


def reason(error: Exception) -> str:
    """The first telling line of a drawer's error, without its stack."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith("at ")]
    return (told[0] if told else type(error).__name__)[:300]


def svg_font() -> str:
    """The family that every text of a picture is set in."""
    return FAMILY

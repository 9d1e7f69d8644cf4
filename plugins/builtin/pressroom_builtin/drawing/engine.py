"""Vega-Lite specification -> SVG, by vl-convert: no browser, no network, limits on memory and time."""

from __future__ import annotations

import os
import re
import threading
from typing import Any

import msgspec

from pressroom import RenderError
from pressroom.locales import Locale, clean
from pressroom_builtin.drawing.fonts import FAMILIES, LETTERS, font_folders

HEAP_MB = 384
SECONDS = 10
_VERSION = "6.4"
# the shipped font is variable; without this, SVG text of ordinary weight is set in its thinnest cut
_REGULAR = "<svg style=\"font-variation-settings:'wght' 400\" "
_BOLD = "style=\"font-variation-settings:'wght' 700\""
_WEIGHT = re.compile(r'font-weight="(?:bold|[6-9]00)"')
_TEXT = re.compile(r"(<text\b[^>]*>)([^<]*)")
_LATIN = "[!-~\u00a1-\u00ff]*"
_WORD = re.compile(f"{_LATIN}(?:{LETTERS.pattern}+{_LATIN})+")
_OTHER = rf'<tspan font-family="{FAMILIES[1]}">\g<0></tspan>'
_FORBIDDEN = re.compile(r"<(image|a|foreignObject|script)\b")
_lock = threading.Lock()
_ready_in = 0


def _configure() -> None:
    """Settings are the process's; a forked child has none of its parent's workers, so it sets up its own."""
    global _ready_in  # noqa: PLW0603 - the library's settings are global as well
    with _lock:
        if _ready_in == os.getpid():
            return
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


def draw(spec: dict[str, Any], locale: Locale) -> str:
    """The specification's picture as SVG with text as `<text>`.

    Raises:
        RenderError: the specification is wrong, reaches for an address, holds pictures or links, or takes
            too much memory or time.
    """
    _configure()
    import vl_convert

    try:
        text = msgspec.json.encode(spec).decode()
        picture: str = vl_convert.vegalite_to_svg(
            text, vl_version=_VERSION, format_locale=locale.d3_format(), time_format_locale=locale.d3_time()
        )
    except (ValueError, RuntimeError, OSError, TypeError, RecursionError) as error:
        _forget()
        raise RenderError(f"the chart cannot be drawn: {_reason(error)}") from error
    forbidden = _FORBIDDEN.search(picture)
    if forbidden:
        raise RenderError(f"the chart cannot be drawn: <{forbidden[1]}> is not allowed (no pictures, no links)")
    return _WEIGHT.sub(_BOLD, _lettered(picture)).replace("<svg ", _REGULAR, 1)


def _lettered(picture: str) -> str:
    """The picture with words that the first family lacks letters of in the other one: nobody else looks there."""
    if not LETTERS.search(picture):
        return picture
    return _TEXT.sub(lambda text: text[1] + _WORD.sub(_OTHER, text[2]), picture)


def draw_guest(spec: dict[str, Any], locale: Locale) -> str:
    """The same for a specification that is not ours.

    Raises:
        RenderError: as `draw`; also for one that names an address anywhere, even before it is drawn.
    """
    return draw(checked(spec), locale)


def checked(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification that is not ours without what a document cannot hold.

    Raises:
        RenderError: it names an address, or is nested too deeply.
    """
    try:
        cleaned: dict[str, Any] = printable(spec)
        _refuse_addresses(cleaned)
    except RecursionError as error:
        raise RenderError("the chart cannot be drawn: its specification is nested too deeply") from error
    return cleaned


def _forget() -> None:
    """Let the next drawing begin with new workers: a failed one can leave its worker unable to draw anything."""
    global _ready_in  # noqa: PLW0603 - the library's settings are global as well
    with _lock:
        _ready_in = 0


def _refuse_addresses(value: Any, path: str = "spec") -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        place = f"{path}.{key}" if isinstance(value, dict) else f"{path}[{key}]"
        if key in {"url", "href"}:
            raise RenderError(f"the chart cannot be drawn: {place}: addresses are not allowed; put data in values")
        if key not in {"values", "datasets"}:
            _refuse_addresses(item, place)


def printable(value: Any) -> Any:
    """A specification whose texts hold nothing that a document cannot."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value


def _reason(error: Exception) -> str:
    """What a drawer's error says, in one line without its stack."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith("at ")]
    return " ".join(told)[:300] or type(error).__name__

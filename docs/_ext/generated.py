"""Writes the reference pages from the code before Sphinx reads its sources, so that they cannot drift."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import command_pages
import model_pages
import plugin_pages
from sphinx.application import Sphinx

PAGES: dict[str, Callable[[], str]] = {
    "definitions.md": model_pages.definitions_page,
    "configuration.md": model_pages.configuration_page,
    "charts.md": plugin_pages.charts_page,
    "formats.md": plugin_pages.formats_page,
    "channels.md": plugin_pages.channels_page,
    "sources.md": plugin_pages.sources_page,
    "celery.md": plugin_pages.celery_page,
    "fetchers.md": plugin_pages.fetchers_page,
    "cli.md": command_pages.cli_page,
}


def write_pages(app: Sphinx) -> None:
    """Write each page that has changed."""
    folder = Path(app.srcdir) / "reference/generated"
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        text = f"<!-- Generated from the code; changes here are lost. -->\n{make()}"
        path = folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx's entry."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

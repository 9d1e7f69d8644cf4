"""Writes the reference pages from the code before Sphinx reads its sources, so that they cannot drift."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import commands
import models
import plugins
from sphinx.application import Sphinx

PAGES: dict[str, Callable[[], str]] = {
    "definitions.md": models.definitions_page,
    "configuration.md": models.configuration_page,
    "charts.md": plugins.charts_page,
    "formats.md": plugins.formats_page,
    "channels.md": plugins.channels_page,
    "sources.md": plugins.sources_page,
    "hooks.md": plugins.hooks_page,
    "cli.md": commands.cli_page,
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

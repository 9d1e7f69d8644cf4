"""Built-in report formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Renderer, hookimpl


@hookimpl
def register_renderers() -> Sequence[type[Renderer[Any, Any]]]:
    """The renderer classes of this package."""
    from pressroom_builtin.renderers.csv import CsvRenderer
    from pressroom_builtin.renderers.html import HtmlRenderer
    from pressroom_builtin.renderers.image import ImageRenderer
    from pressroom_builtin.renderers.markdown import MarkdownRenderer
    from pressroom_builtin.renderers.pdf import PdfRenderer
    from pressroom_builtin.renderers.xlsx import XlsxRenderer

    return [PdfRenderer, CsvRenderer, ImageRenderer, XlsxRenderer, HtmlRenderer, MarkdownRenderer]

"""Documents that hold a whole edition in one file of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Context, Document, Edition, Renderer
from pressroom_builtin.renderers.names import safe


def name_of(renderer: Renderer[Any, Any], edition: Edition) -> tuple[str, str]:
    """The document's name, and where it lies in the run's folder."""
    name = f"{safe(edition.filename, 'report')}{renderer.suffix}"
    return name, f"{renderer.name}-{name}"


def document_of(
    renderer: Renderer[Any, Any], edition: Edition, context: Context, *, charset: bool, warnings: Sequence[str]
) -> Document:
    """The document that lies there.

    Args:
        charset: True for text, which is in UTF-8.
    """
    name, path = name_of(renderer, edition)
    return Document(
        name=name,
        media_type=f"{renderer.media_type}; charset=utf-8" if charset else renderer.media_type,
        path=path,
        size=(context.folder / path).stat().st_size,
        format=renderer.name,
        section=edition.sections[0].uid if len(edition.sections) == 1 else "",
        warnings=tuple(warnings),
    )

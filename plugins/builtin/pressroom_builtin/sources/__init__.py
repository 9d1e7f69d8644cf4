"""Built-in data sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Source, hookimpl


@hookimpl
def register_sources() -> Sequence[type[Source[Any]]]:
    """The source `files`."""
    from pressroom_builtin.sources.files import FilesSource

    return (FilesSource,)

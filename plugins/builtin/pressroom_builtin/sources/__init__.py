"""Built-in data sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Source, hookimpl


@hookimpl
def register_sources() -> Sequence[type[Source[Any]]]:
    """The sources `files`, `sql` and `growingio`."""
    from pressroom_builtin.sources.files import FilesSource
    from pressroom_builtin.sources.growingio import GrowingioSource
    from pressroom_builtin.sources.sql import SqlSource

    return (FilesSource, SqlSource, GrowingioSource)

"""Options that many commands share, so that they are spelt and explained once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

import typer

T = TypeVar("T")

Project = Annotated[
    str, typer.Option("--project", metavar="UID", help="The project (tenant) that it belongs to.", show_default=True)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text for people.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Show at most so many.")]

DEFAULT_PROJECT = "default"


def limited(items: Sequence[T], limit: int | None) -> list[T]:
    """The first items, where there is a limit."""
    return list(items if limit is None else items[:limit])

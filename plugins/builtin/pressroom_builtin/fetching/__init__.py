"""Getting what an address names without reaching into the network that Pressroom runs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import Fetcher, hookimpl


@hookimpl
def register_fetchers() -> Sequence[type[Fetcher[Any]]]:
    """The fetcher that comes with Pressroom."""
    from pressroom_builtin.fetching.http import HttpFetcher

    return [HttpFetcher]

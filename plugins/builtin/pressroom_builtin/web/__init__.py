"""A dashboard as a page for a browser, made anew for each reader; no scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressroom import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litestar import Router

    from pressroom import Host


@hookimpl
def register_routes(host: Host) -> Sequence[Router]:
    """Everything under `/d`."""
    from pressroom_builtin.web.routes import routes

    return routes(host)

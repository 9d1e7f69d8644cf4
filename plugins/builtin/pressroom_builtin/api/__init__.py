"""`/api/v1`: what neither documented API has: changing dashboards and charts, looking at what a query gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pressroom import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litestar import Router

    from pressroom import Host


@hookimpl
def register_routes(host: Host) -> Sequence[Router]:
    """Everything under `/api/v1`."""
    from pressroom_builtin.api.routes import routes

    return routes(host)
